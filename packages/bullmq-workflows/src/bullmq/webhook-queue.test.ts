/** Deliveries on a real Redis: each at least once, whatever dies. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Redis } from "ioredis";
import { eventually } from "../../test/support/eventually.ts";
import { randomTag, startRedis } from "../../test/support/redis.ts";
import type { TestRedis } from "../../test/support/redis.ts";
import type { DeliveryAttempt, DeliveryOutcome } from "../engine/ports/delivery-queue.ts";
import { WebhookQueue } from "./webhook-queue.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const SOON = { concurrency: 5, retryDelayMs: () => 5 };

function setup() {
  const tag = randomTag();
  const connection = redis.connect();
  const connect = (): WebhookQueue => {
    const queue = new WebhookQueue({
      tag,
      connection,
      createBlockingConnection: () => new Redis(redis.port, { maxRetriesPerRequest: null }),
      telemetry: { log: () => undefined, count: () => undefined },
      takeoverMs: 800,
    });
    onTestFinished(async () => await queue.close());
    return queue;
  };
  return { queue: connect(), connect };
}

function delivery(id: string) {
  return { id, webhookId: "wh", body: "{}" };
}

/** Answers with one outcome after the other, the last one again and again. */
function answering(...outcomes: readonly DeliveryOutcome[]) {
  const attempts: DeliveryAttempt[] = [];
  const deliver = async (attempt: DeliveryAttempt): Promise<DeliveryOutcome> => {
    attempts.push(attempt);
    return outcomes[attempts.length - 1] ?? outcomes.at(-1) ?? "delivered";
  };
  return { attempts, deliver };
}

test("a delivery is handed out once, however often it is added", async () => {
  const { queue } = setup();
  const { attempts, deliver } = answering("delivered");
  await queue.consume(deliver, SOON);

  await queue.add([delivery("a"), delivery("b"), delivery("a")], 3);
  await eventually(async () => expect(attempts).toHaveLength(2));
  await queue.add([delivery("a"), delivery("c")], 3);
  await eventually(async () => expect(attempts).toHaveLength(3));

  expect(attempts.map(({ id }) => id).toSorted()).toEqual(["a", "b", "c"]);
  expect(attempts[0]).toMatchObject({ webhookId: "wh", body: "{}", attempt: 1, isLast: false });
});

test("what fails is handed out again, as often as there are attempts", async () => {
  const { queue } = setup();
  const { attempts, deliver } = answering("failed");
  await queue.consume(deliver, SOON);

  await queue.add([delivery("a")], 3);
  await eventually(async () => expect(attempts).toHaveLength(3));
  await queue.add([delivery("b")], 1);
  await eventually(async () => expect(attempts).toHaveLength(4));

  expect(attempts.map(({ attempt, isLast }) => [attempt, isLast])).toEqual([
    [1, false],
    [2, false],
    [3, true],
    [1, true],
  ]);
});

test("what is dropped is not handed out again", async () => {
  const { queue } = setup();
  const { attempts, deliver } = answering("dropped", "delivered");
  await queue.consume(deliver, SOON);

  await queue.add([delivery("a")], 3);
  await eventually(async () => expect(attempts).toHaveLength(1));
  await queue.add([delivery("b")], 3);
  await eventually(async () => expect(attempts).toHaveLength(2));

  expect(attempts.map(({ id }) => id)).toEqual(["a", "b"]);
});

test("what somebody had who is gone goes to another", async () => {
  const { queue, connect } = setup();
  const taken: string[] = [];
  const dying = await queue.consume(async ({ id }) => {
    taken.push(id);
    return await new Promise<never>(() => {});
  }, SOON);
  await queue.add([delivery("a")], 1);
  await eventually(async () => expect(taken).toEqual(["a"]));

  await dying.stop({ force: true });
  const { attempts, deliver } = answering("delivered");
  await connect().consume(deliver, SOON);

  await eventually(async () => expect(attempts).toMatchObject([{ id: "a", attempt: 1 }]));
});

test("what is interrupted goes to another at once, as the same attempt", async () => {
  const { queue, connect } = setup();
  const first = answering("failed", "interrupted");
  await queue.consume(first.deliver, SOON);
  await queue.add([delivery("a")], 3);
  await eventually(async () => expect(first.attempts.length).toBeGreaterThanOrEqual(2));
  await queue.close();

  const { attempts, deliver } = answering("delivered");
  await connect().consume(deliver, SOON);

  await eventually(async () => expect(attempts).toMatchObject([{ id: "a", attempt: 2 }]));
  expect(new Set(first.attempts.slice(1).map(({ attempt }) => attempt))).toEqual(new Set([2]));
});

test("a close does not wait for what does not end", async () => {
  const { queue } = setup();
  const taken: string[] = [];
  await queue.consume(async ({ id }) => {
    taken.push(id);
    return await new Promise<never>(() => {});
  }, SOON);
  await queue.add([delivery("a")], 1);
  await eventually(async () => expect(taken).toEqual(["a"]));

  const startedAt = performance.now();
  await queue.close();

  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
