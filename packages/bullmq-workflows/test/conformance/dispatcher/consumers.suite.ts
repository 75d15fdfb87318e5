/** Who consumes takes as much as he may, and lets go in order. */
import { expect, test } from "vitest";
import type { Consumer } from "../../../src/engine/ports/dispatcher.ts";
import { Activations, request } from "./bundle.ts";
import type { Bundle, SetUp } from "./bundle.ts";

export function consumerTests(setup: SetUp): void {
  test("a consumer works on as many requests at once as it may, and on no more", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch(["a", "b", "c", "d", "e", "f"].map((id) => request(id)));

    await dispatcher.consume(activations.hold, 2);

    await activations.seen("a", "b");
    for (const [done, next] of [
      ["a", "c"],
      ["b", "d"],
      ["c", "e"],
      ["d", "f"],
    ] as const) {
      expect(activations.held.length).toBe(2);
      activations.open(done);
      await activations.seen(next);
    }
    expect(activations.peak).toBe(2);
  });

  test("a rejected activation does not stop the consumer", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch([request("a"), request("b"), request("c")]);

    await dispatcher.consume(activations.fail, 1);

    await activations.seen("a", "b", "c");
    expect(activations.ids).toEqual(["a", "b", "c"]);
  });

  test("consumers of several processes share the requests", async () => {
    const { dispatcher, activations, connect } = await setup();
    await dispatcher.consume(activations.hold, 1);
    await (await connect()).consume(activations.hold, 1);

    await dispatcher.dispatch([request("a"), request("b"), request("c")]);

    await activations.seen("a", "b");
    activations.openAll();
    await activations.seen("c");
    expect(activations.ids.toSorted()).toEqual(["a", "b", "c"]);
    expect(activations.peak).toBe(2);
  });
}

export function closingTests(setup: SetUp): void {
  async function setupBusy(): Promise<Bundle & { readonly consumer: Consumer }> {
    const bundle = await setup();
    const { dispatcher, activations } = bundle;
    const consumer = await dispatcher.consume(activations.hold, 1);
    await dispatcher.dispatch([request("taken"), request("left")]);
    await activations.seen("taken");
    return { ...bundle, consumer };
  }

  test("stop waits for the activations under way", async () => {
    const { consumer, dispatcher, activations } = await setupBusy();
    let isStopped = false;

    const stopping = consumer.stop().then(() => (isStopped = true));
    await dispatcher.dispatch([request("late")]);

    expect(isStopped).toBe(false);
    activations.openAll();
    await stopping;
    expect(activations.settled).toContain("taken");
  });

  test("a stopped consumer takes no more, and leaves the rest to others", async () => {
    const { consumer, activations, connect } = await setupBusy();
    const stopping = consumer.stop();
    activations.openAll();
    await stopping;
    const others = new Activations();

    await (await connect()).consume(others.pass, 1);

    await others.seen("left");
    expect(activations.ids).toEqual(["taken"]);
  });

  test("stop can be called twice", async () => {
    const { consumer, activations } = await setupBusy();
    activations.open("taken");

    await Promise.all([consumer.stop(), consumer.stop()]);

    await expect(consumer.stop()).resolves.toBeUndefined();
  });

  test("close waits for the activations under way", async () => {
    const { dispatcher, activations, connect } = await setupBusy();
    const other = await connect();
    let isClosed = false;

    const closing = dispatcher.close().then(() => (isClosed = true));
    await other.dispatch([request("late")]);

    expect(isClosed).toBe(false);
    activations.openAll();
    await closing;
    expect(activations.settled).toEqual(activations.ids);
  });

  test("what was dispatched outlives the dispatcher that did", async () => {
    const { dispatcher, activations, connect } = await setup();
    const other = await connect();
    await dispatcher.dispatch([request("a")]);
    await dispatcher.close();

    await other.consume(activations.pass, 1);

    await activations.seen("a");
    expect(activations.ids).toEqual(["a"]);
  });
}
