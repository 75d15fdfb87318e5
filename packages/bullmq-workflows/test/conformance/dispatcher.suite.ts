/**
 * The contract of a {@link Dispatcher}, for every implementation to pass.
 *
 * Nothing here waits for a while to see whether something happens. Order is seen by looking at what
 * was activated once a request behind all others was, and concurrency by gates that the test opens.
 */
import { afterEach, describe, expect, test } from "vitest";
import type {
  ActivationRequest,
  Consumer,
  Dispatcher,
  Alarm,
} from "../../src/engine/ports/dispatcher.ts";

export interface DispatcherSetup {
  /** Another dispatcher on the same, at first empty queue, as in a process of its own. */
  readonly connect: () => Promise<Dispatcher>;
  /** Makes every alarm due that is set. */
  readonly passMinute: () => Promise<void>;
  /** How many alarms are set. */
  readonly countAlarms: () => Promise<number>;
  /** Frees what the dispatchers used. Called after all of them are closed. */
  readonly dispose: () => Promise<void>;
}

interface Bundle {
  readonly dispatcher: Dispatcher;
  readonly connect: () => Promise<Dispatcher>;
  readonly activations: Activations;
  readonly passMinute: DispatcherSetup["passMinute"];
  readonly countAlarms: DispatcherSetup["countAlarms"];
}

export function describeDispatcher(name: string, open: () => Promise<DispatcherSetup>): void {
  const disposals: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const dispose of disposals.splice(0).toReversed()) {
      await dispose();
    }
  });

  async function setup(): Promise<Bundle> {
    const { connect, dispose, passMinute, countAlarms } = await open();
    const activations = new Activations();
    const connectAndClose = async (): Promise<Dispatcher> => {
      const dispatcher = await connect();
      disposals.push(async () => await dispatcher.close());
      return dispatcher;
    };
    disposals.push(dispose);
    const dispatcher = await connectAndClose();
    disposals.push(async () => activations.openAll());
    return { dispatcher, connect: connectAndClose, activations, passMinute, countAlarms };
  }

  describe(`${name}: looking`, () => {
    test("what nobody has taken yet is told, those first that go first", async () => {
      const { dispatcher, connect, activations } = await setup();
      expect(await dispatcher.waiting(10)).toEqual({ count: 0, instanceIds: [] });
      await dispatcher.dispatch([request("a"), request("b"), request("c")]);

      expect(await (await connect()).waiting(2)).toEqual({ count: 3, instanceIds: ["a", "b"] });

      await dispatcher.consume(activations.pass, 1);
      await activations.seen("c");
      expect(await dispatcher.waiting(2)).toMatchObject({ instanceIds: [] });
    });
  });

  describe(`${name}: delivery`, () => {
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
  });

  describe(`${name}: order`, () => {
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
  });

  describe(`${name}: duplicates`, () => {
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
  });

  describe(`${name}: consumers`, () => {
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
  });

  describe(`${name}: alarms`, () => {
    test("an alarm that is due rings, and again the next time", async () => {
      const { dispatcher, activations, passMinute } = await setup();
      await dispatcher.setAlarms([alarm("a")]);
      await dispatcher.consume(activations.pass, 1, activations.pass);

      await passMinute();
      await activations.seen("a");
      await passMinute();

      await activations.count(2);
      expect(activations.ids).toEqual(["a", "a"]);
    });

    test("an alarm that is set twice, by whomever, rings once", async () => {
      const { dispatcher, activations, connect, passMinute, countAlarms } = await setup();
      await dispatcher.setAlarms([alarm("a"), alarm("b")]);
      await (await connect()).setAlarms([alarm("a"), alarm("b")]);
      await dispatcher.consume(activations.pass, 1, activations.pass);

      await passMinute();

      await activations.seen("a", "b");
      expect(activations.ids.toSorted()).toEqual(["a", "b"]);
      expect(await countAlarms()).toBe(2);
    });

    test("setting alarms takes those away that are not among them", async () => {
      const { dispatcher, activations, passMinute, countAlarms } = await setup();
      await dispatcher.setAlarms([alarm("a"), alarm("b")]);

      await dispatcher.setAlarms([alarm("b"), alarm("0 9 * * MON#2 Europe/Berlin")]);
      await dispatcher.consume(activations.pass, 1, activations.pass);

      expect(await countAlarms()).toBe(2);
      await passMinute();
      await activations.seen("b");
      expect(activations.ids).not.toContain("a");
    });

    test("one that is due before anyone consumes rings when somebody does", async () => {
      const { dispatcher, activations, passMinute } = await setup();
      await dispatcher.setAlarms([alarm("a")]);
      await passMinute();

      await dispatcher.consume(activations.pass, 1, activations.pass);

      await activations.seen("a");
      expect(activations.ids).toEqual(["a"]);
    });

    test("one that rings in vain rings the next time", async () => {
      const { dispatcher, activations, passMinute } = await setup();
      await dispatcher.setAlarms([alarm("a")]);
      await dispatcher.consume(activations.pass, 1, activations.fail);

      await passMinute();
      await activations.seen("a");
      await passMinute();

      await activations.count(2);
      expect(activations.ids).toEqual(["a", "a"]);
    });

    test("whoever consumes without listening hears no alarm, and is not disturbed by one", async () => {
      const { dispatcher, activations, passMinute } = await setup();
      await dispatcher.setAlarms([alarm("a")]);
      await dispatcher.consume(activations.pass, 1);

      await passMinute();
      await dispatcher.dispatch([request("after")]);

      await activations.seen("after");
      expect(activations.ids).toEqual(["after"]);
    });
  });

  describe(`${name}: stop and close`, () => {
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
  });
}

