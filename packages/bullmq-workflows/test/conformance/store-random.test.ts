/**
 * The Redis store and the one in memory do the same, whatever happens in whatever order.
 *
 * Every step is taken on both, a millisecond or more after the one before, and has to be answered the
 * same but for instants and drawn numbers. What is to be due at once is made so by a duration of 0.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { FencedWrite } from "../../src/engine/ports/activations.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { STATUSES } from "../../src/model/status.ts";
import { MemoryStore } from "../../src/memory/memory-store.ts";
import { RedisStore } from "../../src/redis/redis-store.ts";
import { Subscriptions } from "../../src/redis/subscriptions.ts";
import { randomTag, startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { COMPLETE, ERRORED, LONG_MS, claimRequest, newInstance, write } from "./store/bundle.ts";
import { checkRedisConsistency } from "./store/redis-consistency.ts";

const IDS = ["a", "b", "c"] as const;

interface Step {
  readonly act: string;
  readonly id: string;
  /** Varies the arguments. */
  readonly amount: number;
}

/** One of the two stores, with what its activations know of it: fences and numbers differ. */
interface Side {
  readonly store: Store;
  readonly activations: Map<string, Activation[]>;
}

interface Activation {
  readonly fence: number;
  commit: number;
}

type Act = (side: Side, step: Step) => Promise<unknown>;

const ACTS: Readonly<Record<string, Act>> = {
  create: ({ store }, { id, amount }) => {
    const delayMs = amount === 6 ? LONG_MS : 0;
    const retention = { successMs: LONG_MS, errorMs: amount % 2 ? 0 : LONG_MS };
    const nonce = `${amount % 2}`;
    const labels = amount % 2 ? { labels: ["tag:odd"] } : {};
    const rest = { priority: amount, delayMs, retention, nonce, ...labels };
    return store.instances.create([newInstance(id, rest)]);
  },
  claim: takeClaim,
  commit: ({ store, activations }, step) => store.activations.commit(nextWrite(activations, step)),
  look: ({ store, activations }, step) =>
    store.activations.commit({ ...nextWrite(activations, step), entries: [], consumed: [] }),
  suspend: ({ store, activations }, step) => {
    const awaits = step.amount % 2 ? ["go"] : ["go", "stop"];
    const wake = step.amount % 3 ? { wakeInMs: step.amount % 3 === 1 ? 0 : LONG_MS } : {};
    return store.activations.suspend({ ...nextWrite(activations, step), ...wake, awaits });
  },
  finish: ({ store, activations }, step) => {
    const result = step.amount % 2 ? COMPLETE : ERRORED;
    return store.activations.finish({ ...nextWrite(activations, step), result });
  },
  settlePause: ({ store, activations }, step) =>
    store.activations.settlePause(nextWrite(activations, step)),
  release: ({ store, activations }, step) =>
    store.activations.release(nextWrite(activations, step)),
  renew: ({ store, activations }, step) => {
    const { fence } = nextWrite(activations, { ...step, amount: 1 });
    return store.activations.renew({
      instanceId: step.id,
      fence,
      leaseMs: LONG_MS,
      seenEvent: step.amount,
    });
  },
  reassert: reassertMore,
  sendEvent: ({ store }, { id, amount }) =>
    store.commands.sendEvent(
      id,
      amount % 2 ? { type: "go" } : { type: "stop", payload: `${amount}` },
    ),
  pause: ({ store }, { id }) => store.commands.pause(id),
  resume: ({ store }, { id }) => store.commands.resume(id),
  terminate: ({ store }, { id }) => store.commands.terminate(id),
  restart: ({ store }, { id }) => store.commands.restart(id),
  restartFrom: async ({ store }, { id, amount }) => {
    const history = await store.instances.history(id);
    const { length } = history;
    const last = history.at(amount === 5 ? 0 : -1) ?? { at: 0, text: "" };
    const kept = { prefix: Math.min(amount % 3, length), rest: history.slice(4, 4 + (amount % 2)) };
    return await store.commands.restartFrom({
      instanceId: id,
      length,
      last,
      ...kept,
      droppedStreams: [],
    });
  },
  writeChunk: ({ store, activations }, step) => {
    const { fence } = nextWrite(activations, { ...step, amount: 6 });
    const place = { stream: `${fence}.${step.amount % 2}`, index: step.amount % 4 };
    const size = { bytes: new Uint8Array(step.amount + 1), limitBytes: 12 };
    const confirmed = step.amount === 3 ? 1 : 0;
    return store.streams.writeChunk({ instanceId: step.id, fence, ...place, confirmed, ...size });
  },
  commitStream: ({ store, activations }, step) => {
    const commit = nextWrite(activations, step);
    const bytes = step.amount % 3 ? step.amount : 0;
    const chunks = bytes ? 1 + (step.amount % 2) : 0;
    const streams = [{ id: `${commit.fence}.${step.amount % 2}`, chunks, bytes }];
    return store.activations.commit({ ...commit, streams });
  },
  discardStream: ({ store, activations }, step) => {
    const { fence } = nextWrite(activations, { ...step, amount: 6 });
    return store.streams.discardStream({
      instanceId: step.id,
      stream: `${fence}.${step.amount % 2}`,
    });
  },
  sweepStreams: ({ store }, { amount }) =>
    store.streams.sweepStreams({ olderThanMs: amount % 2 ? 0 : LONG_MS, limit: 100 }),
  delete: ({ store }, { id }) => store.commands.delete(id),
  wakeDue: ({ store }, { amount }) => store.sweeps.wakeDue(amount + 1),
  adoptOrphans: ({ store }, { amount }) => store.sweeps.adoptOrphans(amount + 1),
  redispatch: ({ store }, { amount }) =>
    store.sweeps.redispatch({ olderThanMs: amount % 2 ? 0 : LONG_MS, limit: amount + 1 }),
  expire: ({ store }, { amount }) => store.sweeps.expire(amount + 1),
  configure: ({ store }, { amount }) => store.configure({ concurrencyLimit: amount % 4 }),
};

