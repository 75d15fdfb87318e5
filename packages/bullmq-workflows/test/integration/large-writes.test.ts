/** Writes that are larger than Redis takes. A real server with the smallest limit that it allows. */
import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import type { WorkflowInstance } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { createLatch } from "../support/latch.ts";
import { workflowOf } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";

/** `proto-max-bulk-len` cannot be less. */
const LIMIT = 1_048_576;

/** Fits a write by itself; two do not. */
const LARGE = "x".repeat(700_000);

/** As large as a value may be, so that it does not fit with what goes along. */
const LARGEST = "x".repeat(LIMIT - 2);

const NAMES = ["a", "b", "c", "d", "e"];

const TOO_LARGE = { code: "store.write_too_large", limitBytes: LIMIT };

/** The list that has the params of the instance, and its history. */
async function listOf(admin: Redis, { id }: WorkflowInstance): Promise<string> {
  const [key = ""] = await admin.keys(`*:h:${id}`);
  return key;
}

async function sizeOf(admin: Redis, instance: WorkflowInstance): Promise<number> {
  return await admin.llen(await listOf(admin, instance));
}

async function startStage() {
  const redis = await startRedis({ "proto-max-bulk-len": "1mb" });
  onTestFinished(async () => await redis.stop());
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  const messages: string[] = [];
  const engine = engines.start({
    logger: (_, message, facts) => void messages.push(`${message} ${String(facts?.["error"])}`),
  });
  await engine.durability();
  const register = (body: Body) => engine.register(workflowOf(body), { name: "test" });
  return { redis, register, messages };
}

test("outcomes that are too large together leave in several writes", async () => {
  const { register, messages } = await startStage();
  let runs = 0;
  const workflow = register(async (step) => {
    const results = NAMES.map(
      async (name) =>
        await step.do(name, () => {
          runs++;
          return LARGE;
        }),
    );
    return (await Promise.all(results)).map((text) => text.length);
  });

  const instance = await workflow.create();

  expect(await instance.result()).toEqual(Array.from({ length: NAMES.length }, () => LARGE.length));
  expect(runs).toBe(NAMES.length);
  expect(messages.filter((message) => /connection|failed|answer/.test(message))).toEqual([]);
});

test("a step's result that is too large for any write fails the step, and no connection is lost", async () => {
  const { register, messages } = await startStage();
  let runs = 0;
  const workflow = register(async (step) => {
    await step.do("huge", () => {
      runs++;
      return LARGEST;
    });
  });

  const instance = await workflow.create();

  await expect(instance.result()).rejects.toMatchObject(TOO_LARGE);
  await expect(instance.result()).rejects.toThrow('What step "huge-1" records is too large');
  expect(runs).toBe(1);
  expect(messages.filter((message) => /connection|answer/.test(message))).toEqual([]);
});

test("what is put back after a loss is as much as fits", async () => {
  const { register, redis } = await startStage();
  const latch = createLatch();
  const runs: string[] = [];
  const workflow = register(async (step) => {
    for (const name of NAMES) {
      await step.do(name, () => {
        runs.push(name);
        // Of three bytes each.
        return "\u2026".repeat(80_000);
      });
    }
    await step.do("last", async () => await latch.opened);
  });
  const instance = await workflow.create();
  const admin = redis.connect();
  await eventually(async () => expect(await sizeOf(admin, instance)).toBe(1 + NAMES.length));

  // A Redis that comes back without the last entry.
  await admin.rpop(await listOf(admin, instance));
  await admin.call("CLIENT", "KILL", "TYPE", "normal");

  await eventually(async () => expect(await sizeOf(admin, instance)).toBe(1 + NAMES.length));
  latch.open();
  await instance.result();
  expect(runs).toEqual(NAMES);
});

test("an output that is too large ends the instance", async () => {
  const { register } = await startStage();
  const workflow = register(async () => LARGEST);

  const instance = await workflow.create();

  await expect(instance.result()).rejects.toThrow("The end of the instance is too large");
});

test("params and events that are too large are refused, and what else is asked for is done", async () => {
  const { register } = await startStage();
  const workflow = register(
    async (step) => (await step.waitForEvent<string>("e", { type: "go" })).payload,
  );

  const creating = Promise.allSettled([
    workflow.create({ id: "small", params: LARGE.slice(0, 60_000) }),
    workflow.create({ id: "large", params: LARGEST }),
    workflow.create({ id: "small-too" }),
  ]);

  const [small, large, smallToo] = await creating;
  expect(large).toMatchObject({ status: "rejected", reason: TOO_LARGE });
  expect([small, smallToo]).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
  const instance: WorkflowInstance = await workflow.get("small");
  await eventually(async () => expect((await instance.status()).status).toBe("waiting"));
  await expect(instance.sendEvent({ type: "go", payload: LARGEST })).rejects.toMatchObject(
    TOO_LARGE,
  );
  await instance.sendEvent({ type: "go", payload: "small" });
  expect(await instance.result()).toBe("small");
});
