/** What the tests of the store's contract are made of. */
import { randomUUID } from "node:crypto";
import { afterEach } from "vitest";
import type { Claim, ClaimRequest, FencedWrite } from "../../../src/engine/ports/activations.ts";
import type { ActivationRequest } from "../../../src/engine/ports/dispatcher.ts";
import type { StoredEntry } from "../../../src/engine/ports/history.ts";
import type { NewInstance } from "../../../src/engine/ports/instances.ts";
import type { Store } from "../../../src/engine/ports/store.ts";

export interface StoreSetup {
  /** Another store on the same, at first empty partition, as in a process of its own. */
  readonly connect: () => Promise<Store>;
  /** Lets at least this much time pass on the store's clock. */
  readonly passTime: (ms: number) => Promise<void>;
  /** Answers how to set the store back to what it is now, as a failover does that loses writes. */
  readonly capture: () => Promise<() => Promise<void>>;
  /** Loses the record of an instance, and nothing else, as an eviction does. Answers how to bring it back. */
  readonly loseRecord: (instanceId: string) => Promise<() => Promise<void>>;
  /** Throws when statuses, places, indices and slots do not agree. */
  readonly checkConsistency: () => Promise<void>;
  /** Frees what the stores used. Called after all of them are closed. */
  readonly dispose: () => Promise<void>;
}

interface Bundle {
  readonly store: Store;
  readonly connect: () => Promise<Store>;
  readonly passTime: (ms: number) => Promise<void>;
  readonly capture: StoreSetup["capture"];
  readonly loseRecord: StoreSetup["loseRecord"];
}

export type SetUp = () => Promise<Bundle>;

/** Longer than any test takes. */
export const LONG_MS = 60_000;

/** A lease that is over after {@link TICK_MS}. */
export const SHORT_MS = 1;

export const TICK_MS = 5;

/** Whatever a test did, the store has to be consistent at its end. */
export function createSetUp(open: () => Promise<StoreSetup>): SetUp {
  const endings: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
  });
  return async () => {
    const { connect, passTime, capture, loseRecord, checkConsistency, dispose } = await open();
    const connectAndClose = async (): Promise<Store> => {
      const store = await connect();
      endings.push(async () => await store.close());
      return store;
    };
    endings.push(dispose);
    const store = await connectAndClose();
    endings.push(checkConsistency);
    return { store, connect: connectAndClose, passTime, capture, loseRecord };
  };
}

export function newInstance(id: string, rest: Partial<NewInstance> = {}): NewInstance {
  return {
    id,
    params: '{"for":"test"}',
    priority: 5,
    delayMs: 0,
    retention: { successMs: LONG_MS, errorMs: LONG_MS },
    nonce: randomUUID(),
    ...rest,
  };
}

export function claimRequest(instanceId: string, rest: Partial<ClaimRequest> = {}): ClaimRequest {
  return { instanceId, workerId: "worker", leaseMs: LONG_MS, nonce: randomUUID(), ...rest };
}

export function write(
  instanceId: string,
  { fence }: { readonly fence: number },
  rest: Partial<FencedWrite> = {},
): FencedWrite {
  return {
    instanceId,
    fence,
    commit: 1,
    after: 0,
    entries: [],
    consumed: [],
    seenEvent: 0,
    ...rest,
  };
}

export const COMPLETE = { status: "complete", output: '"done"' } as const;

export const ERRORED = { status: "errored", error: '{"name":"Error"}' } as const;

export async function create(
  store: Store,
  id: string,
  rest: Partial<NewInstance> = {},
): Promise<readonly ActivationRequest[]> {
  const [outcome] = await store.instances.create([newInstance(id, rest)]);
  if (outcome?.type !== "created") throw new Error(`Could not create ${id}`);
  return outcome.requests;
}

export async function claim(
  store: Store,
  id: string,
  rest: Partial<ClaimRequest> = {},
): Promise<Claim> {
  const outcome = await store.activations.claim(claimRequest(id, rest));
  if (outcome.type !== "claimed") throw new Error(`Could not claim ${id}: ${outcome.reason}`);
  return outcome.claim;
}

/** Creates and claims. */
export async function run(
  store: Store,
  id: string,
  rest: Partial<ClaimRequest> = {},
): Promise<Claim> {
  await create(store, id);
  return await claim(store, id, rest);
}

/** Creates, claims, and suspends until one of the event types. */
export async function suspendUntil(
  store: Store,
  id: string,
  ...awaits: readonly string[]
): Promise<Claim> {
  const claimed = await run(store, id);
  await store.activations.suspend({ ...write(id, claimed), awaits });
  return claimed;
}

export async function statusOf(store: Store, id: string): Promise<string | undefined> {
  return (await store.instances.get(id))?.status;
}

export function texts(history: readonly StoredEntry[]): readonly string[] {
  return history.map((entry) => entry.text);
}

export async function historyOf(store: Store, id: string): Promise<readonly string[]> {
  return texts(await store.instances.history(id));
}

export function idsOf(requests: readonly ActivationRequest[]): readonly string[] {
  return requests.map((request) => request.instanceId);
}

/** The ids that a verb made runnable. */
export function requested(outcome: object): readonly string[] {
  return "requests" in outcome ? idsOf(outcome.requests as readonly ActivationRequest[]) : [];
}
