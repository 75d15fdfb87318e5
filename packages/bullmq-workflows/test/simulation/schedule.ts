/** What happens to the workers, the network and the instances while programs run. Plain data, too. */
import * as fc from "fast-check";
import type { Circumstances } from "./model.ts";
import { program } from "./program.ts";
import type { EventType, Program } from "./program.ts";

/** Something that goes wrong, or is done from outside, at a moment. */
export type Adversity =
  /** The process is gone at once; what it has sent is still on its way. */
  | { readonly type: "crash"; readonly worker: number }
  /** Its calls arrive very late and are never answered, but its code goes on. */
  | { readonly type: "isolate"; readonly worker: number }
  /** Its event loop stands still. */
  | { readonly type: "freeze"; readonly worker: number; readonly forMs: number }
  /** The store cannot be reached, or does what it is asked and cannot say so. */
  | { readonly type: "outage"; readonly worker: number; readonly forMs: number }
  /** Control messages get lost. */
  | { readonly type: "deafen"; readonly forMs: number }
  | { readonly type: "close"; readonly worker: number }
  | { readonly type: "start" }
  | { readonly type: "event"; readonly instance: number; readonly eventType: EventType }
  | { readonly type: "pause"; readonly instance: number }
  | { readonly type: "resume"; readonly instance: number }
  | { readonly type: "terminate"; readonly instance: number }
  | { readonly type: "restart"; readonly instance: number }
  | { readonly type: "delete"; readonly instance: number }
  /** The store is what it was so long ago, as after a failover to a replica that lagged. */
  | { readonly type: "loss"; readonly lostMs: number };

export interface Network {
  /** Calls take up to this long each way, each by chance. 0 is at once. */
  readonly latencyMs: number;
  /** Calls take exactly that long, so that none overtakes another. */
  readonly isSteady: boolean;
  /** In percent: calls that fail before or after they took effect. */
  readonly failing: number;
  /** In percent, of dispatched requests. */
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  /** Decides every chance above. */
  readonly chance: number;
}

export interface Schedule {
  readonly programs: readonly Program[];
  readonly workers: number;
  /** 0 is no limit. */
  readonly concurrencyLimit: number;
  /** Parked activations a worker keeps; 0 replays after every wait. */
  readonly warmLimit: number;
  readonly network: Network;
  readonly adversities: readonly { readonly at: number; readonly what: Adversity }[];
  /** How long after the last of them everything is put right. */
  readonly lastsMs: number;
}

const instant = fc.oneof(
  fc.nat({ max: 60 }),
  fc.constantFrom(999, 1_000, 1_001, 2_500, 3_000, 5_000, 5_001, 6_000),
  fc.nat({ max: 3_000 }),
  fc.nat({ max: 20_000 }),
);
const worker = fc.nat({ max: 2 });
const instance = fc.nat({ max: 1 });
const forMs = fc.constantFrom(20, 1_000, 6_000, 8_000, 15_000);

function adversityOf<Type extends Adversity["type"], Facts extends object>(
  type: Type,
  facts: { [Name in keyof Facts]: fc.Arbitrary<Facts[Name]> },
): fc.Arbitrary<{ type: Type } & Facts> {
  return fc.record({ type: fc.constant(type), ...facts }) as unknown as fc.Arbitrary<
    { type: Type } & Facts
  >;
}

const fromOutside: fc.Arbitrary<Adversity> = fc.oneof(
  {
    weight: 7,
    arbitrary: adversityOf("event", {
      instance,
      eventType: fc.constantFrom<EventType>("red", "blue"),
    }),
  },
  { weight: 2, arbitrary: adversityOf("start", {}) },
  { weight: 1, arbitrary: adversityOf("terminate", { instance }) },
  { weight: 1, arbitrary: adversityOf("restart", { instance }) },
  { weight: 1, arbitrary: adversityOf("delete", { instance }) },
);

const anything: fc.Arbitrary<Adversity> = fc.oneof(
  { weight: 12, arbitrary: fromOutside },
  { weight: 3, arbitrary: adversityOf("pause", { instance }) },
  { weight: 3, arbitrary: adversityOf("resume", { instance }) },
  { weight: 3, arbitrary: adversityOf("crash", { worker }) },
  { weight: 1, arbitrary: adversityOf("isolate", { worker }) },
  { weight: 4, arbitrary: adversityOf("freeze", { worker, forMs }) },
  { weight: 2, arbitrary: adversityOf("outage", { worker, forMs }) },
  { weight: 3, arbitrary: adversityOf("deafen", { forMs }) },
  { weight: 1, arbitrary: adversityOf("close", { worker }) },
);

