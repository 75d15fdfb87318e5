/** Commands that a job gives, in turns that may be repeated. */
import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import { claim, create, run, suspendUntil, TICK_MS } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const DONE = { type: "done", requests: [] };

const turn = (number: number, job = "1") => ({ job, turn: number });

async function eventsOf(store: Store, id: string): Promise<readonly string[]> {
  const { events } = await claim(store, id);
  return events.map(({ type }) => type);
}

export function onceTests(setup: SetUp): void {
  test("a job's event is sent once, and again by another job", async () => {
    const { store } = await setup();
    await create(store, "a");
    const event = { type: "go" };

    const outcomes = [
      await store.commands.sendEvent("a", event, turn(0)),
      await store.commands.sendEvent("a", event, turn(0)),
      await store.commands.sendEvent("a", event, turn(1)),
      await store.commands.sendEvent("a", event, turn(0)),
      await store.commands.sendEvent("a", { type: "other" }, turn(0, "2")),
      await store.commands.sendEvent("a", { type: "plain" }),
    ];

    expect(outcomes).toEqual(outcomes.map(() => DONE));
    expect(await eventsOf(store, "a")).toEqual(["go", "other", "plain"]);
  });

  test("what a turn has met beyond where the next one begins is met in vain", async () => {
    const { store, passTime } = await setup();
    const ids = ["a", "b", "c", "d", "e"];
    for (const id of ids) {
      await create(store, id);
      await passTime(TICK_MS);
    }
    const send = async (number: number, ...to: readonly string[]): Promise<void> => {
      for (const id of to) await store.commands.sendEvent(id, { type: "go" }, turn(number));
    };

    await send(0, "a", "c", "e");
    // Its server died. Meanwhile others have come into the selection, which push the last ones to later turns.
    await send(0, "a", "b");
    await send(1, "c", "d");
    await send(2, "e");

    for (const id of ids) expect(await eventsOf(store, id)).toEqual(["go"]);
  });

  test("a turn is about each instance by itself", async () => {
    const { store } = await setup();
    for (const id of ["a", "b"]) await create(store, id);
    await store.commands.sendEvent("a", { type: "go" }, turn(0));

    await store.commands.sendEvent("b", { type: "go" }, turn(0));

    expect(await eventsOf(store, "b")).toEqual(["go"]);
  });

  test("an instance is restarted once by a job", async () => {
    const { store } = await setup();
    await run(store, "a");
    await store.commands.restart("a", turn(3));
    const again = await claim(store, "a");

    expect(await store.commands.restart("a", turn(3))).toEqual(DONE);
    expect(await store.commands.restart("a", turn(2))).toEqual(DONE);
    expect(await store.commands.restart("a", turn(4))).toEqual(DONE);

    expect(await store.instances.get("a")).toMatchObject({ status: "running" });
    await store.commands.restart("a", turn(4, "2"));
    expect((await claim(store, "a")).fence).toBeGreaterThan(again.fence);
  });

  test("what is refused is not taken for done", async () => {
    const { store } = await setup();
    await suspendUntil(store, "a", "go");
    await store.commands.terminate("a");
    expect(await store.commands.sendEvent("a", { type: "go" }, turn(0))).toMatchObject({
      type: "refused",
    });
    expect(await store.commands.sendEvent("none", { type: "go" }, turn(0))).toEqual({
      type: "missing",
    });

    await store.commands.restart("a");

    await store.commands.sendEvent("a", { type: "go" }, turn(0));
    expect(await eventsOf(store, "a")).toEqual(["go"]);
  });
}
