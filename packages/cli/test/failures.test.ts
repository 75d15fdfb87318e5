/** What goes wrong before a project runs, and what is said about it. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "../../cloudflare/test/support/write-project.ts";
import { runCli, startProject } from "./support/cli.ts";

let redis: TestRedis;
let redisUrl: string;

beforeAll(async () => {
  redis = await startRedis();
  redisUrl = `redis://127.0.0.1:${redis.port}`;
});

afterAll(async () => await redis.stop());

async function failureOf(files: Readonly<Record<string, unknown>>, args: string[] = []) {
  const directory = await writeProject({
    "wrangler.json": { main: "index.ts" },
    ...files,
  });
  const { code, output } = await runCli(["run", directory, "--redis", redisUrl, ...args]);
  expect(code).toBe(1);
  return output;
}

test("a source that throws while it loads is shown with its own lines", async () => {
  const output = await failureOf({
    "index.ts": 'const text: string = "x";\n\nthrow new Error("no " + text);',
  });

  expect(output).toContain("cannot be loaded: no x");
  expect(output).toContain("index.ts:3");
  expect(output).toContain("(project.load_failed)");
});

test("a port that is taken", async () => {
  const other = createServer().listen(0, "localhost");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const output = await failureOf(
    { "index.ts": "export default { fetch: () => new Response() };" },
    ["--port", String(port)],
  );

  expect(output).toContain(`Cannot listen on port ${port} of localhost`);
});

test("a Redis that is not there", async () => {
  const directory = await writeProject({ "wrangler.json": { main: "index.ts" }, "index.ts": "" });
  const { code, output } = await runCli(["run", directory, "--redis", "redis://127.0.0.1:1"]);

  expect(code).toBe(5);
  expect(output).toContain("(server.unreachable)");
});

test("a file of bindings that does not exist", async () => {
  const output = await failureOf({ "index.ts": "" }, ["--bindings", "nowhere/bindings.ts"]);

  expect(output).toMatch(/The file of bindings \S+nowhere\/bindings\.ts does not exist/);
});

test("an instance that errors is a line with the workflow, the id and the error", async () => {
  const directory = await writeProject({
    "wrangler.json": {
      main: "index.ts",
      workflows: [{ binding: "PAY", name: "pay", class_name: "Pay" }],
    },
    "index.ts": `
      import { WorkflowEntrypoint } from "cloudflare:workers";
      export class Pay extends WorkflowEntrypoint {
        async run() { throw new RangeError("no funds"); }
      }
      export default {
        async fetch(_request: Request, env: { PAY: Workflow }) {
          await env.PAY.create({ id: "p-1" });
          return new Response("created");
        },
      };
    `,
  });
  const project = await startProject(directory, redisUrl);

  await project.call("/");
  await eventually(() => {
    expect(project.output).toMatch(/^warn: pay: instance "p-1" errored: RangeError: no funds$/m);
  });
  expect(project.output).toMatch(/^warn: Redis is of durability grade [CDF]\. [^{]+$/m);
});

test("a handler that throws, or answers with no response, is a 500 and a line with the error", async () => {
  const directory = await writeProject({
    "wrangler.json": { main: "index.ts" },
    "index.ts": `
      export default {
        fetch(request: Request) {
          if (request.url.endsWith("/nothing")) return undefined;
          throw new TypeError("no such order");
        },
      };
    `,
  });
  const project = await startProject(directory, redisUrl);

  expect((await project.call("/orders/7")).status).toBe(500);
  expect((await project.call("/nothing")).status).toBe(500);
  await eventually(() => {
    expect(project.output).toContain("/orders/7 failed: TypeError: no such order");
    expect(project.output).toContain("index.ts:5");
    expect(project.output).toContain("`fetch` must answer with a Response, got `undefined`");
  });
});
