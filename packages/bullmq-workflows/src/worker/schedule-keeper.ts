/**
 * Fires the schedules of one workflow, as any worker of it may: the store says which are in force, and sees
 * to it that each time is fired once.
 *
 * Alarms tell when one is due. In case they are lost, or ring early, each keeper looks by itself: at its
 * start and then in every beat it repeats what its deployment has, hears what is in force, and fires what is
 * overdue. A workflow that has no schedules and never had any costs one call at the start.
 */
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest, Dispatcher } from "../engine/ports/dispatcher.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import type {
  FireOutcome,
  ScheduleDeclaration,
  SchedulesInForce,
  ScheduleState,
} from "../engine/ports/schedules.ts";
import type { Store } from "../engine/ports/store.ts";
import { StoreTime } from "../engine/store-time.ts";
import { decideFirings, nextFiring, upcomingFirings } from "../model/schedule.ts";
import type { Schedule } from "../model/schedule.ts";

/** What is overdue by less, its alarm is still expected to tell of. */
const OVERDUE_MS = 2_000;

/** How far the store's clock may be ahead of what is known of it here, or an alarm early. */
const AHEAD_MS = 5_000;

/** Nothing fires so far ahead of the store's clock. */
const WRONG_MS = 60_000;

export interface ScheduleKeeperParts {
  readonly workflow: string;
  readonly declaration: ScheduleDeclaration | Promise<ScheduleDeclaration>;
  readonly store: Pick<Store, "schedules">;
  readonly dispatcher: Pick<Dispatcher, "setAlarms">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly beatMs: number;
  readonly dispatch: (requests: readonly ActivationRequest[]) => void;
}

type Fired = Extract<FireOutcome, { type: "fired" }>;

export class ScheduleKeeper {
  readonly #parts: ScheduleKeeperParts;
  #declaration: ScheduleDeclaration | undefined;
  #inForce: SchedulesInForce | undefined;
  /** Up to when each has fired, as far as this process has been told: a store may go back in time. */
  readonly #firedUntil = new Map<string, number>();
  readonly #storeTime: StoreTime;
  readonly #firing = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, CancelTimer>();
  #alarmsOf: string | undefined;
  #lastBeatAt = -Infinity;
  #isStopped = false;

  constructor(parts: ScheduleKeeperParts) {
    this.#parts = parts;
    this.#storeTime = new StoreTime(parts.clock);
  }

  /** Declares, and fires what is overdue. */
  async start(): Promise<void> {
    await this.#declare();
    await this.#fireOverdue();
  }

