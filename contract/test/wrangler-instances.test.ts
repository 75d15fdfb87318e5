/** `wrangler workflows instances …` against a server of ours, on instances that run. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT, createWaiting, openStage, until, settingsOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";
import { openWrangler } from "./support/wrangler.ts";
import type { Run, Wrangler } from "./support/wrangler.ts";

let stage: Stage;
let wrangler: Wrangler;

beforeAll(async () => {
  stage = await openStage();
  wrangler = await openWrangler({ ...(await settingsOf(stage)), ...ACCOUNT });
});

afterAll(async () => {
  await wrangler.close();
  await stage.close();
});

const run = async (command: string, ...args: string[]): Promise<Run> =>
  await wrangler.run(["workflows", "instances", command, "orders", ...args]);

const json = async (command: string, ...args: string[]): Promise<unknown> =>
  await wrangler.json(["workflows", "instances", command, "orders", ...args]);

const ids = (list: unknown): string[] => (list as { id: string }[]).map(({ id }) => id);

test("a life: described, paused, resumed, sent an event, and described again", async () => {
  await createWaiting(stage.orders, "life", { sum: 3 });

  const waiting = await run("describe", "life");
  expect(waiting.code).toBe(0);
  expect(waiting.stdout).toMatch(/Status:\s+⏰ Waiting/);
  expect(waiting.stdout).toMatch(/Name:\s+add up-1\n\s+Type:\s+🎯 Step/);
  expect(waiting.stdout).toMatch(/Name:\s+rest-1\n\s+Type:\s+💤 Sleeping/);
  expect(waiting.stdout).toMatch(/Name:\s+payment-1\n\s+Type:\s+👀 Waiting for event/);

  const paused = await run("pause", "life");
  expect(paused.stdout).toContain('The instance "life" from orders was paused successfully');
  await until(stage.orders, "life", "paused");
  const resumed = await run("resume", "life");
  expect(resumed.stdout).toContain('The instance "life" from orders was resumed successfully');
  await until(stage.orders, "life", "waiting");

  const sent = await run("send-event", "life", "--type", "paid", "--payload", '{"by":"Ann"}');
  expect(sent.stdout).toContain('The event with type "paid" and payload "{"by":"Ann"}" was sent');
  await until(stage.orders, "life", "complete");

  const complete = await run("describe", "life", "--truncate-output-limit", "5");
  expect(complete.stdout).toMatch(/Status:\s+✅ Completed/);
  expect(complete.stdout).toMatch(/Success:\s+✅ Yes/);
  expect(complete.stdout).toMatch(/Trigger:\s+🔗 Binding/);
  expect(complete.stdout).toMatch(/Last Successful Step:\s+ship-1/);
  expect(complete.stdout).toContain("[...output truncated]");
  expect(complete.stdout).toContain("TypeError: no ship today");
  const described = await json("describe", "life");
  expect(described).toMatchObject({
    id: "life",
    status: "complete",
    success: true,
    output: '{"total":3,"by":"Ann"}',
    steps: [
      { name: "add up-1", success: true },
      { name: "rest-1", finished: true },
      { name: "payment-1", finished: true },
      { name: "ship-1", attempts: [{ success: false }, { success: true }] },
    ],
  });
});

test("latest is the instance that was created last, for every command that takes an id", async () => {
  await createWaiting(stage.orders, "older");
  await createWaiting(stage.orders, "newest");

  expect(await json("describe")).toMatchObject({ id: "newest", status: "waiting" });
  expect((await run("pause", "latest")).stdout).toContain('"newest" from orders was paused');
  expect((await run("resume", "latest")).stdout).toContain('"newest" from orders was resumed');
  const sent = await run("send-event", "latest", "--type", "paid", "--payload", '{"by":"Bo"}');
  expect(sent.stdout).toContain('sent to the instance "newest"');
  await until(stage.orders, "newest", "complete");
  expect((await run("restart", "latest")).stdout).toContain('"newest" from orders was restarted');
  await until(stage.orders, "newest", "waiting");
  expect((await run("terminate", "latest")).stdout).toContain(
    '"newest" from orders was terminated',
  );
  await until(stage.orders, "newest", "terminated");
  expect((await run("delete", "latest")).stdout).toContain(
    'Deleted workflow instances from "orders": "newest"',
  );
  await expect(stage.orders.get("newest")).rejects.toThrow("not_found");
});

test("list: as a table, by status, by date, by page, and in reverse", async () => {
  for (const id of ["list-1", "list-2", "list-3"]) await createWaiting(stage.orders, id);
  await (await stage.orders.get("list-2")).terminate();

  const table = await run("list", "--per-page", "2");
  expect(table.stdout).toContain("Showing 2 instances from page 1:");
  expect(table.stdout).toMatch(/list-3\s*│\s*[0-9a-f-]+.*⏰ Waiting/);
  expect(table.stdout).toMatch(/list-2\s*│\s*[0-9a-f-]+.*🚫 Terminated/);
  expect(ids(await json("list", "--per-page", "1", "--page", "3"))).toEqual(["list-1"]);
  expect(ids(await json("list", "--per-page", "3", "--reverse"))).toEqual([
    "list-1",
    "list-2",
    "list-3",
  ]);
  expect(ids(await json("list", "--status", "terminated"))).toContain("list-2");
  expect(ids(await json("list", "--status", "errored"))).toEqual([]);
  expect(ids(await json("list", "--date-start", "2020-01-01", "--date-end", "2020-01-02"))).toEqual(
    [],
  );
  const today = new Date().toISOString().slice(0, 10);
  expect(ids(await json("list", "--date-start", today, "--date-end", today))).toContain("list-3");
});

test("restart begins from the top, or from a step", async () => {
  await createWaiting(stage.orders, "again");
  await (await stage.orders.get("again")).sendEvent({ type: "paid", payload: { by: "Cy" } });
  await until(stage.orders, "again", "complete");

  const from = ["--from-step-name", "ship", "--from-step-count", "1", "--from-step-type", "do"];
  const restarted = await run("restart", "again", ...from);
  expect(restarted.stdout).toContain('The instance "again" from orders was restarted successfully');
  // What was before the step is kept, so nobody has to pay again.
  await until(stage.orders, "again", "complete");

  expect((await run("restart", "again")).code).toBe(0);
  await until(stage.orders, "again", "waiting");
});

test("terminate ends an instance, and undoes its steps if it is to", async () => {
  await createWaiting(stage.orders, "plain");
  await createWaiting(stage.orders, "undone");

  expect((await run("terminate", "plain")).code).toBe(0);
  expect((await run("terminate", "undone", "--rollback")).code).toBe(0);

  await until(stage.orders, "undone", "terminated");
  expect(await json("describe", "plain")).toMatchObject({ status: "terminated", rollback: null });
  expect(await json("describe", "undone")).toMatchObject({ rollback: { outcome: "complete" } });
  // It knows no rollbacks in its tables, and does not trip over them.
  expect(await run("describe", "undone")).toMatchObject({ code: 0 });
  const again = await run("terminate", "plain");
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("instance.cannot_terminate [code: 10401]");
});

test("delete takes several ids, and a file of them, and tells which were not there", async () => {
  for (const id of ["gone-1", "gone-2", "gone-3"]) await createWaiting(stage.orders, id);
  const file = join(wrangler.directory, "ids.json");
  await writeFile(file, JSON.stringify(["gone-2", "gone-3"]));

  const some = await run("delete", "gone-1", "never-there");
  const rest = await run("delete", "--filename", file);

  expect(some.code).toBe(1);
  expect(some.stdout).toContain('"gone-1"');
  expect(some.stderr).toContain("never-there: workflows.api.error.instance.not_found");
  expect(rest.code).toBe(0);
  expect(rest.stdout).toContain('"gone-2", "gone-3"');
});

test("an instance that is not there, and an event to one that has ended, are refused", async () => {
  await createWaiting(stage.orders, "ended");
  await (await stage.orders.get("ended")).terminate();

  const missing = await run("describe", "nowhere");
  const late = await run("send-event", "ended", "--type", "paid");

  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("instance.not_found [code: 10400]");
  expect(late.code).toBe(1);
  expect(late.stderr).toContain("[code: 10406]");
});

test("terminate-all begins to terminate what has not ended", async () => {
  await createWaiting(stage.orders, "all-1");
  await createWaiting(stage.orders, "all-2");

  const waiting = await run("terminate-all", "--status", "waiting");

  expect(waiting.code).toBe(0);
  expect(waiting.stdout).toContain("A job to terminate instances");
  await until(stage.orders, "all-1", "terminated");
  await until(stage.orders, "all-2", "terminated");
});

test("wrangler wanted to go nowhere else", () => {
  expect(wrangler.elsewhere).toEqual([]);
});
