/** Requests reach somebody, in order, and none twice at once. */
import { expect, test } from "vitest";
import { request } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function lookingTests(setup: SetUp): void {
  test("what nobody has taken yet is told, those first that go first", async () => {
    const { dispatcher, connect, activations } = await setup();
    expect(await dispatcher.waiting(10)).toEqual({ count: 0, instanceIds: [] });
    await dispatcher.dispatch([request("a"), request("b"), request("c")]);

    expect(await (await connect()).waiting(2)).toEqual({ count: 3, instanceIds: ["a", "b"] });

    await dispatcher.consume(activations.pass, 1);
    await activations.seen("c");
    expect(await dispatcher.waiting(2)).toMatchObject({ instanceIds: [] });
  });
}

export function deliveryTests(setup: SetUp): void {
  test("a request dispatched before anyone consumes is delivered", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch([request("a")]);

    await dispatcher.consume(activations.pass, 1);

    await activations.seen("a");
    expect(activations.ids).toEqual(["a"]);
  });

  test("a request dispatched while someone consumes is delivered", async () => {
    const { dispatcher, activations, connect } = await setup();
    await (await connect()).consume(activations.pass, 1);

    await dispatcher.dispatch([request("a")]);

    await activations.seen("a");
    expect(activations.ids).toEqual(["a"]);
  });

  test("an id is delivered as it was given", async () => {
    const { dispatcher, activations } = await setup();
    const ids = ["007", "_", "UPPER_lower-1", "*/30 * * * *-1786001400000", "a".repeat(100)];
    await dispatcher.dispatch(ids.map((id) => request(id)));

    await dispatcher.consume(activations.pass, 5);

    await activations.seen(...ids);
    expect(activations.ids.toSorted()).toEqual(ids.toSorted());
  });

  test("dispatching nothing is no error", async () => {
    const { dispatcher } = await setup();

    await expect(dispatcher.dispatch([])).resolves.toBeUndefined();
  });
}

export function orderTests(setup: SetUp): void {
  test("requests of one rank are delivered in the order of their dispatch", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch([request("a"), request("b")]);
    await dispatcher.dispatch([request("c")]);
    await dispatcher.dispatch([request("d"), request("e")]);

    await dispatcher.consume(activations.pass, 1);

    await activations.seen("e");
    expect(activations.ids).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a lower rank goes first, and rank 0 before all", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch([request("last", { rank: 7 }), request("second", { rank: 3 })]);
    await dispatcher.dispatch([request("third", { rank: 3 })]);
    await dispatcher.dispatch([request("first", { rank: 0 })]);

    await dispatcher.consume(activations.pass, 1);

    await activations.seen("last");
    expect(activations.ids).toEqual(["first", "second", "third", "last"]);
  });

  test("rank 0 overtakes what waits already while the consumer is busy", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.consume(activations.hold, 1);
    await dispatcher.dispatch([request("busy"), request("new", { rank: 5 })]);
    await activations.seen("busy");

    await dispatcher.dispatch([request("woken", { rank: 0 })]);
    activations.openAll();

    await activations.seen("new");
    expect(activations.ids).toEqual(["busy", "woken", "new"]);
  });
}

export function duplicateTests(setup: SetUp): void {
  test("a wake-up dispatched again while it is queued is delivered once", async () => {
    const { dispatcher, activations, connect } = await setup();
    await dispatcher.dispatch([request("a"), request("a")]);
    await (await connect()).dispatch([request("a")]);
    await dispatcher.dispatch([request("end")]);

    await dispatcher.consume(activations.pass, 1);

    await activations.seen("end");
    expect(activations.ids).toEqual(["a", "end"]);
  });

  test("a wake-up dispatched again while it is worked on is not delivered beside it", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.consume(activations.hold, 2);
    await dispatcher.dispatch([request("a")]);
    await activations.seen("a");

    await dispatcher.dispatch([request("a"), request("b")]);

    await activations.seen("b");
    expect(activations.ids).toEqual(["a", "b"]);
  });

  test("two wake-ups of one instance are both delivered", async () => {
    const { dispatcher, activations } = await setup();
    await dispatcher.dispatch([request("a", { wakeUp: 1 }), request("a", { wakeUp: 2 })]);
    await dispatcher.dispatch([request("end")]);

    await dispatcher.consume(activations.pass, 1);

    await activations.seen("end");
    expect(activations.ids).toEqual(["a", "a", "end"]);
  });

  test.each(["pass", "fail"] as const)(
    "a wake-up whose activation is through (%s) can be dispatched again",
    async (how) => {
      const { dispatcher, activations } = await setup();
      await dispatcher.consume(activations[how], 1);
      await dispatcher.dispatch([request("a"), request("through")]);
      await activations.seen("through");

      await dispatcher.dispatch([request("a"), request("end")]);

      await activations.seen("end");
      expect(activations.ids.filter((id) => id === "a").length).toBeGreaterThanOrEqual(2);
    },
  );
}
