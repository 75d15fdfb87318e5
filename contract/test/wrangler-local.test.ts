/** `wrangler workflows … --local`, which talks to the local explorer's API, as `wrangler dev` has it. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../packages/bullmq-workflows/test/support/eventually.ts";
import { startProject } from "./support/mount.ts";
import { createWaiting, openStage, until } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";
import { openWrangler } from "./support/wrangler.ts";
import type { Run, Wrangler } from "./support/wrangler.ts";

let stage: Stage;
let wrangler: Wrangler;

beforeAll(async () => {
  stage = await openStage({ localExplorer: true });
  wrangler = await openWrangler({});
});

afterAll(async () => {
  await wrangler.close();
  await stage.close();
});

const here = (): string[] => ["--local", "--port", new URL(stage.url).port];

const run = async (...args: string[]): Promise<Run> =>
  await wrangler.run(["workflows", ...args, ...here()]);

const json = async (...args: string[]): Promise<unknown> =>
  await wrangler.json(["workflows", ...args, ...here()]);

test("workflows are listed and described, and triggered", async () => {
  const triggered = await run("trigger", "orders", '{"sum":2}', "--id", "first");
  await until(stage.orders, "first", "waiting");

  expect(triggered.code).toBe(0);
  expect(triggered.stdout).toContain('Workflow instance "first" has been triggered successfully');
  expect((await run("list")).stdout).toMatch(/orders\s*│\s*bullmq-workflows\s*│\s*OrderWorkflow/);
  expect(await json("list")).toMatchObject([{ name: "orders", class_name: "OrderWorkflow" }]);
  expect((await run("describe", "orders")).stdout).toMatch(/Class Name:\s+OrderWorkflow/);
  expect(await json("describe", "orders")).toMatchObject({ name: "orders" });
});

test("an instance lives through all that can be done to it", async () => {
  await createWaiting(stage.orders, "life", { sum: 3 });
  const instances = async (command: string, ...args: string[]): Promise<Run> =>
    await run("instances", command, "orders", ...args);

  expect((await instances("list")).stdout).toMatch(/life\s*│.*⏰ Waiting/);
  expect(await json("instances", "list", "orders", "--per-page", "1")).toMatchObject([
    { id: "life", status: "waiting" },
  ]);
  expect((await instances("pause", "life")).stdout).toContain("paused successfully");
  await until(stage.orders, "life", "paused");
  expect((await instances("resume", "latest")).stdout).toContain("resumed successfully");
  await until(stage.orders, "life", "waiting");
  const sent = await instances("send-event", "life", "--type", "paid", "--payload", '{"by":"Di"}');
  expect(sent.stdout).toContain('sent to the instance "life"');
  await until(stage.orders, "life", "complete");
  const described = await instances("describe", "life");
  expect(described.stdout).toMatch(/Status:\s+✅ Completed/);
  expect(described.stdout).toMatch(/Name:\s+ship-1/);
  expect(await json("instances", "describe", "orders", "life")).toMatchObject({
    id: "life",
    output: { total: 3, by: "Di" },
    steps: [{ output: { total: 3 } }, {}, { output: { payload: { by: "Di" } } }, {}],
  });
  const from = ["--from-step-name", "payment", "--from-step-type", "waitForEvent"];
  expect((await instances("restart", "life", ...from)).stdout).toContain("restarted successfully");
  await until(stage.orders, "life", "waiting");
  const terminated = await instances("terminate", "life", "--rollback");
  expect(terminated.stdout).toContain("terminated successfully");
  await until(stage.orders, "life", "terminated");
  expect((await instances("delete", "life")).stdout).toContain("Deleted workflow instances");
});

test("what is not there is said in the explorer's words", async () => {
  const { code, stderr } = await run("instances", "describe", "orders", "nowhere");

  expect(code).toBe(1);
  expect(stderr).toContain("Local API error: Workflow instance 'nowhere' not found.");
});

test("delete deletes the instances", async () => {
  await createWaiting(stage.orders, "doomed");

  expect((await run("delete", "orders")).code).toBe(0);

  await eventually(async () => expect(await stage.orders.list({ limit: 1 })).toEqual({ ids: [] }));
});

test("`bullmq-workflows run` answers it on the project's own port", async () => {
  const starter = fileURLToPath(new URL("../../examples/cloudflare-starter/", import.meta.url));
  const project = await startProject(starter, stage.redisUrl);
  onTestFinished(async () => void (await project.stop()));
  const there = ["--local", "--port", new URL(project.url).port];
  const order = '{"item":"tea","count":2}';
  const known = await wrangler.json(["workflows", "list", ...there]);
  await wrangler.run(["workflows", "trigger", "orders", order, "--id", "tea", ...there]);
  const describe = ["workflows", "instances", "describe", "orders", "tea"];
  const { status } = (await wrangler.json([...describe, ...there])) as { status: string };

  const script_name = "cloudflare-starter";
  expect(known).toEqual([{ name: "orders", class_name: "OrderWorkflow", script_name }]);
  expect(["running", "waiting", "complete"]).toContain(status);
});

test("wrangler wanted to go nowhere else", () => {
  expect(wrangler.elsewhere).toEqual([]);
});
