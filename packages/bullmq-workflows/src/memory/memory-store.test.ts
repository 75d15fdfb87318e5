import fc from "fast-check";
import { expect, test } from "vitest";
import type { Claim, ClaimRequest, FencedWrite } from "../engine/ports/activations.ts";
import type { NewInstance } from "../engine/ports/instances.ts";
import { MemoryStore } from "./memory-store.ts";
import { VirtualClock } from "./virtual-clock.ts";

function setup(): { clock: VirtualClock; store: MemoryStore } {
  const clock = new VirtualClock();
  return { clock, store: new MemoryStore(clock) };
}

function newInstance(id: string, rest: Partial<NewInstance> = {}): NewInstance {
  const retention = { successMs: 100, errorMs: 200 };
  return { id, params: "null", priority: 5, delayMs: 0, retention, nonce: id, ...rest };
}

function claimRequest(instanceId: string, rest: Partial<ClaimRequest> = {}): ClaimRequest {
  return { instanceId, workerId: "w", leaseMs: 50, nonce: "n", ...rest };
}

async function claim(store: MemoryStore, instanceId: string): Promise<Claim> {
  const outcome = await store.activations.claim(claimRequest(instanceId));
  if (outcome.type !== "claimed") {
    throw new Error(`Expected a claim, got ${outcome.reason}`);
  }
  return outcome.claim;
}

