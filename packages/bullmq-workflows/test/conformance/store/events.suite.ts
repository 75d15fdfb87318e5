import { expect, test } from "vitest";
import {
  COMPLETE,
  LONG_MS,
  claim,
  create,
  requested,
  run,
  statusOf,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function eventTests(setup: SetUp): void {
  test("events are kept in order until a wait consumes them", async () => {
    const { store } = await setup();
    await create(store, "a");
    await store.commands.sendEvent("a", { type: "go", payload: '{"n":1}' });
    await store.commands.sendEvent("a", { type: "stop" });

    const claimed = await claim(store, "a");

    const at = expect.any(Number);
    expect(claimed.lastEvent).toBe(2);
    expect(claimed.events).toEqual([
      { seq: 1, at, type: "go", payload: '{"n":1}' },
      { seq: 2, at, type: "stop" },
    ]);
    await store.activations.release(write("a", claimed, { consumed: [1], seenEvent: 2 }));
    expect(await claim(store, "a")).toMatchObject({ lastEvent: 2, events: [{ seq: 2 }] });
  });

  test("many events come in the order in which they were sent", async () => {
    const { store } = await setup();
    await create(store, "a");
    const payloads = Array.from({ length: 600 }, (_, n) => String(n));
    for (const payload of payloads) await store.commands.sendEvent("a", { type: "go", payload });

    const { events } = await claim(store, "a");

    expect(events.map((event) => event.payload)).toEqual(payloads);
  });

  test("a payload comes back as it went in", async () => {
    const { store } = await setup();
    await create(store, "a");
    const payloads = ['"with spaces  and\\nlines"', '""', "[]", '"ü€😀"'];
    for (const payload of payloads) await store.commands.sendEvent("a", { type: "go", payload });

    const { events } = await claim(store, "a");

    expect(events.map((event) => event.payload)).toEqual(payloads);
  });

  test("consumed events leave the buffer in the same write, other ones stay", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    for (const type of ["x", "y", "z"]) await store.commands.sendEvent("a", { type });

    const entries = ['{"n":1}'];
    await store.activations.commit(
      write("a", claimed, { entries, consumed: [1, 3], seenEvent: 3 }),
    );

    await store.activations.release(write("a", claimed, { commit: 2 }));
    expect((await claim(store, "a")).events).toMatchObject([{ seq: 2, type: "y" }]);
  });

  test.each(["suspend", "release", "settlePause"] as const)(
    "what %s consumes is gone, what it does not consume stays",
    async (verb) => {
      const { store } = await setup();
      const claimed = await run(store, "a");
      for (const type of ["x", "y"]) await store.commands.sendEvent("a", { type });
      if (verb === "settlePause") await store.commands.pause("a");

      const ending = write("a", claimed, { consumed: [1], seenEvent: 2 });
      await store.activations[verb]({ ...ending, awaits: [] });

      await store.commands.resume("a");
      expect((await claim(store, "a", { early: true })).events).toMatchObject([{ seq: 2 }]);
    },
  );

  test("events that nobody consumed go when the instance ends", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.sendEvent("a", { type: "go" });

    await store.activations.finish({ ...write("a", claimed), result: COMPLETE });

    // The check of consistency, after each test, sees that they have gone.
    expect(await statusOf(store, "a")).toBe("complete");
  });

  test("a running instance learns of events with its next commit or renewal", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const { fence } = claimed;
    await store.commands.sendEvent("a", { type: "go" });

    const news = { isPauseRequested: false, lastEvent: 1, events: [{ seq: 1, type: "go" }] };
    expect(await store.activations.commit(write("a", claimed))).toMatchObject({ news });
    const renewal = { instanceId: "a", fence, leaseMs: LONG_MS, seenEvent: 0 };
    expect(await store.activations.renew(renewal)).toMatchObject({ news });
    expect(await store.activations.renew({ ...renewal, seenEvent: 1 })).toMatchObject({
      news: { events: [], lastEvent: 1 },
    });
  });

  test("an event that arrived since the caller looked keeps it from being suspended", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.commands.sendEvent("a", { type: "go" });

    const suspend = { ...write("a", claimed, { entries: ["{}"] }), awaits: ["go"] };
    const outcome = await store.activations.suspend(suspend);

    const news = { isPauseRequested: false, lastEvent: 1, events: [{ seq: 1 }] };
    expect(outcome).toMatchObject({ type: "arrived", news });
    expect(await statusOf(store, "a")).toBe("running");
    expect(await store.instances.history("a")).toEqual([]);
    expect(await store.activations.suspend({ ...suspend, seenEvent: 1 })).toMatchObject({
      type: "suspended",
    });
  });

  test("an event wakes an instance that awaits its type", async () => {
    const { store } = await setup();
    await suspendUntil(store, "a", "stop", "go");

    const outcome = await store.commands.sendEvent("a", { type: "go" });

    expect(outcome).toMatchObject({ type: "done", requests: [{ instanceId: "a", rank: 0 }] });
    expect(await statusOf(store, "a")).toBe("queued");
    expect((await claim(store, "a")).events).toMatchObject([{ type: "go" }]);
  });

  test("an event that wakes takes the timer with it", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.suspend({ ...write("a", claimed), wakeInMs: LONG_MS, awaits: ["go"] });

    await store.commands.sendEvent("a", { type: "go" });

    expect(await store.sweeps.wakeDue(10)).toEqual({ requests: [], now: expect.any(Number) });
  });

  test.each(["g", "o", "gogo", "go2", ".."])(
    "the event %s wakes nobody who awaits go",
    async (type) => {
      const { store } = await setup();
      await suspendUntil(store, "a", "go", "on");

      expect(await store.commands.sendEvent("a", { type })).toEqual({ type: "done", requests: [] });
      expect(await statusOf(store, "a")).toBe("waiting");
    },
  );

  test("an event for a paused instance is kept and wakes nothing", async () => {
    const { store } = await setup();
    await suspendUntil(store, "a", "go");
    await store.commands.pause("a");

    expect(requested(await store.commands.sendEvent("a", { type: "go" }))).toEqual([]);

    expect(await statusOf(store, "a")).toBe("paused");
    await store.commands.resume("a");
    expect((await claim(store, "a")).events).toHaveLength(1);
  });

  test("a finished instance takes no events, and a missing one is missing", async () => {
    const { store } = await setup();
    await store.activations.finish({ ...write("a", await run(store, "a")), result: COMPLETE });

    const outcome = await store.commands.sendEvent("a", { type: "go" });

    expect(outcome).toEqual({ type: "refused", status: "complete" });
    expect(await store.commands.sendEvent("b", { type: "go" })).toEqual({ type: "missing" });
    expect(await store.instances.get("b")).toBeUndefined();
  });
}
