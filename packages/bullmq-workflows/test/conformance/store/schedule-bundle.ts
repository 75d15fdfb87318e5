/** Schedules for the tests of the store's contract. What their expressions mean is no concern of a store. */
import type { Store } from "../../../src/engine/ports/store.ts";
import type {
  FireOutcome,
  FireRequest,
  ScheduleDeclaration,
  SchedulesInForce,
} from "../../../src/engine/ports/schedules.ts";
import type { Schedule } from "../../../src/model/schedule.ts";
import { LONG_MS, TICK_MS } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export const CRON = "*/5 * * * *";

export function newSchedule(rest: Partial<Schedule> = {}): Schedule {
  const { cron = CRON, timezone = "UTC" } = rest;
  return {
    key: cron,
    cron,
    timezone,
    overlap: "allow",
    catchUp: false,
    params: '{"by":"schedule"}',
    retention: { successMs: LONG_MS, errorMs: LONG_MS },
    ...rest,
  };
}

export function declaration(...schedules: readonly Schedule[]): ScheduleDeclaration {
  return { digest: schedules.map((schedule) => JSON.stringify(schedule)).join(), schedules };
}

export function keysOf({ states }: SchedulesInForce): readonly string[] {
  return states.map(({ schedule }) => schedule.key);
}

type Fired = Extract<FireOutcome, { type: "fired" }>;

/** A store with one schedule in force, and `count` times of it that have become due since. */
export async function setUpDue(
  setup: SetUp,
  overlap: Schedule["overlap"],
  count: number,
): Promise<
  Awaited<ReturnType<SetUp>> & {
    readonly times: readonly number[];
    readonly ids: readonly string[];
    readonly fire: (...times: readonly number[]) => Promise<Fired>;
    /** The same after a deployment that differs in how its firings overlap. */
    readonly refire: (overlap: Schedule["overlap"], ...times: readonly number[]) => Promise<Fired>;
    readonly request: FireRequest;
  }
> {
  const bundle = await setup();
  const schedule = newSchedule({ overlap });
  const declared = declaration(schedule);
  const { now } = await bundle.store.schedules.declareSchedules(declared);
  await bundle.passTime(TICK_MS * count);
  const times = Array.from({ length: count }, (_, index) => now + 1 + index);
  const request = { digest: declared.digest, schedule, times, until: 0 };
  const fire = async (...chosen: readonly number[]): Promise<Fired> =>
    await mustFire(bundle.store, { ...request, times: chosen });
  const refire = async (
    other: Schedule["overlap"],
    ...chosen: readonly number[]
  ): Promise<Fired> => {
    const changed = newSchedule({ overlap: other, params: JSON.stringify({ other, chosen }) });
    const { digest } = declaration(changed);
    await bundle.passTime(TICK_MS);
    await bundle.store.schedules.declareSchedules(declaration(changed));
    return await mustFire(bundle.store, { digest, schedule: changed, times: chosen, until: 0 });
  };
  return { ...bundle, refire, times, ids: times.map((time) => `${CRON}-${time}`), fire, request };
}

export async function mustFire(store: Store, request: FireRequest): Promise<Fired> {
  const outcome = await store.schedules.fire(request);
  if (outcome.type !== "fired") throw new Error("Another declaration is in force");
  return outcome;
}
