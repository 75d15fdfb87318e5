/**
 * Knows what Redis promises and how full it is, and says so when that changes.
 *
 * One per engine. It reads when asked, at an interval while workers run, and now and then because
 * instances are created; what it read last decides at the door whether new instances are let in, so
 * that creating costs no round trip for it.
 */
import { insist } from "./insist.ts";
import type { CancelTimer, Clock } from "./ports/clock.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import { REPLICA_ADVICE } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import { toBarrierState, whyNoBarrier } from "../model/barrier-support.ts";
import { gradeServers, isWorse } from "../model/durability.ts";
import type { BarrierRequest, DurabilityGrade } from "../model/durability.ts";
import {
  barrierUnsupported,
  LowMemoryError,
  tooLow,
  undecided,
} from "../model/durability-errors.ts";
import { isUndecided, toDurability } from "../model/durability-report.ts";
import type { Durability } from "../model/durability-report.ts";
import { toSteadyLevel } from "../model/headroom.ts";
import type { HeadroomLevel } from "../model/headroom.ts";
import type { ServerFacts } from "../model/server-facts.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";

export interface DurabilitySettings {
  /** Below it the engine refuses to start. */
  readonly minimum: DurabilityGrade | undefined;
  readonly declared: DurabilityGrade | undefined;
  readonly barrier: Barrier;
  readonly replicas: number;
  readonly timeoutMs: number;
  readonly fullAt: number;
}

export interface DurabilityWatchParts {
  /** Asks every primary; rejects when it cannot be reached. */
  readonly inspect: () => Promise<readonly ServerFacts[]>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly settings: DurabilitySettings;
}

const EVERY_MS = 5_000;

/** When room gets scarce, or has to be noticed. */
const WHEN_LOW_MS = 1_000;

/** So many new instances may fill much of a small Redis before the next look is due. */
const ADMITTED_UNSEEN = 500;

/** Those that are worth a word when they are entered or left. */
const SCARCE: readonly HeadroomLevel[] = ["low", "critical", "full"];

export class DurabilityWatch {
  readonly #parts: DurabilityWatchParts;
  #last: Durability | undefined;
  #lastReadAt = -Infinity;
  #admittedSince = 0;
  #reading: Promise<Durability> | undefined;
  #saidGrade: DurabilityGrade | undefined;
  #saidLevel: HeadroomLevel = "enough";
  /** What was demanded and found to be there. */
  readonly #met = new Set<Barrier>();
  #watching: Promise<void> | undefined;
  #cancel: CancelTimer | undefined;
  #isClosed = false;

  constructor(parts: DurabilityWatchParts) {
    this.#parts = parts;
  }

