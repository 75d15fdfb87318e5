/**
 * One pass through a workflow's `run()`, in memory: what its steps share, and how they are asked for.
 *
 * It knows nothing of leases and writes; the {@link Activation} that owns it takes what is staged here
 * to the store and brings back what was recorded.
 */
import type { Barrier } from "../model/barrier.ts";
import { WorkflowFatalError } from "../model/errors.ts";
import { decodeEntry } from "../model/history.ts";
import type { StreamReference } from "../model/history.ts";
import type { StepKey } from "../model/step-key.ts";
import { Timeline } from "../model/timeline.ts";
import type { Attempt } from "./attempt.ts";
import { Attempts } from "./attempts.ts";
import { callAs, callingAttempt } from "./calling-code.ts";
import { Caution } from "./caution.ts";
import type { WorkflowDefinition } from "./definition.ts";
import { Divergence } from "./divergence.ts";
import { Gate } from "./gate.ts";
import { Journal } from "./journal.ts";
import { Lease } from "./lease.ts";
import { toSettler } from "./outcome.ts";
import type { FinishRollbackRequest } from "./ports/activations.ts";
import type { Clock } from "./ports/clock.ts";
import type { StoredEntry } from "./ports/history.ts";
import type { Store } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import { Races } from "./races.ts";
import { Replay } from "./replay.ts";
import { RollbackHandlers } from "./rollback-handlers.ts";
import type { RollbackOptions } from "./rollback-options.ts";
import { Registration } from "./rollback-registration.ts";
import { RunStreams } from "./run-streams.ts";
import { StepCalls } from "./step-calls.ts";
import type { AskedStep } from "./step-calls.ts";
import { StoreTime } from "./store-time.ts";
import { Validations } from "./validations.ts";
import { Waits } from "./waits.ts";

interface SettlementOptions {
  /** The event that the entry hands to a wait. */
  readonly consumedEvent?: number;
  /** What has to hold before the outcome is released. @defaultValue the workflow's */
  readonly barrier?: Barrier | undefined;
  /** The stream that the entry refers to. */
  readonly stream?: StreamReference;
}

/** How `run()` ended. */
export type RunResult =
  | { readonly type: "returned"; readonly value: unknown }
  | {
      readonly type: "threw";
      readonly error: unknown;
      /** The engine ended it, not its code. */
      readonly isFatal?: true;
    }
  | ({ readonly type: "rolledBack" } & Pick<FinishRollbackRequest, "result" | "ending">);

export interface RunParts {
  readonly definition: WorkflowDefinition;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly store: Store;
}

/** Which instance it is, who holds the claim, and who hears of what. */
export interface RunOwner {
  readonly instanceId: string;
  readonly createdAt: number;
  readonly holder: { readonly fence: number; lose(reason: string): void };
  /** Something changed that may have to be written. */
  readonly requestTurn: () => void;
  /** A step has to stand in line at the gate. */
  readonly onBlocked: () => void;
  /** It cannot go on at all: an outcome on record cannot be read by this version of the library, for one. */
  readonly onUnreadable: (error: unknown) => void;
  /** What is known already, of a run that follows another one. */
  readonly timeline?: Timeline;
}

export class Run {
  readonly definition: WorkflowDefinition;
  readonly instanceId: string;
  readonly createdAt: number;
  readonly clock: Clock;
  readonly store: Store;
  readonly storeTime: StoreTime;
  readonly timeline: Timeline;
  readonly journal: Journal = new Journal();
  readonly waits: Waits = new Waits();
  readonly validations: Validations = new Validations();
  readonly calls: StepCalls = new StepCalls(this);
  readonly attempts: Attempts = new Attempts(this);
  readonly races: Races = new Races(this);
  readonly caution: Caution;
  readonly rollbacks: RollbackHandlers = new RollbackHandlers();
  readonly gate: Gate;
  readonly lease: Lease;
  readonly replay: Replay;
  readonly divergence: Divergence;
  readonly requestTurn: () => void;
  /** Present when `run()` is only replayed for its rollbacks. */
  registration: Registration | undefined;
  /** The run that undoes what this one did. */
  successor: Run | undefined;
  readonly onUnreadable: (error: unknown) => void;
  result: RunResult | undefined;
  readonly #holder: RunOwner["holder"];
  #streams: RunStreams | undefined;
  #isStopped = false;

