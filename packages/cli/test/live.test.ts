/** What is told as it happens, and what is on record, line by line. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { startCli } from "./support/cli.ts";
import { CTRL_C, openSession } from "./support/pty.ts";
import { callCli, setStage } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

const CLEAR = "\u001B[2J";

class Orders extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ item?: string; fails?: boolean }>, step: WorkflowStep) {
    const { item = "tea", fails = false } = event.payload;
    await step.do("charge", { retries: { limit: 1, delay: 1 } }, async ({ attempt }) => {
      if (attempt === 1) throw new Error(`no funds${CLEAR}`);
      return item;
    });
    if (fails) throw new Error("lost");
    await step.waitForEvent("payment", { type: "paid" });
    return { item };
  }
}

async function openShop(): Promise<Stage> {
  const stage = setStage(redis);
  stage.engine.register(Orders, { name: "orders" });
  await stage.engine.ready();
  return stage;
}

async function create({ redisFlags }: Stage, id: string, params = "{}"): Promise<void> {
  const created = await callCli([
    "workflows",
    "trigger",
    "orders",
    params,
    "--id",
    id,
    ...redisFlags,
  ]);
  expect(created.code).toBe(0);
}

async function pay({ redisFlags }: Stage, id: string): Promise<void> {
  const sent = ["workflows", "instances", "send-event", "orders", id, "--type", "paid"];
  expect((await callCli([...sent, ...redisFlags])).code).toBe(0);
}

/** Resolves when the instance waits to be paid. */
async function waits(stage: Stage, id: string): Promise<void> {
  await eventually(async () => {
    const { said } = await callCli(["logs", "orders", id, ...stage.redisFlags]);
    expect(said).toContain('payment-1  waits for "paid"');
  });
}

test("logs tells the history of an instance in words, and as it is recorded", async () => {
  const stage = await openShop();
  await create(stage, "o-1");
  await waits(stage, "o-1");

  const { code, said } = await callCli(["logs", "orders", ...stage.redisFlags]);
  expect(code).toBe(0);
  expect(said).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}charge-1 {2}attempt 1 failed: Error: no funds\\x1b\[2J; again in 1 ms$/m,
  );
  expect(said).toMatch(/charge-1 {2}completed with "tea"$/m);
  const json = await callCli(["logs", "orders", "o-1", "--json", ...stage.redisFlags]);
  const types = (JSON.parse(json.said) as { type: string }[]).map(({ type }) => type);
  expect(types.slice(0, 3)).toEqual(["attempt_errored", "step_completed", "wait_started"]);
});

/** What came with an event is no part of the event that says so. */
function withoutPayload(lines: string): string {
  return lines.replace(/got it: .*/, "got it");
}

describe.each(["a server with a token", "Redis"])("at %s", (way) => {
  async function flagsFor(stage: Stage): Promise<readonly string[]> {
    if (way === "Redis") return stage.redisFlags;
    const { url, token } = await stage.startServer();
    return ["--url", url, "--token", token];
  }

  test("logs -f goes on to the end of the instance", async () => {
    const stage = await openShop();
    await create(stage, "o-1");
    const cli = startCli(["logs", "-f", "orders", "latest", ...(await flagsFor(stage))]);
    await eventually(() => expect(cli.output).toContain('payment-1  waits for "paid"'), 30_000);

    await pay(stage, "o-1");
    expect(await cli.ended).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/payment-1 {2}got it\n[^]*completed with {"item":"tea"}\n$/),
    });
    const { said } = await callCli(["logs", "orders", "o-1", ...stage.redisFlags]);
    expect(withoutPayload((await cli.ended).stdout.trim())).toBe(withoutPayload(said));
  });

  test("tail of an instance has a line of JSON for each event, from a place on", async () => {
    const stage = await openShop();
    await create(stage, "o-1", '{"fails":true}');
    const flags = await flagsFor(stage);
    const all = await startCli(["tail", "orders", "o-1", "--json", ...flags]).ended;

    expect(all.code).toBe(0);
    const events = all.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { eventId: number; type: string });
    expect(events.at(0)?.type).toBe("workflow_queued");
    expect(events.at(-1)?.type).toBe("workflow_errored");
    const { eventId = 0 } = events.at(-2) ?? {};
    const rest = ["tail", "orders", "o-1", "--json", "--cursor", String(eventId), ...flags];
    expect((await startCli(rest).ended).stdout.trim().split("\n")).toHaveLength(1);
  });

  test("tail of all has the changes of statuses, until Ctrl-C", async () => {
    const stage = await openShop();
    const session = openSession([
      "tail",
      "orders",
      "--status",
      "errored",
      ...(await flagsFor(stage)),
    ]);
    await eventually(async () => {
      await create(stage, `o-${Math.random().toString(36).slice(2)}`, '{"fails":true}');
      expect(session.raw).toMatch(/orders {2}o-\w+ .*❌ Errored/);
    }, 30_000);

    session.type(CTRL_C);
    expect(await session.ended).toBe(130);
    expect(session.raw).not.toContain("Completed");
  });
});

test("a connection that breaks is made anew, and nothing is told twice or left out", async () => {
  const stage = await openShop();
  await create(stage, "o-1");
  await waits(stage, "o-1");
  const first = await stage.startServer();
  const cli = startCli([
    "tail",
    "orders",
    "o-1",
    "--json",
    "--url",
    first.url,
    "--token",
    first.token,
  ]);
  await eventually(() => expect(cli.output).toContain("wait_started"), 30_000);

  await first.restart();
  await eventually(() => expect(cli.output).toContain("Connecting again."), 30_000);
  await pay(stage, "o-1");
  const { code, stdout } = await cli.ended;
  expect(code).toBe(0);
  const ids = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { eventId: number }).eventId);
  expect(ids).toEqual(ids.map((_, at) => at + 1));
}, 60_000);

test("nothing that a terminal obeys gets through", async () => {
  const stage = await openShop();
  await create(stage, "o-1", '{"fails":true}');
  for (const command of [["logs", "-f"], ["tail"]]) {
    const session = openSession([...command, "orders", "o-1", ...stage.redisFlags]);
    expect(await session.ended).toBe(0);
    expect(session.raw).toContain("no funds\\x1b[2J");
    expect(session.raw).not.toContain(CLEAR);
  }
});

test("options that do not fit together are refused", async () => {
  const nowhere = ["--redis", "redis://127.0.0.1:9"];

  expect(await callCli(["tail", "orders", "--cursor", "7", ...nowhere])).toMatchObject({ code: 2 });
  expect(await callCli(["tail", "orders", "a", "--status", "errored", ...nowhere])).toMatchObject({
    code: 2,
  });
});
