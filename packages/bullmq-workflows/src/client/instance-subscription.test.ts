import { expect, test, vi } from "vitest";
import { startBody } from "../../test/support/harness.ts";
import type { Body } from "../../test/support/harness.ts";
import { ONE_STEP_RUN, drain, takeUntil, typesOf } from "../../test/support/subscriptions.ts";
import { EngineClosedError } from "../model/errors.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { HistoryWatches } from "./history-watches.ts";

const MINUTE_MS = 60_000;

const waiting: Body = async (step) => {
  await step.do("a", () => 1);
  await step.waitForEvent("go", { type: "go" });
};

/** An instance that waits, and a subscription that has told all there is. */
async function setup() {
  const engine = await startBody(waiting);
  const reads = vi.spyOn(engine.store.instances, "readHistory");
  const subscription = await engine.instance.subscribe();
  await takeUntil(subscription, "workflow_waiting");
  const next = subscription.next();
  await engine.clock.settle();
  return { ...engine, reads, subscription, next };
}

test("who waits reads nothing, but looks and leaves its mark once a minute", async () => {
  const { clock, reads } = await setup();
  reads.mockClear();

  await clock.advance(MINUTE_MS - 1_000);
  expect(reads).not.toHaveBeenCalled();

  await clock.advance(10 * MINUTE_MS);
  expect(reads).toHaveBeenCalledTimes(10);
});

test("many subscriptions to one instance share a channel, which is left with the last of them", async () => {
  const { clock, instance, store } = await startBody(waiting);
  const listening = vi.spyOn(store.notices, "onHistory");
  const subscriptions = await Promise.all(Array.from({ length: 5 }, () => instance.subscribe()));
  const events = subscriptions.map(drain);
  await clock.settle();

  await instance.sendEvent({ type: "go" });
  await clock.settle();

  const types = (await Promise.all(events)).map(typesOf);
  expect(new Set(types.map((list) => list.join())).size).toBe(1);
  expect(types[0]?.at(-1)).toBe("workflow_completed");
  expect(listening).toHaveBeenCalledTimes(1);
});

test("a finished instance is read and not listened to", async () => {
  const { instance, store } = await startBody(async (step) => await step.do("a", () => 1));
  const listening = vi.spyOn(store.notices, "onHistory");

  expect(typesOf(await drain(await instance.subscribe()))).toEqual(ONE_STEP_RUN);
  expect(listening).not.toHaveBeenCalled();
});

test("a slow consumer keeps no more than a part of the history", async () => {
  const { end, instance, store } = await startBody(async (step) => {
    for (let number = 0; number < 350; number++) await step.do("a", () => number);
  });
  const reads = vi.spyOn(store.instances, "readHistory");
  const subscription = await instance.subscribe();
  await subscription.next();
  await end(instance);

  const events = [];
  const readsBefore: number[] = [];
  for await (const event of subscription) {
    readsBefore.push(reads.mock.calls.length);
    events.push(event);
  }

  expect(events.map(({ eventId }) => eventId)).toEqual(
    Array.from({ length: 3 + 350 * 4 }, (_, index) => index + 2),
  );
  // Each part is read when the one before has been told.
  const ofFirstPart = 2 + 100 * 4;
  expect(readsBefore.slice(0, ofFirstPart)).toEqual(Array(ofFirstPart).fill(1));
  expect(readsBefore[ofFirstPart]).toBe(2);
  expect(readsBefore.at(-1)).toBe(4);
});

test("after a lost connection it reads on from where it was", async () => {
  const { clock, instance, next, store, subscription } = await setup();
  const { notices } = store.partition;
  notices.disconnect();
  await instance.sendEvent({ type: "go" });
  await clock.settle();

  notices.reconnect();

  expect((await next).value).toMatchObject({ type: "workflow_running", eventId: 10 });
  expect(typesOf(await drain(subscription))).toEqual(["wait_completed", "workflow_completed"]);
});

test("a message that got lost makes it late by a minute at most", async () => {
  const { clock, instance, next, store } = await setup();
  store.partition.notices.disconnect();
  await instance.sendEvent({ type: "go" });

  await clock.advance(MINUTE_MS);

  expect((await next).value).toMatchObject({ type: "workflow_running" });
});

