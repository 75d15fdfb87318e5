import { expect, test } from "vitest";
import { startBody } from "../../test/support/harness.ts";
import type { Body } from "../../test/support/harness.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import {
  EngineClosedError,
  InstanceNotFoundError,
  InstanceTerminatedError,
  InvalidArgumentError,
  WorkflowTimeoutError,
} from "../model/errors.ts";
import { createPayloadCodec } from "../model/payload.ts";
import { InstanceLostError } from "../model/store-errors.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { overlay } from "../engine/overlay.ts";
import type { EndNotice } from "../engine/ports/notices.ts";
import type { Store } from "../engine/ports/store.ts";
import { Absences } from "./absences.ts";
import { ResultWaiter } from "./result-waiter.ts";

function waiterOn(store: Store, clock: Clock): ResultWaiter {
  const telemetry = { log: () => {}, count: () => {} };
  const absences = new Absences({ workflow: "test", store, clock, telemetry });
  return new ResultWaiter({ store, clock, absences, codec: createPayloadCodec() });
}

const COMPLETE = { status: "complete", output: '"before"' } as const;

const WAITING: Body = async (step) => (await step.waitForEvent("w", { type: "go" })).payload;

test("a result comes when the instance ends", async () => {
  const { clock, instance } = await startBody(WAITING);
  const result = instance.result();
  await clock.settle();

  await instance.sendEvent({ type: "go", payload: "done" });

  await expect(result).resolves.toBe("done");
});

test("any number of callers get the result", async () => {
  const { clock, instance, workflow } = await startBody(WAITING);
  const results = [
    instance.result(),
    instance.result(),
    (await workflow.get(instance.id)).result(),
  ];
  await clock.settle();

  await instance.sendEvent({ type: "go", payload: 1 });

  expect(await Promise.all(results)).toEqual([1, 1, 1]);
});

test("the result of a finished instance comes at once, each time a fresh copy", async () => {
  const { instance } = await startBody(async () => ({ n: 1 }));

  const [first, second] = [await instance.result(), await instance.result()];

  expect([first, second]).toEqual([{ n: 1 }, { n: 1 }]);
  expect(first).not.toBe(second);
});

test("the result rejects with what run threw", async () => {
  const { instance } = await startBody(async () => {
    throw new RangeError("too far");
  });

  const error: unknown = await instance.result().catch((error: unknown) => error);

  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ message: "too far" });
});

test("the result of a terminated instance is an error that says so", async () => {
  const { clock, instance } = await startBody(WAITING);
  const result = instance.result();
  await clock.settle();

  await instance.terminate();

  await expect(result).rejects.toBeInstanceOf(InstanceTerminatedError);
  await expect(result).rejects.toThrow("(instance.terminated)");
});

test("the result of an instance that is deleted meanwhile is not found", async () => {
  const { clock, instance } = await startBody(WAITING);
  const result = instance.result();
  await clock.settle();

  await instance.delete();

  await expect(result).rejects.toBeInstanceOf(InstanceNotFoundError);
});

test("waiting ends after the timeout", async () => {
  const { clock, instance } = await startBody(WAITING);
  const result = instance.result({ timeout: "1 minute" });
  const caught = result.catch((error: unknown) => error);

  await clock.advance(60_000);

  expect(await caught).toBeInstanceOf(WorkflowTimeoutError);
  expect(await caught).toMatchObject({ code: "result.timed_out", timeoutMs: 60_000 });
});

test("a caller that gave up does not disturb the others", async () => {
  const { clock, instance } = await startBody(WAITING);
  const patient = instance.result();
  const impatient = instance.result({ timeout: 1_000 }).catch(() => "gave up");
  await clock.advance(2_000);

  await instance.sendEvent({ type: "go", payload: "done" });

  expect(await Promise.all([patient, impatient])).toEqual(["done", "gave up"]);
});

test("a timeout longer than Node's timers reach waits for ever", async () => {
  const { clock, instance } = await startBody(WAITING);
  const result = instance.result({ timeout: "300 days" });
  await clock.settle();

  await instance.sendEvent({ type: "go", payload: 1 });

  await expect(result).resolves.toBe(1);
});

test.each([["soon"], [-1], [NaN]])("a timeout of %s is refused", async (timeout) => {
  const { instance } = await startBody(WAITING);

  const refused = instance.result({ timeout: timeout as number });

  await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
});

test("after a gap in the messages everything that is waited for is looked at again", async () => {
  const { clock, instance, store } = await startBody(WAITING);
  let onGap = (): void => {};
  const onFinished: Store["notices"]["onFinished"] = async (_, gap) => {
    onGap = gap;
    return () => {};
  };
  const deaf = overlay<Store>(store, { notices: overlay(store.notices, { onFinished }) });
  const result = waiterOn(deaf, clock).wait(instance.id, Infinity);
  await clock.settle();
  await instance.sendEvent({ type: "go", payload: "missed" });
  await clock.settle();

  onGap();

  await expect(result).resolves.toBe("missed");
});

/** A store whose news of ends comes when the test says so, and the reads that were made of it. */
function withLateNews(store: MemoryStore) {
  let hear: ((notice: EndNotice) => void) | undefined;
  const reads: string[] = [];
  const get: Store["instances"]["get"] = async (id) => {
    reads.push(id);
    return await store.instances.get(id);
  };
  const onFinished: Store["notices"]["onFinished"] = async (listener) => {
    hear = listener;
    return () => {};
  };
  const late = overlay<Store>(store, {
    instances: overlay(store.instances, { get }),
    notices: overlay(store.notices, { onFinished }),
  });
  return { late, reads, hear: (notice: EndNotice) => hear?.(notice) };
}

