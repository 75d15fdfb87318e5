/** Schedules as the API shows them, and as a PUT sets them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

const Nothing = workflowOf(async () => "done");

const SETTINGS = { script_name: "s", class_name: "Nothing" };

async function setup(schedules: readonly string[] = []) {
  const stage = await setStage(redis);
  const workflow = stage.engine.register(Nothing, { name: "w", schedules });
  await stage.engine.ready();
  const put = async (rest: object = {}) =>
    await stage.call("/workflows/w", json("PUT", { ...SETTINGS, ...rest }));
  const crons = async () => {
    const { schedules: shown = [] } = (await stage.call("/workflows/w")).body.result;
    return (shown as { cron: string }[]).map(({ cron }) => cron);
  };
  return { ...stage, workflow, put, crons };
}

test("a workflow shows the schedules of its code, and when each is due", async () => {
  const { call } = await setup(["0 6 * * *", "30 7 * * MON-FRI"]);

  const shown = (await call("/workflows/w")).body.result["schedules"];

  expect(shown).toEqual([
    { cron: "0 6 * * *", next_instance: expect.stringMatching(/T06:00:00\.000Z$/) },
    { cron: "30 7 * * MON-FRI", next_instance: expect.stringMatching(/T07:30:00\.000Z$/) },
  ]);
  const [listed] = (await call("/workflows")).body.result as unknown as readonly object[];
  expect(listed).toMatchObject({ schedules: shown });
});

test("a workflow without schedules shows none", async () => {
  const { call } = await setup();

  expect((await call("/workflows/w")).body.result).not.toHaveProperty("schedules");
});

test("a PUT sets schedules in place of those of the code; one without gives these back", async () => {
  const { put, crons } = await setup(["0 6 * * *"]);

  expect((await put({ schedules: [{ cron: "15 7 * * *" }] })).status).toBe(200);
  expect(await crons()).toEqual(["15 7 * * *"]);
  await put({ schedules: [{ cron: "15 7 * * *" }, { cron: "0 0 1 * *" }] });
  expect(await crons()).toEqual(["15 7 * * *", "0 0 1 * *"]);
  await put();
  expect(await crons()).toEqual(["0 6 * * *"]);
});

test("a PUT without schedules takes those away that one before has set", async () => {
  const { put, crons, call } = await setup();
  await put({ schedules: [{ cron: "15 7 * * *" }] });
  expect(await crons()).toEqual(["15 7 * * *"]);

  await put({ schedules: [] });

  expect((await call("/workflows/w")).body.result).not.toHaveProperty("schedules");
});

test("workers without schedules in their code leave those of a PUT in force", async () => {
  const { put, crons, startEngine } = await setup();
  await put({ schedules: [{ cron: "15 7 * * *" }] });
  const other = startEngine();
  other.register(Nothing, { name: "w" });
  await other.ready();

  expect(await crons()).toEqual(["15 7 * * *"]);
});

test("what was put goes with its workflow", async () => {
  const { call, put, crons, startEngine } = await setup();
  await put({ schedules: [{ cron: "15 7 * * *" }] });

  await call("/workflows/w", { method: "DELETE" });

  const other = startEngine();
  other.register(Nothing, { name: "w" });
  await other.ready();
  expect(await crons()).toEqual([]);
});

test.each([
  [[{ cron: "99 * * * *" }], "cron"],
  [[{ cron: "0 6 * * *" }, { cron: "0  6 * * *" }], "twice"],
  [["0 6 * * *"], "schedules"],
])("a PUT refuses schedules that are none: %j", async (schedules, named) => {
  const { put, crons } = await setup();

  const refused = await put({ schedules });

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toContain(named);
  expect(await crons()).toEqual([]);
});