  /** The same, if it is time for it. Called now and then. */
  async beat(): Promise<void> {
    const { clock, beatMs } = this.#parts;
    if (this.#isIdle || clock.now() - this.#lastBeatAt < beatMs) return;
    await this.start();
  }

  /** An alarm says that this schedule may be due. */
  async ring(key: string): Promise<void> {
    // Another deployment's, or one that was dropped: then there is an alarm too many.
    if (!this.#stateOf(key)) await this.#declare();
    const state = this.#stateOf(key);
    if (state) await this.#fire(state.schedule);
    else await this.#setAlarms();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#timers.values()) cancel();
    await Promise.allSettled(this.#firing.values());
  }

  /** Nobody has a schedule, so nothing has to be repeated. */
  get #isIdle(): boolean {
    if (this.#inForce === undefined) return false;
    const ownCount = this.#declaration?.schedules.length ?? 0;
    const isEmpty = ownCount + this.#inForce.states.length === 0;
    return isEmpty && !this.#inForce.isContested;
  }

  #stateOf(key: string): ScheduleState | undefined {
    return this.#inForce?.states.find(({ schedule }) => schedule.key === key);
  }

  async #declare(): Promise<void> {
    const { store, clock, telemetry, workflow } = this.#parts;
    const declaration = (this.#declaration ??= await this.#parts.declaration);
    this.#lastBeatAt = clock.now();
    const before = this.#inForce?.digest;
    const inForce = await store.schedules.declareSchedules(declaration);
    this.#inForce = inForce;
    this.#storeTime.hear(inForce.now);
    for (const { schedule, firedUntil } of inForce.states)
      this.#hearFired(schedule.key, firedUntil);
    if (inForce.digest !== before && !this.#isIdle) {
      const crons = inForce.states.map(({ schedule }) => schedule.key);
      const isOwn = inForce.digest === declaration.digest;
      telemetry.log("info", "these schedules are in force", { workflow, crons, isOwn });
    }
    const isSet = this.#alarmsOf === inForce.digest && !inForce.hasChanged;
    if (!isSet && !this.#isIdle) await this.#setAlarms();
  }

  /** Without alarms what is due is fired all the same, only later. */
  async #setAlarms(): Promise<void> {
    const { dispatcher, telemetry, workflow } = this.#parts;
    const { digest, states = [] } = this.#inForce ?? {};
    try {
      await dispatcher.setAlarms(states.map(({ schedule }) => schedule));
      this.#alarmsOf = digest;
    } catch (error) {
      telemetry.log("warn", "could not set the alarms of schedules", { workflow, error });
    }
  }

  async #fireOverdue(): Promise<void> {
    const due = this.#inForce?.states.filter(({ schedule }) => this.#isOverdue(schedule)) ?? [];
    await Promise.all(due.map(async ({ schedule }) => await this.#fire(schedule)));
    // Their alarms should have rung.
    if (due.length > 0) await this.#setAlarms();
  }

  #isOverdue(schedule: Schedule): boolean {
    const next = nextFiring(schedule, this.#firedUntil.get(schedule.key) ?? Infinity);
    return next !== undefined && next <= this.#storeTime.now() - OVERDUE_MS;
  }

  /** One after the other: what is fired depends on what has been. */
  async #fire(schedule: Schedule): Promise<void> {
    const { key } = schedule;
    const before = this.#firing.get(key)?.catch(() => undefined);
    const fired = (async () => {
      await before;
      await this.#fireNow(schedule);
    })();
    this.#firing.set(key, fired);
    await fired.finally(() => {
      if (this.#firing.get(key) === fired) this.#firing.delete(key);
    });
  }

  async #fireNow(schedule: Schedule, isRepeat = false): Promise<void> {
    if (this.#isStopped || !this.#inForce) return;
    const now = this.#storeTime.now();
    const firedUntil = this.#firedUntil.get(schedule.key) ?? now;
    const { times: due, missed } = decideFirings(schedule, firedUntil, now);
    const horizon = now + AHEAD_MS;
    const times = [...due, ...upcomingFirings(schedule, Math.max(now, firedUntil), horizon)];
    const { digest } = this.#inForce;
    const outcome = await this.#parts.store.schedules.fire({
      digest,
      schedule,
      times,
      until: horizon,
    });
    if (outcome.type === "changed") return await this.#hearChange(schedule, isRepeat);
    this.#storeTime.hear(outcome.now);
    this.#hearFired(schedule.key, outcome.firedUntil);
    this.#parts.dispatch(outcome.requests);
    this.#report(schedule, outcome, missed);
    const early = times.find((time) => time > outcome.now);
    if (early !== undefined) this.#fireIn(early - outcome.now, schedule.key);
  }

  /** What this worker knew of is not in force any more; maybe another deployment has the schedule too. */
  async #hearChange({ key }: Schedule, isRepeat: boolean): Promise<void> {
    await this.#declare();
    const state = this.#stateOf(key);
    if (state && !isRepeat) await this.#fireNow(state.schedule, true);
  }

  /** The alarm was early by the store's clock. */
  #fireIn(delayMs: number, key: string): void {
    this.#timers.get(key)?.();
    if (this.#isStopped) return;
    const fire = (): void => {
      this.#timers.delete(key);
      this.ring(key).catch((error: unknown) => {
        const { telemetry, workflow } = this.#parts;
        telemetry.log("warn", "could not fire a schedule", { workflow, schedule: key, error });
      });
    };
    this.#timers.set(key, this.#parts.clock.after(delayMs, fire));
  }

  #report({ key }: Schedule, { createdCount, skippedCount }: Fired, missed: number): void {
    const { telemetry, workflow } = this.#parts;
    const facts = { workflow, schedule: key };
    for (let i = 0; i < createdCount; i++) telemetry.count("schedule.fired", facts);
    for (let i = 0; i < skippedCount; i++) telemetry.count("schedule.skipped", facts);
    if (missed === 0) return;
    telemetry.log("warn", "firings of a schedule were missed", { ...facts, missed });
    telemetry.count("schedule.missed", facts);
  }

  /** Called when the store's clock is known: what is far ahead of that was fired when it was wrong. */
  #hearFired(key: string, at: number): void {
    const known = this.#firedUntil.get(key) ?? at;
    const isAhead = known > this.#storeTime.now() + WRONG_MS;
    this.#firedUntil.set(key, isAhead ? at : Math.max(at, known));
  }
}