test("a result that comes with the news of the end is not read", async () => {
  const { clock, instance, store } = await startBody(WAITING);
  const { late, reads, hear } = withLateNews(store);
  const result = waiterOn(late, clock).wait(instance.id, Infinity);
  await clock.settle();
  const fence = (await store.instances.get(instance.id))?.lastNumber ?? 0;

  hear({
    instanceId: instance.id,
    end: { fence: fence + 1, result: { status: "complete", output: "1" } },
  });

  await expect(result).resolves.toBe(1);
  expect(reads).toHaveLength(1);
});

test("news of an end before a restart is no result of who came to wait after it", async () => {
  const { clock, instance, store } = await startBody(WAITING);
  const { late, hear } = withLateNews(store);
  const results = waiterOn(late, clock);
  const fence = (await store.instances.get(instance.id))?.lastNumber ?? 0;
  const notice = { instanceId: instance.id, end: { fence, result: COMPLETE } };
  const before = results.wait(instance.id, Infinity);
  await clock.settle();
  await instance.restart();
  const after = results.wait(instance.id, 1_000).catch(() => "still waiting");

  hear(notice); // Before the look of who came last.
  await clock.settle();
  hear(notice); // And after it.
  await clock.advance(2_000);

  await expect(after).resolves.toBe("still waiting");
  await instance.sendEvent({ type: "go", payload: "done" });
  await clock.settle();
  hear({ instanceId: instance.id });
  await expect(before).resolves.toBe("done");
});

/** Listens, for somebody has waited; and knows of an instance that it was created after that. */
async function createdSince() {
  const { clock, instance, store } = await startBody(WAITING);
  const { late, reads, hear } = withLateNews(store);
  const results = waiterOn(late, clock);
  void results.wait(instance.id, Infinity).catch(() => undefined);
  await clock.settle();
  reads.length = 0;
  const sighting = { seenAt: clock.now(), createdSince: results.moment };
  return { clock, results, reads, hear, sighting };
}

test("the result of what was created since it listens is not looked for before its end", async () => {
  const { clock, results, reads, hear, sighting } = await createdSince();

  const result = results.wait("new", Infinity, sighting);
  await clock.settle();
  hear({ instanceId: "new", end: { fence: 1, result: COMPLETE } });

  await expect(result).resolves.toBe("before");
  expect(reads).toEqual([]);
});

test("it is looked for when an end of it was told already", async () => {
  const { clock, results, reads, hear, sighting } = await createdSince();
  hear({ instanceId: "new", end: { fence: 1, result: COMPLETE } });

  void results.wait("new", Infinity, sighting).catch(() => undefined);
  await clock.settle();

  expect(reads).toEqual(["new"]);
});

test("it is looked for when somebody waits for it already who came after a restart", async () => {
  const { clock, results, reads, hear, sighting } = await createdSince();
  const first = results.wait("new", Infinity).catch((error: unknown) => error);
  const second = results.wait("new", Infinity, sighting).catch((error: unknown) => error);

  hear({ instanceId: "new", end: { fence: 1, result: COMPLETE } });
  await clock.settle();

  expect(reads).toContain("new");
  expect(await Promise.all([first, second])).toEqual([
    expect.any(InstanceLostError),
    expect.any(InstanceLostError),
  ]);
});

test("a store that cannot be read rejects the result", async () => {
  const store = new MemoryStore(new VirtualClock());
  store.instances.get = () => Promise.reject(new Error("unreadable"));

  const result = waiterOn(store, new VirtualClock()).wait("a", Infinity);

  await expect(result).rejects.toThrow("unreadable");
});

test("a subscription that failed is tried again by the next caller", async () => {
  const { clock, instance, store } = await startBody(async () => "done");
  const onFinished = store.notices.onFinished.bind(store);
  store.notices.onFinished = () => Promise.reject(new Error("no connection"));
  const results = waiterOn(store, clock);
  await expect(results.wait(instance.id, Infinity)).rejects.toThrow("no connection");

  store.notices.onFinished = onFinished;

  await expect(results.wait(instance.id, Infinity)).resolves.toBe("done");
});

test("closing ends the subscription, also when there is none", async () => {
  const { clock, instance, store } = await startBody(async () => "done");
  let isSubscribed = false;
  store.notices.onFinished = async () => {
    isSubscribed = true;
    return () => void (isSubscribed = false);
  };
  waiterOn(store, clock).close();
  const results = waiterOn(store, clock);
  await results.wait(instance.id, Infinity);
  expect(isSubscribed).toBe(true);

  results.close();
  await clock.settle();

  expect(isSubscribed).toBe(false);
});

test("closing tells everyone who waits, and everyone who comes later", async () => {
  const { clock, instance, store } = await startBody(WAITING);
  const results = waiterOn(store, clock);
  const waits = [results.wait(instance.id, Infinity), results.wait(instance.id, 1_000)];
  await clock.settle();

  results.close();
  waits.push(results.wait(instance.id, Infinity));

  const outcomes = await Promise.allSettled(waits);
  expect(outcomes).toEqual(
    waits.map(() => ({ status: "rejected", reason: expect.any(EngineClosedError) })),
  );
});
