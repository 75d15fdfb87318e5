import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { startProject } from "./support/cli.ts";
import type { RunningProject } from "./support/cli.ts";

let redis: TestRedis;
let redisUrl: string;

beforeAll(async () => {
  redis = await startRedis();
  redisUrl = `redis://127.0.0.1:${redis.port}`;
});

afterAll(async () => await redis.stop());

const GREET = { binding: "GREET", name: "greet", class_name: "Greet" };

/** Routes that most projects here have: POST creates an instance and answers with its id, GET with its status. */
const ROUTES = `
  export async function route(request, binding) {
    const url = new URL(request.url);
    if (request.method === "POST") {
      const instance = await binding.create({ params: await request.json() });
      return Response.json({ id: instance.id });
    }
    const instance = await binding.get(url.searchParams.get("id"));
    return Response.json(await instance.status());
  }
`;

async function runToEnd(project: RunningProject, params: unknown): Promise<unknown> {
  const { body } = await project.call("/", { method: "POST", body: JSON.stringify(params) });
  return await statusAtEnd(project, (body as { id: string }).id);
}

async function statusAtEnd(project: RunningProject, id: string): Promise<unknown> {
  return await eventually(async () => {
    const { body } = await project.call(`/?id=${id}`);
    expect(body).toHaveProperty("status", expect.stringMatching(/complete|errored/));
    return body;
  });
}

test("a workflow finds vars, secrets, bindings, exports and its context", async () => {
  const directory = await writeProject({
    "wrangler.jsonc": {
      name: "greeter",
      main: "src/index.js",
      vars: { GREETING: "Hello", STYLE: { loud: true } },
      workflows: [GREET],
      exports: { Other: { type: "workflow", name: "other" } },
    },
    ".dev.vars": "SECRET=s3cret",
    "src/routes.js": ROUTES,
    "src/index.js": `
      import { WorkflowEntrypoint, env, exports, waitUntil } from "cloudflare:workers";
      import { route } from "./routes.js";
      const greetingAtTheTop = env.GREETING;
      const background = [];
      export class Other extends WorkflowEntrypoint {
        async run() { return "other"; }
      }
      export class Greet extends WorkflowEntrypoint {
        count = 0;
        constructor(ctx, env) { super(ctx, env); this.made = Object.keys(env).toSorted(); }
        async run(event, step) {
          this.ctx.waitUntil(Promise.resolve().then(() => background.push("ctx")));
          waitUntil(Promise.resolve().then(() => background.push("module")));
          await step.sleep("a moment", 10);
          const other = await step.do("start other", async () => {
            const instance = await this.ctx.exports.Other.create({ id: event.payload.id });
            return instance.id;
          });
          return {
            other, background, greetingAtTheTop,
            text: env.GREETING + " " + event.payload.name + this.env.STYLE.loud,
            made: this.made, secret: this.env.SECRET,
            sameBinding: this.env.GREET === env.GREET,
            exported: Object.keys(exports).toSorted(),
            keys: Object.keys(event),
          };
        }
      }
      export default { fetch: (request, env) => route(request, env.GREET) };
    `,
  });
  const project = await startProject(directory, redisUrl);

  expect(await runToEnd(project, { name: "Ada", id: "other-1" })).toMatchObject({
    status: "complete",
    output: {
      other: "other-1",
      background: ["ctx", "module"],
      greetingAtTheTop: "Hello",
      text: "Hello Adatrue",
      made: ["GREET", "GREETING", "SECRET", "STYLE"],
      secret: "s3cret",
      sameBinding: true,
      exported: ["Greet", "Other"],
      keys: ["timestamp", "payload", "instanceId", "workflowName"],
    },
  });
  expect(project.output).toContain("greet: env.GREET, runs Greet here");
  expect(project.output).toContain("other: ctx.exports.Other, runs Other here");
});

test("bindings of a file complete env, and one that is missing says so when it is used", async () => {
  const directory = await writeProject({
    "wrangler.json": {
      main: "index.js",
      vars: { PREFIX: "kept: " },
      kv_namespaces: [{ binding: "CACHE" }, { binding: "SESSIONS" }],
    },
    "index.js": `
      export default {
        async fetch(request, env) {
          const { pathname } = new URL(request.url);
          if (pathname === "/missing") {
            if (!env.SESSIONS) throw new Error("It is not even there");
            return new Response(await env.SESSIONS.get("x"));
          }
          await env.CACHE.put("key", "value");
          return new Response(await env.CACHE.get("key"));
        },
      };
    `,
    "bindings.ts": `
      import { appendFileSync } from "node:fs";
      import { fileURLToPath } from "node:url";
      interface Context { vars: { PREFIX: string }; onClose(callback: () => void): void }
      export const bindings = async ({ vars, onClose }: Context) => {
        const values = new Map<string, string>();
        onClose(() => appendFileSync(fileURLToPath(new URL("closed.txt", import.meta.url)), "yes"));
        return {
          CACHE: {
            put: async (key: string, value: string) => void values.set(key, vars.PREFIX + value),
            get: async (key: string) => values.get(key),
          },
        };
      };
    `,
  });
  const project = await startProject(directory, redisUrl, [
    "--bindings",
    `${directory}/bindings.ts`,
  ]);

  expect(await project.call("/")).toEqual({ status: 200, body: "kept: value" });
  expect(await project.call("/missing")).toEqual({ status: 500, body: "Internal Server Error\n" });
  expect(project.output).toContain("env.SESSIONS (KV namespace) is declared and not given");
  await eventually(() => {
    expect(project.output).toMatch(/env\.SESSIONS \(KV namespace\) is declared by the project/);
    expect(project.output).toContain("`--bindings <file>`");
  });
  await project.stop();
  expect(await readFile(`${directory}/closed.txt`, "utf8")).toBe("yes");
});