function request(
  instanceId: string,
  { wakeUp = 1, rank = 0 }: { readonly wakeUp?: number; readonly rank?: number } = {},
): ActivationRequest {
  return { instanceId, wakeUp, rank };
}

function alarm(key: string): Alarm {
  return { key, cron: "* * * * *", timezone: "Europe/Berlin" };
}

/** What was activated, and the gates behind which it is held. */
class Activations {
  /** In the order of their activation. */
  readonly ids: string[] = [];
  readonly settled: string[] = [];
  /** The most that were activated at once. */
  peak: number = 0;
  #isOpen = false;
  readonly #gates = new Map<string, () => void>();
  readonly #watchers = new Set<() => void>();

  readonly pass = async (id: string): Promise<void> => {
    this.#arrive(id);
  };

  readonly fail = async (id: string): Promise<void> => {
    this.#arrive(id);
    throw new Error(`The activation of ${id} was to fail`);
  };

  readonly hold = async (id: string): Promise<void> => {
    const gate = new Promise<void>((resolve) => void this.#gates.set(id, resolve));
    this.peak = Math.max(this.peak, this.#gates.size);
    this.#arrive(id);
    if (this.#isOpen) {
      this.open(id);
    }
    await gate;
    this.settled.push(id);
  };

  get held(): readonly string[] {
    return [...this.#gates.keys()];
  }

  open(id: string): void {
    this.#gates.get(id)?.();
    this.#gates.delete(id);
  }

  openAll(): void {
    this.#isOpen = true;
    this.held.forEach((id) => this.open(id));
  }

  /** Resolves once all of these were activated. */
  async seen(...ids: readonly string[]): Promise<void> {
    while (!ids.every((id) => this.ids.includes(id))) {
      await new Promise<void>((resolve) => void this.#watchers.add(resolve));
    }
  }

  /** Resolves once so many have arrived. */
  async count(least: number): Promise<void> {
    while (this.ids.length < least) {
      await new Promise<void>((resolve) => void this.#watchers.add(resolve));
    }
  }

  #arrive(id: string): void {
    this.ids.push(id);
    this.#watchers.forEach((resolve) => resolve());
    this.#watchers.clear();
  }
}
