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

const ORDERS = { binding: "ORDERS", name: "orders", class_name: "OrderWorkflow" };

async function failureOf(files: Readonly<Record<string, unknown>>, args: string[] = []) {
  const directory = await writeProject({
    "wrangler.json": { main: "index.ts", workflows: [ORDERS] },
    ...files,
  });
  const { code, output } = await runCli(["run", directory, "--redis", redisUrl, ...args]);
  expect(code).toBe(1);
  return output;
}

test.each([
  ["does not export it", "export const x = 1;"],
  ["exports something else there", "export const OrderWorkflow = 1;"],
  ["exports something else there", "export const OrderWorkflow = () => {};"],
])("a class that the entry point %s", async (what, source) => {
  const output = await failureOf({ "index.ts": source });

  expect(output).toContain('`workflows[0]` names the class "OrderWorkflow"');
  expect(output).toContain(what);
  expect(output).toContain("(project.missing_export)");
});

test("a source that cannot be built is shown with its place", async () => {
  const output = await failureOf({ "index.ts": 'import { x } from "./gone";\nexport const y = ;' });

  expect(output).toContain("index.ts:2:17");
  expect(output).toContain("(project.build_failed)");
});

test("a package that is not installed, and a module that exists only at Cloudflare", async () => {
  const output = await failureOf({
    "index.ts": 'import "not-installed"; import "cloudflare:sandbox";',
  });

  expect(output).toContain('Could not resolve "not-installed"');
  expect(output).toContain('"cloudflare:sandbox" does not exist off Cloudflare');
});

test("a source that throws while it loads is shown with its own lines", async () => {
  const output = await failureOf({
    "index.ts": 'const text: string = "x";\n\nthrow new Error("no " + text);',
  });

  expect(output).toContain("cannot be loaded: no x");
  expect(output).toContain("index.ts:3");
  expect(output).toContain("(project.load_failed)");
});

test("a workflow that is called while the project loads", async () => {
  const output = await failureOf({
    "index.ts": `
      import { env, WorkflowEntrypoint } from "cloudflare:workers";
      export class OrderWorkflow extends WorkflowEntrypoint {}
      await env.ORDERS.create();
    `,
  });

  expect(output).toContain('"orders" was called while the project loads');
});

test("a retention that the engine refuses is traced to its place", async () => {
  const workflow = { ...ORDERS, default_retention: { success_retention: "soon" } };
  const output = await failureOf({
    "wrangler.json": { main: "index.ts", workflows: [workflow] },
    "index.ts": `
      import { WorkflowEntrypoint } from "cloudflare:workers";
      export class OrderWorkflow extends WorkflowEntrypoint { async run() {} }
    `,
  });

  expect(output).toContain("wrangler.json: `workflows[0]`: ");
  expect(output).toContain("(project.invalid_config)");
});

test("bindings that are none", async () => {
  const file = await writeProject({ "bindings.ts": "export const binding = {};" });
  const output = await failureOf({ "index.ts": "" }, ["--bindings", `${file}/bindings.ts`]);

  expect(output).toContain("must have `export const bindings`");
  expect(output).toContain("got `undefined`");
});

test("a port that is taken", async () => {
  const other = createServer().listen(0, "localhost");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const output = await failureOf(
    {
      "wrangler.json": { main: "index.ts" },
      "index.ts": "export default { fetch: () => new Response() };",
    },
    ["--port", String(port)],
  );

  expect(output).toContain(`Cannot listen on port ${port} of localhost`);
});

test("a Redis that is not there", async () => {
  const directory = await writeProject({ "wrangler.json": { main: "index.ts" }, "index.ts": "" });
  const { code, output } = await runCli(["run", directory, "--redis", "redis://127.0.0.1:1"]);

  expect(code).toBe(1);
  expect(output).toContain("(server.unreachable)");
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

test("calls that make no sense", async () => {
  expect(await runCli([])).toMatchObject({ code: 1, output: expect.stringContaining("Usage") });
  expect(await runCli(["help"])).toMatchObject({ code: 0 });
  expect(await runCli(["fly"])).toMatchObject({ code: 1 });
  const help = await runCli(["run", "--help"]);
  expect(help).toMatchObject({ code: 0, output: expect.stringContaining("--bindings <file>") });
  const flag = await runCli(["run", "--colour", "red"]);
  expect(flag).toMatchObject({ code: 1, output: expect.stringContaining("--colour") });
  const port = await runCli(["run", "--port", "http"]);
  expect(port.output).toContain("Expected `--port` to be a number from 0 to 65535, got `http`");
});