/** How often, compared with 1: so that instances live long enough for something to happen to them. */
const WEIGHTS: Readonly<Record<string, number>> = {
  create: 6,
  claim: 16,
  commit: 5,
  writeChunk: 6,
  commitStream: 3,
  suspend: 8,
  sendEvent: 6,
  pause: 3,
  resume: 5,
  wakeDue: 6,
  adoptOrphans: 3,
};

/** Something to begin with. */
const BEGINNING: readonly Step[] = IDS.map((id, amount) => ({ act: "create", id, amount }));

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

test("both stores answer the same to any sequence of verbs, and end in the same state", async () => {
  const client = redis.connect();
  const subscriptions = new Subscriptions(client);
  onTestFinished(async () => await subscriptions.close());
  const names = Object.keys(ACTS).flatMap((name) => Array<string>(WEIGHTS[name] ?? 1).fill(name));
  const step = fc.record({
    act: fc.constantFrom(...names),
    id: fc.constantFrom(...IDS),
    amount: fc.nat(6),
  });
  const schedule = fc.array(step, { minLength: 40, maxLength: 100 });

  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const tag = randomTag();
      let now = 1_700_000_000_000;
      const inMemory = new MemoryStore({ now: () => now });
      const onRedis = new RedisStore({ client, subscriptions, tag });
      const sides = [inMemory, onRedis].map((store) => ({ store, activations: new Map() }));
      for (const [index, each] of [...BEGINNING, ...steps].entries()) {
        now += 2;
        await new Promise((resolve) => setTimeout(resolve, 1));
        const [expected, actual] = await Promise.all(sides.map((side) => take(side, each)));
        expect({ index, act: each.act, outcome: actual }).toEqual({
          index,
          act: each.act,
          outcome: expected,
        });
      }
      const [expected, actual] = await Promise.all(sides.map(({ store }) => readAll(store)));
      expect(actual).toEqual(expected);
      inMemory.checkInvariants();
      await checkRedisConsistency(client, tag);
    }),
    { numRuns: 30 },
  );
}, 60_000);

async function take(side: Side, step: Step): Promise<unknown> {
  try {
    return comparable(await ACTS[step.act]?.(side, step));
  } catch (error) {
    // Both refuse an ending under a used number; they say it in their own words.
    return error instanceof Error && error.message.includes("another write") ? "refused" : error;
  }
}

