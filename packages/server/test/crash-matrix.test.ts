/**
 * A server dies after each write of its own in turn: what was begun is ended by another one, once.
 *
 * It is asked to make a workflow known with a schedule, to send an event to all instances, and by what comes
 * of that to tell a webhook. In between two writes is after the first of them, so that each gap has its cell.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { DyingOrder } from "./fixtures/dying-server.ts";
import { startReceiver } from "./support/receiver.ts";
import type { Receiver } from "./support/receiver.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

const SERVER = fileURLToPath(new URL("fixtures/dying-server.ts", import.meta.url));

/** Short, so that the test is; real ones are longer. */
const TAKEOVER_MS = 1_000;

const IDS = ["a", "b", "c"];

const PUT = json("PUT", {
  class_name: "Put",
  script_name: "put",
  concurrency: { limit: 7 },
  schedules: [{ cron: "0 6 * * *" }],
});

const BULK = json("POST", {
  action: "send_event",
  filter: {},
  event: { type: "go", payload: 7 },
  // So that it takes two turns.
  rate: 8,
});

/** Of the store, the dispatcher, the directory, the outbox and the queue of deliveries, as they come. */
const WRITES = [
  "announce",
  "configure",
  "putSchedules",
  "setAlarms",
  "beginJob",
  "sendEvent",
  "dispatch",
  "renewJob",
  "endJob",
  "take",
  "add",
  "drop",
] as const;

let redis: TestRedis;
let next: ChildProcess;

beforeAll(async () => {
  redis = await startRedis();
  next = startChild();
});

afterAll(async () => {
  next.kill("SIGKILL");
  await redis.stop();
});

function startChild(): ChildProcess {
  return fork(SERVER, [], {
    execArgv: ["--conditions=@bullmq-workflows/source", "--import", "tsx"],
  });
}

/** The next one starts while this one is at work. */
async function startDying(prefix: string, verb: string) {
  const child = next;
  onTestFinished(() => void child.kill("SIGKILL"));
  next = startChild();
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  const order: DyingOrder = { redisUrl, prefix, takeover: TAKEOVER_MS, verb };
  child.send(order);
  const died = once(child, "exit");
  const [url] = (await once(child, "message")) as [string];
  return { url, died };
}

async function setup() {
  const webhooks = { allowLoopback: true, takeover: TAKEOVER_MS };
  const stage = await setStage(redis, { webhooks: { ...webhooks, deliver: false } });
  const waiter = stage.engine.register(
    workflowOf(async (step) => (await step.waitForEvent("go", { type: "go" })).payload),
    { name: "w" },
  );
  await stage.engine.ready();
  const receiver = await startReceiver();
  await stage.call("/webhooks", json("POST", { url: receiver.url }));
  for (const id of IDS) await waiter.create({ id });
  await eventually(async () => expect((await waiter.counts()).waiting).toBe(IDS.length));
  const startSurvivor = async () => await stage.startServer({ webhooks });
  return { ...stage, waiter, receiver, startSurvivor };
}

/** `undefined` from a server that dies meanwhile, or has. */
async function ask(url: string, path: string, init: RequestInit): Promise<Response | undefined> {
  const base = `${url}/client/v4/accounts/default`;
  return await fetch(`${base}${path}`, init).catch(() => undefined);
}

test.each(WRITES)("a server that dies after: %s", { timeout: 60_000 }, async (verb) => {
  const stage = await setup();
  const dying = await startDying(stage.prefix, verb);

  const put = await ask(dying.url, "/workflows/put", PUT);
  const begun = await ask(dying.url, "/workflows/w/bulk", BULK);
  await dying.died;
  await endHolds(stage);
  await stage.startSurvivor();
  // As their callers do, who have no answer.
  if (!put) await stage.call("/workflows/put", PUT);
  if (!begun && (await bulksOf(stage)).length === 0) await stage.call("/workflows/w/bulk", BULK);

  await expectPut(stage);
  await expectSentOnce(stage);
  await expectTold(stage, stage.receiver);
});

/** As if the time had passed for which a dead server holds what it does. */
async function endHolds({ prefix }: Stage): Promise<void> {
  const client = redis.connect();
  const key = `{${prefix}}:jobs`;
  for (const [job, text] of Object.entries(await client.hgetall(key))) {
    await client.hset(key, job, text.replace(/^\d+/, "0"));
  }
}

async function bulksOf({ call }: Stage): Promise<readonly Record<string, unknown>[]> {
  const { result } = (await call("/workflows/w/bulk")).body;
  return result as unknown as readonly Record<string, unknown>[];
}

async function expectPut({ call, prefix }: Stage): Promise<void> {
  const { result } = (await call("/workflows/put")).body;
  expect(result).toMatchObject({ schedules: [{ cron: "0 6 * * *" }] });
  expect(await redis.connect().hget(`{${prefix}:put:0}:settings`, "concurrencyLimit")).toBe("7");
}

async function expectSentOnce(stage: Stage): Promise<void> {
  await eventually(async () => {
    const [bulk, ...others] = await bulksOf(stage);
    expect(bulk).toMatchObject({ state: "complete", matched: 3, failed: 0 });
    expect(others).toEqual([]);
  });
  const client = redis.connect();
  await eventually(async () => {
    const { body } = await stage.call("/workflows/w/instances?status=complete");
    expect(body.result).toHaveLength(IDS.length);
  });
  for (const id of IDS) {
    // How many it was ever sent.
    expect(await client.hget(`{${stage.prefix}:w:0}:i:${id}`, "eventSeq")).toBe("1");
  }
}

interface Told {
  readonly data: { readonly instance_id: string };
}

async function expectTold({ prefix }: Stage, receiver: Receiver): Promise<void> {
  await eventually(async () => {
    expect(await redis.connect().xlen(`{${prefix}:w:0}:outbox`)).toBe(0);
    const ids = receiver.received.map(({ body }) => (JSON.parse(body) as Told).data.instance_id);
    expect([...new Set(ids)].toSorted()).toEqual(IDS);
  });
  // At least once, and each time as the same message.
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(
    IDS.length,
  );
}