  constructor(parts: RunParts, owner: RunOwner) {
    this.definition = parts.definition;
    this.instanceId = owner.instanceId;
    this.createdAt = owner.createdAt;
    this.clock = parts.clock;
    this.store = parts.store;
    this.storeTime = new StoreTime(parts.clock);
    this.timeline = owner.timeline ?? new Timeline();
    this.caution = new Caution(this.timeline);
    this.requestTurn = owner.requestTurn;
    this.onUnreadable = owner.onUnreadable;
    this.#holder = owner.holder;
    this.gate = new Gate(owner.onBlocked);
    this.lease = new Lease(parts.clock);
    this.replay = new Replay({
      timeline: this.timeline,
      clock: parts.clock,
      onDrained: owner.requestTurn,
      onUnreadable: owner.onUnreadable,
    });
    this.divergence = new Divergence(this, parts.telemetry);
  }

  /** Whether `run()` has ended. Of one that is only replayed for its rollbacks the branches still count. */
  get isOver(): boolean {
    return this.result !== undefined && !this.registration;
  }

  /** Whether this run has no say any more. What its code still does is ignored. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  get streams(): RunStreams {
    return (this.#streams ??= new RunStreams({
      store: this.store,
      clock: this.clock,
      instanceId: this.instanceId,
      limitBytes: this.definition.stateSizeLimit,
      isOver: () => this.#isStopped,
      fence: () => this.#holder.fence,
      onStale: () => this.#holder.lose("The lease was lost"),
    }));
  }

  openStream(reference: StreamReference, step: string): ReadableStream<Uint8Array> {
    return this.streams.open(reference, step);
  }

  /** Whether nothing in the engine moves: every outcome is released, no attempt and no check runs. */
  get isQuiet(): boolean {
    return this.attempts.running + this.validations.count === 0 && this.replay.isDrained;
  }

  /** Ends the waits that are over, unless news has to come first: then it answers false. */
  settleWaits(): boolean {
    if (this.waits.isEmpty) return true;
    const now = this.storeTime.now();
    if (this.waits.lacksNews(now)) return false;
    this.waits.settle(now, this.gate.isOpen);
    return true;
  }

  /** Takes over what stands in the store's history. */
  record(entries: readonly StoredEntry[]): void {
    const from = this.timeline.settled.length;
    for (const { text, at } of entries) this.timeline.apply(decodeEntry(text), at);
    this.races.onWritten();
    this.caution.onWritten();
    this.replay.advance(from);
  }

  /**
   * Has `run()` only replayed for its rollbacks, if the instance is rolling back. Answers whether even
   * that is not needed.
   */
  register(): boolean {
    if (!this.timeline.isRollingBack) return false;
    this.registration = new Registration(this);
    this.divergence.stop();
    return this.registration.isOver;
  }