test("a workflow of another project is created and commanded from here, and runs there", async () => {
  const prefix = ["--prefix", "two-projects"];
  const runner = await writeProject({
    "wrangler.json": { name: "runner", main: "index.js", workflows: [GREET] },
    "index.js": `
      import { WorkflowEntrypoint } from "cloudflare:workers";
      export class Greet extends WorkflowEntrypoint {
        async run(event, step) { return await step.do("who", async () => this.env.constructor.name + process.pid); }
      }
      export default { fetch: () => Response.json(process.pid) };
    `,
  });
  const caller = await writeProject({
    "wrangler.json": {
      name: "caller",
      main: "index.js",
      workflows: [{ ...GREET, script_name: "runner" }],
    },
    "routes.js": ROUTES,
    "index.js": `
      import { route } from "./routes";
      export default { fetch: (request, env) => route(request, env.GREET) };
    `,
  });
  const there = await startProject(runner, redisUrl, prefix);
  const here = await startProject(caller, redisUrl, prefix);

  const { body: pid } = await there.call("/");
  expect(await runToEnd(here, {})).toMatchObject({ output: `Object${String(pid)}` });
  expect(here.output).toContain('greet: env.GREET, runs in "runner"');
});

test("a class as default export answers requests, and can be called through ctx.exports", async () => {
  const directory = await writeProject({
    "wrangler.json": { main: "index.ts", vars: { COLOR: "red" } },
    "index.ts": `
      import { WorkerEntrypoint } from "cloudflare:workers";
      interface Env { COLOR: string }
      export class Painter extends WorkerEntrypoint<Env, { shade: string }> {
        paint(what: string): string {
          return what + " in " + (this.ctx.props.shade ?? "plain") + " " + this.env.COLOR;
        }
      }
      export default class extends WorkerEntrypoint<Env> {
        async fetch(request: Request): Promise<Response> {
          const copy = new Request(request, { headers: { copied: "yes" } });
          return Response.json({
            method: copy.method, copied: copy.headers.get("copied"), body: await copy.text(),
            plain: await this.ctx.exports.Painter.paint("a door"),
            dark: await this.ctx.exports.Painter({ props: { shade: "dark" } }).paint("a wall"),
          });
        }
      }
    `,
  });
  const project = await startProject(directory, redisUrl);

  expect((await project.call("/", { method: "PUT", body: "data" })).body).toEqual({
    method: "PUT",
    copied: "yes",
    body: "data",
    plain: "a door in plain red",
    dark: "a wall in dark red",
  });
});

test("a named environment runs with its own workflows and variables", async () => {
  const directory = await writeProject({
    "wrangler.json": {
      name: "shop",
      main: "index.js",
      vars: { STAGE: "local" },
      triggers: { crons: ["* * * * *"] },
      env: { live: { vars: { STAGE: "live" } } },
    },
    "index.js": `
      export default {
        fetch: (request, env) => new Response(env.STAGE),
        async scheduled() {},
      };
    `,
  });
  const project = await startProject(directory, redisUrl, ["--env", "live"]);

  expect((await project.call("/")).body).toBe("live");
  expect(project.output).toContain("shop-live");
  expect(project.output).toContain("nothing calls the project's `scheduled` handler");
});

test("schedules are declared, and variables are in process.env where Cloudflare has them", async () => {
  const directory = await writeProject({
    "wrangler.json": {
      main: "index.js",
      compatibility_date: "2026-11-01",
      compatibility_flags: ["nodejs_compat"],
      vars: { COLOR: "red", SHAPE: { corners: 3 } },
      workflows: [{ ...GREET, schedules: ["0 3 * * MON", "30 4 1 * *"] }],
    },
    "index.js": `
      import { WorkflowEntrypoint } from "cloudflare:workers";
      export class Greet extends WorkflowEntrypoint { async run() {} }
      export default { fetch: () => Response.json([process.env.COLOR, process.env.SHAPE]) };
    `,
  });
  const project = await startProject(directory, redisUrl, ["--prefix", "scheduled"]);

  expect((await project.call("/")).body).toEqual(["red", '{"corners":3}']);
  const declared = await redis.connect().hgetall("{scheduled:greet:0}:schedules");
  expect(JSON.stringify(declared)).toMatch(/0 3 \* \* MON.*30 4 1 \* \*/);
});

test("a shutdown waits for requests, running steps, and what was given to waitUntil", async () => {
  const directory = await writeProject({
    "wrangler.json": { main: "index.js", workflows: [GREET] },
    "index.js": `
      import { appendFileSync } from "node:fs";
      import { WorkflowEntrypoint } from "cloudflare:workers";
      const write = (line) => appendFileSync(new URL("lines.txt", import.meta.url), line + "\\n");
      const soon = () => new Promise((resolve) => setTimeout(resolve, 300));
      export class Greet extends WorkflowEntrypoint {
        async run(event, step) {
          await step.do("slow", async () => { write("step began"); await soon(); write("step ended"); });
        }
      }
      export default {
        async fetch(request, env, ctx) {
          ctx.waitUntil(soon().then(soon).then(() => write("background ended")));
          await env.GREET.create();
          await soon();
          return new Response("answered");
        },
      };
    `,
  });
  const project = await startProject(directory, redisUrl);
  const answer = project.call("/");
  const read = async () => (await readFile(`${directory}/lines.txt`, "utf8")).split("\n");
  await eventually(async () => expect(await read()).toContain("step began"));

  expect(await project.stop("SIGINT")).toMatchObject({ code: 0 });
  expect((await answer).body).toBe("answered");
  expect(await read()).toEqual(expect.arrayContaining(["step ended", "background ended"]));
});