function write(instanceId: string, fence: number, rest: Partial<FencedWrite> = {}): FencedWrite {
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

test("what callers pass in and get out shares nothing with the store", async () => {
  const { store } = setup();
  const entries = ["1"];
  const awaits = ["go"];
  await store.instances.create([newInstance("a")]);
  const { fence } = await claim(store, "a");

  await store.activations.suspend({ ...write("a", fence, { entries }), awaits });
  entries.push("2");
  awaits.push("stop");
  const history = await store.instances.history("a");
  (history as unknown[]).push("3");

  expect(store.inspect("a")).toMatchObject({ awaits: ["go"], history: [{ text: "1" }] });
  expect(() => Object.assign(history[0] ?? {}, { text: "4" })).toThrow(TypeError);
});

test("stores on one partition share its instances and their notices", async () => {
  const { store } = setup();
  const other = new MemoryStore(store.partition);
  const finished: string[] = [];
  await other.notices.onFinished(
    ({ instanceId }) => finished.push(instanceId),
    () => undefined,
  );

  await store.instances.create([newInstance("a")]);
  await store.commands.terminate("a");

  expect(finished).toEqual(["a"]);
  expect(await other.instances.get("a")).toMatchObject({ status: "terminated" });
});

test("a closed store says so, and hears nothing any more", async () => {
  const { store } = setup();
  const other = new MemoryStore(store.partition);
  const heard: unknown[] = [];
  await other.notices.onControl("w", (message) => heard.push(message));
  await store.instances.create([newInstance("a")]);
  await claim(store, "a");

  await other.close();
  await store.commands.pause("a");

  expect(heard).toEqual([]);
  await expect(other.instances.get("a")).rejects.toThrow("closed");
});

test("the calls of a killed process never settle and change nothing", async () => {
  const { clock, store } = setup();
  const other = new MemoryStore(store.partition);
  const settled: string[] = [];

  other.kill();
  void other.instances.create([newInstance("a")]).finally(() => settled.push("create"));
  await clock.settle();

  expect(settled).toEqual([]);
  expect(store.snapshot()).toEqual([]);
});

test("notices are lost while disconnected, and the gap is made known", async () => {
  const { clock, store } = setup();
  const heard: string[] = [];
  await store.notices.onFinished(
    ({ instanceId }) => heard.push(instanceId),
    () => heard.push("gap"),
  );
  await store.instances.create([newInstance("a"), newInstance("b")]);

  store.partition.notices.disconnect();
  await store.commands.terminate("a");
  store.partition.notices.reconnect();
  await store.commands.terminate("b");
  await clock.settle();

  expect(heard).toEqual(["gap", "b"]);
});

test("an ending under a number that another write has used is a bug, and throws", async () => {
  const { store } = setup();
  await store.instances.create([newInstance("a")]);
  const { fence } = await claim(store, "a");
  await store.activations.commit(write("a", fence, { entries: ["1"] }));

  await expect(store.activations.release(write("a", fence))).rejects.toThrow("another write");
});

test("the check of invariants sees a status in the wrong place", async () => {
  const { store } = setup();
  await store.instances.create([newInstance("a")]);
  store.checkInvariants();

  store.partition.places.move("a", "leases", 0);

  expect(() => store.checkInvariants()).toThrow("Instance a is queued but its place is leases");
});

test("the check of invariants sees a free slot beside a backlog", async () => {
  const { store } = setup();
  await store.configure({ concurrencyLimit: 1 });
  await store.instances.create([newInstance("a"), newInstance("b")]);
  store.checkInvariants();

  store.partition.concurrencyLimit = 2;

  expect(() => store.checkInvariants()).toThrow("A slot is free while 1 instances are held back");
});

test("the check of invariants sees more slots taken than there are", async () => {
  const { store } = setup();
  await store.configure({ concurrencyLimit: 1 });
  await store.instances.create([newInstance("a"), newInstance("b")]);

  store.partition.places.move("b", "pending", 0);

  expect(() => store.checkInvariants()).toThrow("2 slots are taken of 1");
});

/** One thing that may happen to a store, chosen by three small numbers. */
type Act = (store: MemoryStore, id: string, amount: number) => Promise<unknown>;

const fenceOf = (store: MemoryStore, id: string): number => store.inspect(id)?.fence ?? 0;
const nextWrite = (store: MemoryStore, id: string, amount: number): FencedWrite =>
  write(id, fenceOf(store, id), {
    // One in three repeats the newest write.
    commit: (store.inspect(id)?.commit ?? 0) + Math.min(1, amount % 3),
    entries: Array.from({ length: amount % 3 }, () => '{"type":"x"}'),
    consumed: (store.inspect(id)?.events ?? []).slice(0, amount % 2).map(({ seq }) => seq),
    seenEvent: amount,
  });
/** Endings under a used number are refused with an error while the activation goes on. */
const ending = async (outcome: Promise<unknown>): Promise<unknown> =>
  await outcome.catch((error: unknown) => String(error));

const ACTS: readonly Act[] = [
  async (store, id, amount) =>
    await store.instances.create([
      newInstance(id, { priority: amount, delayMs: (amount % 3) * 20 }),
    ]),
  async (store, id, amount) =>
    await store.activations.claim(
      claimRequest(id, { nonce: String(amount), early: amount % 2 === 0 }),
    ),
  async (store, id, amount) =>
    await store.activations.claim(claimRequest(id, { nonce: String(amount) })),
  async (store, id, amount) => await store.activations.commit(nextWrite(store, id, amount)),
  async (store, id, amount) =>
    await ending(
      store.activations.suspend({
        ...nextWrite(store, id, amount),
        wakeInMs: amount * 9,
        awaits: ["go"],
      }),
    ),
  async (store, id, amount) =>
    await ending(store.activations.suspend({ ...nextWrite(store, id, amount), awaits: [] })),
  async (store, id, amount) =>
    await ending(
      store.activations.finish({
        ...nextWrite(store, id, amount),
        result:
          amount % 2 === 0
            ? { status: "complete", output: "1" }
            : { status: "errored", error: "{}" },
      }),
    ),
  async (store, id, amount) => await store.activations.settlePause(nextWrite(store, id, amount)),
  async (store, id, amount) =>
    await ending(store.activations.release(nextWrite(store, id, amount))),
  async (store, id) =>
    await store.activations.renew({
      instanceId: id,
      fence: fenceOf(store, id),
      leaseMs: 50,
      seenEvent: 0,
    }),
  async (store, id, amount) =>
    await store.commands.sendEvent(id, { type: amount % 2 ? "go" : "other" }),
  async (store, id) => await store.commands.pause(id),
  async (store, id) => await store.commands.resume(id),
  async (store, id) => await store.commands.terminate(id),
  async (store, id) => await store.commands.restart(id),
  async (store, id) => await store.commands.delete(id),
  async (store, _, amount) => await store.sweeps.wakeDue(amount),
  async (store, _, amount) => await store.sweeps.adoptOrphans(amount),
  async (store, _, amount) => await store.sweeps.redispatch({ olderThanMs: 10, limit: amount }),
  async (store, _, amount) => await store.sweeps.expire(amount),
  async (store, _, amount) => await store.configure({ concurrencyLimit: amount % 4 }),
];

test("whatever happens in whatever order, status, place, index and slots agree", async () => {
  const step = fc.record({
    act: fc.nat(ACTS.length - 1),
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    amount: fc.integer({ min: 0, max: 6 }),
    elapsed: fc.constantFrom(0, 0, 0, 1, 10, 60),
  });
  const schedule = fc.array(step, { minLength: 20, maxLength: 120 });

  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      let now = 1_000;
      const store = new MemoryStore({ now: () => now });
      for (const { act, id, amount, elapsed } of steps) {
        now += elapsed;
        await ACTS[act]?.(store, id, amount);
        store.checkInvariants();
      }
    }),
    { numRuns: 500 },
  );
});