  /**
   * The promise that user code awaits. It settles when the step's outcome is released. What may be asked
   * for once more is handed out as a copy: code may change what it gets.
   */
  promiseOf(
    { key, scope, isNested }: AskedStep,
    isAskedAgain: boolean = isNested,
  ): Promise<unknown> {
    const promise = new Promise<unknown>((resolve, reject) => {
      // A step nobody awaits must not bring the process down when it fails; awaiting it still throws.
      const fail = (error: unknown): void => {
        promise.catch(() => {});
        reject(error);
      };
      if (this.#isStopped) return;
      this.replay.ask(scope, key, toSettler(this, resolve, fail, isAskedAgain));
    });
    this.calls.handOut(promise, key);
    return promise;
  }

  /** Whether what calls a step now has no say any more: the run is over, or the attempt it is in. */
  get isCalledInVain(): boolean {
    const isInVain = (this.#isStopped || this.isOver) && !this.#isRolledBack;
    return isInVain || callingAttempt()?.isCurrent === false;
  }

  /** @throws {@link WorkflowFatalError} while what the run did is being undone. */
  refuseRolledBack(): void {
    if (!this.#isRolledBack) return;
    const message = "Cannot execute steps during rollback phase";
    throw new WorkflowFatalError("step.rolling_back", message);
  }

  /** Keeps what undoes a step. */
  addRollback(step: AskedStep, options: RollbackOptions): void {
    this.rollbacks.add({ step, options });
    if (this.registration) this.requestTurn();
  }

  /** Begins a step once the gate lets it through, unless it lost a race while it stood in line. */
  enter(asked: AskedStep, begin: () => void): void {
    if (this.registration) return this.registration.pass(asked);
    const { key, isNested } = asked;
    this.gate.enter(() => {
      if (!this.races.hasLost(key)) begin();
    }, isNested);
  }

  get #isRolledBack(): boolean {
    return this.successor?.isStopped === false;
  }

  /** Runs an attempt's callback so that steps called in it know which step they are in. */
  inside<T>(attempt: Attempt, callback: () => T): T {
    return callAs(attempt, callback);
  }

  /** Stops all that a step does or waits for. What it has recorded stays. */
  callOff(key: StepKey, reason: string): void {
    const attempt = this.attempts.of(key);
    this.waits.remove(key);
    const untaken = this.validations.callOff(key);
    if (untaken) this.waits.giveBack(untaken);
    this.races.remove(key);
    this.attempts.abort(key, reason);
    if (attempt) this.callOffInside(attempt, reason);
  }

  /** The attempt of a step is over: what it called and did not see the end of belongs to nobody now. */
  callOffInside(attempt: Attempt, reason: string): void {
    const inside = attempt.leave();
    if (!inside) return;
    this.replay.close(inside.scope);
    for (const inner of inside.keys) this.callOff(inner, reason);
  }

  /** Calls `run()` in no step, even when a step of another instance is what set this one going. */
  outside<T>(callback: () => T): T {
    return callAs(this, callback);
  }

  /** Stages how a step ended, and what else ends with it. */
  stageSettlement(
    key: StepKey,
    text: string,
    { consumedEvent, barrier = this.definition.barrier, stream }: SettlementOptions = {},
  ): void {
    if (this.races.hasLost(key)) return;
    this.journal.stage(text, consumedEvent, barrier);
    if (stream) this.journal.addStream(stream);
    this.races.onSettled(key);
    this.requestTurn();
  }

  /** Stages that a step has started which has to be rolled back from then on. */
  stageStart(text: string, barrier: Barrier = this.definition.barrier): void {
    this.rollbacks.hasStarted = true;
    this.journal.stage(text, undefined, barrier);
    this.requestTurn();
  }

  /** Stages an entry that ends no step. */
  stage(text: string, barrier?: Barrier): void {
    this.journal.stage(text, undefined, barrier);
    this.requestTurn();
  }

  finish(result: RunResult): void {
    if (this.result || this.#isStopped) return;
    this.result = result;
    this.registration?.waitForMore();
    this.requestTurn();
  }

  /** `run()` has ended: had it more to do by what is on record? */
  checkEnd(): void {
    if (this.result?.type !== "rolledBack") this.divergence.checkEnd();
  }

  /** Ends everything without a trace: no promise of this run settles any more (I7). */
  stop(reason: string): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.gate.remove();
    this.waits.clear();
    this.replay.stop();
    this.divergence.stop();
    this.registration?.stop();
    this.attempts.abortAll(reason);
  }
}