async function takeClaim(side: Side, { id, amount }: Step): Promise<unknown> {
  const known = side.activations.get(id) ?? [];
  const last = known.at(-1);
  const held = last && amount % 2 ? { held: { fence: last.fence, entries: amount % 4 } } : {};
  const outcome = await side.store.activations.claim(
    claimRequest(id, {
      nonce: `${amount % 4}`,
      leaseMs: amount === 4 ? -1 : LONG_MS,
      early: amount > 4,
      ...held,
    }),
  );
  if (outcome.type === "claimed" && outcome.claim.fence !== last?.fence) {
    side.activations.set(id, [...known, { fence: outcome.claim.fence, commit: 0 }]);
  }
  return outcome;
}

/** As somebody who knows what is there, and sometimes more, of which only the end is held. */
async function reassertMore({ store, activations }: Side, { id, amount }: Step): Promise<unknown> {
  const [record, history] = [await store.instances.get(id), await store.instances.history(id)];
  const at = history.at(-1)?.at ?? record?.createdAt ?? 0;
  const lost = Array.from({ length: amount % 3 }, (_, n) => ({ at, text: `{"lost":${n}}` }));
  const fence = activations.get(id)?.at(-1)?.fence ?? 0;
  const renewal = await store.activations.renew({
    instanceId: id,
    fence,
    leaseMs: LONG_MS,
    seenEvent: 0,
  });
  const consumed = renewal.type === "renewed" ? renewal.news.events.at(-1) : undefined;
  const entries = [...history, ...lost].map((entry) => ({
    ...entry,
    ...(consumed && { consumed }),
  }));
  const createdAt = amount === 4 ? 1 : record?.createdAt;
  return await store.activations.reassert({
    instanceId: id,
    ...(createdAt !== undefined && { createdAt }),
    fence: activations.get(id)?.at(amount % 2 ? -1 : -2)?.fence ?? 0,
    ...(amount === 2 && { unused: activations.get(id)?.at(-1)?.fence ?? 0 }),
    ageMs: amount === 5 ? LONG_MS : 0,
    lastEvent: amount,
    lastEventAt: amount === 1 ? 0 : Number.MAX_SAFE_INTEGER,
    entries: entries.length,
    held: amount > 2 ? entries.slice(-2) : entries,
  });
}

/** Mostly the next write of the newest activation, sometimes a repeat, sometimes of an older one. */
function nextWrite(activations: Side["activations"], { id, amount }: Step): FencedWrite {
  const known = activations.get(id) ?? [];
  const activation = known.at(amount === 5 ? -2 : -1) ?? { fence: 999, commit: 0 };
  if (amount !== 6) activation.commit += 1;
  return write(id, activation, {
    commit: Math.max(1, activation.commit),
    entries: Array.from({ length: amount % 3 }, (_, n) => `{"n":${n}}`),
    consumed: amount % 4 ? [] : [1, 2],
    seenEvent: amount === 0 ? 0 : 99,
  });
}

async function readAll(store: Store): Promise<unknown> {
  const instances = await Promise.all(
    IDS.map(async (id) => [await store.instances.get(id), await store.instances.history(id)]),
  );
  const lists = await Promise.all([
    ...STATUSES.map((status) => store.instances.list({ statuses: [status], limit: 10 })),
    store.instances.list({ limit: 2, skip: 1 }),
    store.instances.list({ limit: 2, first: "oldest" }),
    store.instances.list({ limit: 2, labels: ["tag:odd"] }),
    store.instances.list({ limit: 2, idPrefix: "b", first: "oldest" }),
  ]);
  return comparable([instances, lists, await store.instances.counts()]);
}

const DRAWN =
  /^(at|now|nextAt|fence|wakeUp|createdAt|startedAt|endedAt|changedAt|cursor|lastNumber|delayedUntil)$/;

/** Without instants and drawn numbers. */
function comparable(value: unknown): unknown {
  const text = JSON.stringify(value, (key, item: unknown) => (DRAWN.test(key) ? "#" : item));
  return text && JSON.parse(text.replaceAll(/pausedMs\\":\d+/g, "pausedMs"));
}