/** What makes two workers believe at once that an instance is theirs. */
const standstill: fc.Arbitrary<Adversity> = fc.oneof(
  { weight: 4, arbitrary: adversityOf("freeze", { worker, forMs: fc.constantFrom(6_000, 9_000) }) },
  { weight: 1, arbitrary: adversityOf("isolate", { worker }) },
  { weight: 1, arbitrary: adversityOf("start", {}) },
  { weight: 1, arbitrary: fromOutside },
);

const badNetwork: fc.Arbitrary<Network> = fc.record({
  latencyMs: fc.constantFrom(0, 0, 1, 5, 80, 800),
  isSteady: fc.boolean(),
  failing: fc.constantFrom(0, 0, 0, 3, 15),
  lost: fc.constantFrom(0, 0, 10, 50),
  doubled: fc.constantFrom(0, 0, 30),
  late: fc.constantFrom(0, 0, 30),
  chance: fc.nat({ max: 0x7fffffff }),
});

function goodNetwork(...latenciesMs: readonly number[]): fc.Arbitrary<Network> {
  return fc.record({
    latencyMs: fc.constantFrom(...latenciesMs),
    isSteady: fc.boolean(),
    failing: fc.constant(0),
    lost: fc.constant(0),
    doubled: fc.constantFrom(0, 30),
    late: fc.constant(0),
    chance: fc.nat({ max: 0x7fffffff }),
  });
}

function scheduleOf(
  network: fc.Arbitrary<Network>,
  adversity: fc.Arbitrary<Adversity>,
  concurrencyLimit: fc.Arbitrary<number>,
): fc.Arbitrary<Schedule> {
  return fc.record({
    programs: fc.array(program, { minLength: 1, maxLength: 2 }),
    workers: fc.integer({ min: 1, max: 3 }),
    concurrencyLimit,
    warmLimit: fc.constantFrom(0, 1, 100),
    network,
    adversities: fc.array(fc.record({ at: instant, what: adversity }), { maxLength: 12 }),
    lastsMs: fc.constantFrom(0, 2_000, 9_000, 20_000),
  });
}

/** Some are calm: nothing goes wrong by itself, so more can be demanded of them. */
export const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 3, arbitrary: scheduleOf(badNetwork, anything, fc.constantFrom(0, 0, 1)) },
  { weight: 1, arbitrary: scheduleOf(goodNetwork(80, 800), standstill, fc.constant(0)) },
  { weight: 2, arbitrary: scheduleOf(goodNetwork(0, 1, 5), fromOutside, fc.constant(0)) },
);

const orLoss: fc.Arbitrary<Adversity> = fc.oneof(
  {
    weight: 1,
    arbitrary: adversityOf("loss", { lostMs: fc.constantFrom(0, 1, 5, 40, 200, 1_000, 3_000) }),
  },
  { weight: 4, arbitrary: anything },
);

/** The store goes back in time, beside everything else. */
export const lossSchedule: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 1, arbitrary: scheduleOf(badNetwork, orLoss, fc.constantFrom(0, 0, 1)) },
  { weight: 1, arbitrary: scheduleOf(goodNetwork(0, 1, 5), orLoss, fc.constant(0)) },
);

/** Whether nothing stands in the way of waking an instance the moment it is due. */
export function isCalm({ adversities, network, concurrencyLimit }: Schedule): boolean {
  const { latencyMs, isSteady, failing, lost, late } = network;
  // An answer that overtakes another may end an activation before it has told when it is due.
  if (latencyMs > 5 || (latencyMs > 0 && !isSteady)) return false;
  if (failing + lost + late + concurrencyLimit > 0) return false;
  const harmless = ["event", "start", "restart", "terminate", "delete"];
  return adversities.every(({ what }) => harmless.includes(what.type));
}

/** What the model has to know of a schedule. */
export function circumstancesOf(schedule: Schedule): Circumstances {
  const { adversities, network } = schedule;
  return {
    losesWork: losesWork(schedule),
    isPrompt: network.latencyMs === 0,
    eventTypes: new Set(
      adversities.flatMap(({ what }) => (what.type === "event" ? [what.eventType] : [])),
    ),
  };
}

/** Whether a worker can lose what it has done: only then may an attempt begin twice. */
export function losesWork({ adversities, network }: Schedule): boolean {
  if (network.failing > 0) return true;
  return adversities.some(({ what }) =>
    ["crash", "isolate", "freeze", "outage", "loss"].includes(what.type),
  );
}