test("a store that cannot be reached is asked again", async () => {
  const { clock, instance, next, reads, subscription } = await setup();
  const away = new StoreUnavailableError(new Error("away"));
  reads.mockRejectedValueOnce(away).mockRejectedValueOnce(away);

  await instance.sendEvent({ type: "go" });
  await clock.advance(1_000);

  expect((await next).value).toMatchObject({ type: "workflow_running" });
  expect(typesOf(await drain(subscription))).toEqual(["wait_completed", "workflow_completed"]);
});

test("an answer that nobody can read is thrown, and the next call tries again", async () => {
  const { clock, instance, next, reads, subscription } = await setup();
  reads.mockRejectedValueOnce(new Error("unreadable"));
  const failure = next.catch((error: unknown) => error);

  await instance.sendEvent({ type: "go" });
  expect(await failure).toMatchObject({ message: "unreadable" });
  await clock.settle();

  expect(typesOf(await drain(subscription))).toEqual([
    "workflow_running",
    "wait_completed",
    "workflow_completed",
  ]);
});

test("who is disposed of while the store cannot be reached is done at once", async () => {
  const { clock, instance, next, reads, subscription } = await setup();
  reads.mockRejectedValue(new StoreUnavailableError(new Error("away")));
  await instance.sendEvent({ type: "go" });
  await clock.advance(1_000);

  subscription[Symbol.dispose]();

  expect(await next).toEqual({ done: true, value: undefined });
});

test("an instance that the store has lost is no end, and no deletion", async () => {
  const engine = await startBody(waiting);
  const nothing = engine.store.partition.capture();
  const lost = await engine.workflow.create({ id: "lost" });
  await engine.clock.settle();
  const subscription = await lost.subscribe();
  await takeUntil(subscription, "workflow_waiting");
  const next = subscription.next();
  await engine.clock.settle();

  nothing();
  engine.store.partition.notices.reconnect();

  await expect(next).rejects.toMatchObject({ code: "instance.lost", instanceId: "lost" });
  expect(await subscription.next()).toEqual({ done: true, value: undefined });
  await expect(lost.subscribe()).rejects.toMatchObject({ code: "instance.lost" });
});

test("a history that became shorter is told no event twice", async () => {
  const { clock, instance, next, store, subscription } = await setup();
  const before = store.partition.capture();
  await instance.pause();
  expect((await next).value).toMatchObject({ type: "workflow_paused", eventId: 10 });
  const later = subscription.next();
  await clock.settle();

  before();
  store.partition.notices.reconnect();
  await clock.settle();
  await instance.sendEvent({ type: "go" });
  await clock.settle();

  const { value } = await later;
  const rest = await drain(subscription);
  expect([value?.eventId, ...rest.map(({ eventId }) => eventId)]).toEqual([11, 12]);
});

test("who waits when the engine is closed is told, and so is who asks after it", async () => {
  const { clock, store } = await startBody(waiting);
  const watches = new HistoryWatches({ store, clock });
  const heard: string[] = [];
  const leave = await watches.join("a", () => heard.push("a"));
  await watches.join("b", () => heard.push("b"));
  leave();

  watches.close();

  expect(heard).toEqual(["b"]);
  await expect(watches.join("a", () => undefined)).rejects.toBeInstanceOf(EngineClosedError);
});

test("a channel that cannot be opened is tried again, for as long as somebody wants it", async () => {
  const { clock, store } = await startBody(waiting);
  const watches = new HistoryWatches({ store, clock });
  const away = new StoreUnavailableError(new Error("away"));
  vi.spyOn(store.notices, "onHistory")
    .mockRejectedValueOnce(away)
    .mockRejectedValueOnce(new Error("no"));

  const failure = watches.join("a", () => undefined).catch((error: unknown) => error);
  await clock.advance(1_000);
  expect(await failure).toMatchObject({ message: "no" });

  await expect(watches.join("a", () => undefined)).resolves.toBeTypeOf("function");
});
