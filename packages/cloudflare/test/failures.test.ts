/** Projects that cannot be run, and what is said about them. One process tries them all. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { writeProject } from "./support/write-project.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
}

const RUN_PROJECTS = fileURLToPath(new URL("support/run-projects.ts", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const ORDERS = { binding: "ORDERS", name: "orders", class_name: "OrderWorkflow" };
const ORDER_WORKFLOW = `
  import { WorkflowEntrypoint, env } from "cloudflare:workers";
  export class OrderWorkflow extends WorkflowEntrypoint { async run() {} }
`;

async function tryAll(...paths: readonly string[]): Promise<(Failure | null)[]> {
  const redis = await startRedis();
  try {
    const flags = ["--conditions=@bullmq-workflows/source", "--no-warnings", "--import", TSX];
    const args = [...flags, RUN_PROJECTS, `redis://127.0.0.1:${redis.port}`, ...paths];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as (Failure | null)[];
  } finally {
    await redis.stop();
  }
}

async function write(source: string, workflow: object = {}): Promise<string> {
  const config = { main: "index.ts", workflows: [{ ...ORDERS, ...workflow }] };
  return await writeProject({ "wrangler.json": config, "index.ts": source });
}

test("each is refused with a code, and with what and where", { timeout: 60_000 }, async () => {
  const bindings = await writeProject({ "bindings.ts": "export const binding = {};" });
  const failures = await tryAll(
    await write(ORDER_WORKFLOW),
    await write("export const other = 1;"),
    await write("export const OrderWorkflow = 1;"),
    await write("export const OrderWorkflow = () => {};"),
    await write('import { x } from "./gone";\nexport const y = ;'),
    await write('import "not-installed"; import "cloudflare:sandbox";'),
    await write(`${ORDER_WORKFLOW} await env.ORDERS.create();`),
    await write(ORDER_WORKFLOW, { default_retention: { success_retention: "soon" } }),
    await write(ORDER_WORKFLOW, { schedules: "every day" }),
    `${bindings}/bindings.ts`,
  );

  const named = '`workflows[0]` names the class "OrderWorkflow", and the entry point ';
  const somethingElse = "exports something else there";
  expect(failures).toEqual([
    null,
    failure("project.missing_export", `${named}does not export it`),
    failure("project.missing_export", `${named}${somethingElse}`),
    failure("project.missing_export", `${named}${somethingElse}`),
    failure("project.build_failed", "index.ts:2:17"),
    failure("project.build_failed", 'Could not resolve "not-installed"'),
    failure("project.still_loading", '"orders" was called while the project loads'),
    failure("project.invalid_config", "wrangler.json: `workflows[0]`: "),
    failure("project.invalid_config", "every day"),
    failure("project.invalid_option", "must have `export const bindings`"),
  ]);
  expect(failures[5]?.message).toContain('"cloudflare:sandbox" does not exist off Cloudflare');
});

function failure(code: string, text: string): unknown {
  return { code, message: expect.stringContaining(text) };
}
