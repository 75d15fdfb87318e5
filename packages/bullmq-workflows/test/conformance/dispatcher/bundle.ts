/** What the tests of dispatchers share: a dispatcher on an empty queue, and who is activated. */
import { afterEach } from "vitest";
import type { ActivationRequest, Alarm, Dispatcher } from "../../../src/engine/ports/dispatcher.ts";

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

export interface Bundle {
  readonly dispatcher: Dispatcher;
  readonly connect: () => Promise<Dispatcher>;
  readonly activations: Activations;
  readonly passMinute: DispatcherSetup["passMinute"];
  readonly countAlarms: DispatcherSetup["countAlarms"];
}

export type SetUp = () => Promise<Bundle>;

export function createSetUp(open: () => Promise<DispatcherSetup>): SetUp {
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
  });
  return async () => {
    const { connect, dispose, passMinute, countAlarms } = await open();
    const activations = new Activations();
    const connectAndClose = async (): Promise<Dispatcher> => {
      const dispatcher = await connect();
      endings.push(async () => await dispatcher.close());
      return dispatcher;
    };
    endings.push(dispose);
    const dispatcher = await connectAndClose();
    endings.push(async () => activations.openAll());
    return { dispatcher, connect: connectAndClose, activations, passMinute, countAlarms };
  };
}

export function request(
  instanceId: string,
  { wakeUp = 1, rank = 0 }: { readonly wakeUp?: number; readonly rank?: number } = {},
): ActivationRequest {
  return { instanceId, wakeUp, rank };
}

export function alarm(key: string): Alarm {
  return { key, cron: "* * * * *", timezone: "Europe/Berlin" };
}

/** What was activated, and the gates behind which it is held. */
export class Activations {
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