  /** Asks now. Those who ask at the same time share the answer. @throws {@link StoreUnavailableError} */
  async read(): Promise<Durability> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return await this.#reading;
  }

  /** Looks now, and at an interval until it is closed. Resolves after the first look. */
  async start(): Promise<void> {
    this.#watching ??= this.#look();
    await this.#watching;
  }

  /** Why Redis cannot do what the barrier needs, as far as is known. */
  whyNoBarrier(barrier: Barrier): string | undefined {
    return this.#last && whyNoBarrier(this.#last.servers, barrier);
  }

  /**
   * Resolves when Redis promises the minimum and can do what the barrier needs. Waits for a Redis that
   * cannot be reached, until this is closed. There is no promise when nothing is demanded.
   *
   * @throws {@link DurabilityError}
   */
  demand(barrier: Barrier): Promise<void> | undefined {
    if (!this.#isDemanding(barrier)) return undefined;
    return insist(async () => await this.#check(barrier), {
      clock: this.#parts.clock,
      mayRetry: () => !this.#isClosed,
    });
  }

  /**
   * Looks now whether Redis promises the minimum and can do what the barrier needs.
   *
   * @throws {@link DurabilityError}, {@link StoreUnavailableError}
   */
  async verify(barrier: Barrier): Promise<void> {
    if (this.#isDemanding(barrier)) await this.#check(barrier);
  }

  /**
   * Whether new instances may come in: at once and without a promise, unless what is demanded was not
   * seen to hold yet. Then with the worker, if there is one, so that its settings come first.
   *
   * @throws {@link LowMemoryError} while Redis is too full, {@link DurabilityError} below the minimum.
   */
  admit(barrier: Barrier, workerStarted?: Promise<void>): Promise<void> | undefined {
    if (this.#isDemanding(barrier) && !this.#met.has(barrier)) {
      return workerStarted ?? this.#check(barrier);
    }
    const isDue = this.#parts.clock.now() - this.#lastReadAt >= this.#intervalMs;
    if (isDue || ++this.#admittedSince >= ADMITTED_UNSEEN) void this.#refresh();
    if (this.#last?.headroom.level === "full") throw new LowMemoryError(this.#last.headroom.ratio);
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  get #intervalMs(): number {
    return SCARCE.includes(this.#saidLevel) ? WHEN_LOW_MS : EVERY_MS;
  }

  #isDemanding(barrier: Barrier): boolean {
    return this.#parts.settings.minimum !== undefined || barrier !== "memory";
  }

  async #look(): Promise<void> {
    await this.#refresh();
    if (this.#isClosed) return;
    this.#cancel = this.#parts.clock.after(this.#intervalMs, () => void this.#look());
  }

  /** Whoever cannot be reached is looked at again; others say loudly enough that it cannot. */
  async #refresh(): Promise<void> {
    this.#lastReadAt = this.#parts.clock.now();
    this.#admittedSince = 0;
    await this.read().catch(() => undefined);
  }

  async #read(): Promise<Durability> {
    const { inspect, settings, clock } = this.#parts;
    const durability = toDurability(await inspect(), settings);
    this.#last = durability;
    this.#lastReadAt = clock.now();
    this.#sayGrade(durability);
    this.#sayHeadroom(durability);
    return durability;
  }

  async #check(barrier: Barrier): Promise<void> {
    const { minimum, ...settings } = this.#parts.settings;
    const { servers } = await this.read();
    const request = { ...settings, barrier };
    const durability = toDurability(servers, request);
    if (servers.some(({ isLoading }) => isLoading)) {
      throw new StoreUnavailableError(new Error("LOADING Redis is loading its data"));
    }
    const lack = whyNoBarrier(servers, barrier);
    if (lack !== undefined) throw barrierUnsupported(barrier, lack);
    if (minimum !== undefined && servers.some(({ role }) => role === "replica")) {
      throw undecided(durability, minimum);
    }
    if (minimum !== undefined && isWorse(durability.grade, minimum)) {
      // Replicas come and go. Until enough are there, nothing less than the barrier is acknowledged.
      if (!isWorse(gradeServers(servers, request).grade, minimum)) throw lacking(servers, request);
      throw isUndecided(durability, minimum)
        ? undecided(durability, minimum)
        : tooLow(durability, minimum);
    }
    this.#met.add(barrier);
  }

  #sayGrade({ grade, promises, advice, remarks, unknown }: Durability): void {
    if (grade === this.#saidGrade) return;
    this.#saidGrade = grade;
    const { telemetry } = this.#parts;
    const facts = { grade, promises, advice, remarks, unknown };
    if (grade === "F") telemetry.log("error", "Redis is of this durability grade", facts);
    else if (grade === "A" || grade === "B") {
      telemetry.log("info", "Redis is of this durability grade", facts);
    } else telemetry.log("warn", "Redis is of this durability grade", facts);
  }

  #sayHeadroom({ headroom }: Durability): void {
    const before = this.#saidLevel;
    const { telemetry, settings } = this.#parts;
    const level = toSteadyLevel(before, headroom, settings.fullAt);
    this.#saidLevel = level;
    if (level === before) return;
    const facts = { ...headroom };
    if (level === "full") {
      telemetry.log("error", "Redis is full, new instances are refused", facts);
    } else if (level === "critical") {
      telemetry.log("error", "Redis is almost out of memory", facts);
    } else if (level === "low") {
      telemetry.log("warn", "Redis is running low on memory", facts);
    } else if (SCARCE.includes(before)) {
      telemetry.log("info", "Redis has enough memory again", facts);
    }
  }
}

function lacking(servers: readonly ServerFacts[], request: BarrierRequest): StoreUnavailableError {
  const { lacks } = toBarrierState(servers, request);
  return new StoreUnavailableError(new Error(lacks.join(", ")), REPLICA_ADVICE);
}
