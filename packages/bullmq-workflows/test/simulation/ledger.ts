/**
 * What user code did and saw, kept outside the store: every attempt that began, every outcome that
 * reached the code, in every pass through `run` by any worker, zombies included.
 */
import { isFinished } from "../../src/model/status.ts";
import type { Audit } from "./audit.ts";
import type { SimulatedProcess } from "./process.ts";
import { tokenOfError, tokenOfValue } from "./record-fold.ts";
import type { StepName } from "./record-fold.ts";
import type { Losses } from "./losses.ts";
import type { Statistics } from "./statistics.ts";
import type { Violations } from "./violations.ts";

/** What a `try` around a step saw. */
export type Sight =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "error"; readonly error: unknown };

export interface AttemptBegun {
  readonly path: string;
  readonly name: StepName;
  readonly attempt: number;
  /** The attempt in whose callback it was called, as this one is known to {@link Ledger.begin}. */
  readonly within: string;
  /** It is to be undone if the run fails. */
  readonly isUndoable: boolean;
}

export interface UndoBegun {
  readonly path: string;
  /** Display name of the step. */
  readonly step: string;
  /** What it was told has set it off. */
  readonly error: Error;
}

/** All passes of one generation of one instance. */
interface Generation {
  /** What was seen, in the order in which it was. */
  readonly sights: string[];
  readonly winners: Map<string, string>;
  /** How often each attempt began, by path and number. */
  readonly begun: Map<string, number>;
}

/** What a branch that goes on sees of its steps while others are undone. */
export const REFUSAL = "error Cannot execute steps during rollback phase";

/** An end is on record this long after `run` has returned, when nothing is wrong. */
const PROMPT_MS = 2_000;

export interface LedgerParts {
  readonly audit: Audit;
  readonly losses: Losses;
  /** Workers can lose work, so that an attempt may begin twice. */
  readonly losesWork: boolean;
  /** Nothing is wrong, and nobody forgets what he has begun. */
  readonly expectsPromptness: boolean;
}

export class Ledger {
  readonly audit: Audit;
  readonly violations: Violations;
  readonly statistics: Statistics;
  readonly #generations = new Map<string, Generation>();
  readonly expectsPromptness: boolean;
  readonly #losesWork: boolean;
  readonly #losses: Losses;

  constructor({ audit, losses, losesWork, expectsPromptness }: LedgerParts) {
    this.audit = audit;
    this.#losses = losses;
    this.violations = audit.violations;
    this.statistics = audit.statistics;
    this.expectsPromptness = expectsPromptness;
    this.#losesWork = losesWork;
  }

  generation(instanceId: string, number: number): Generation {
    const key = `${instanceId}/${number}`;
    const known = this.#generations.get(key);
    if (known) return known;
    const generation = { sights: [], winners: new Map(), begun: new Map() };
    this.#generations.set(key, generation);
    return generation;
  }

  /** Numbers the attempt, after checking that it may begin. */
  begin(pass: Pass, begun: AttemptBegun): number {
    const run = ++this.statistics.attempts;
    this.#losses.begin(pass.instanceId, begun.name);
    const id = `${begun.within}${begun.path}#${begun.attempt}`;
    const times = (pass.generation.begun.get(id) ?? 0) + 1;
    pass.generation.begun.set(id, times);
    if (times > 1 && !this.#losesWork) this.violations.report("I1", `attempt ${id} began twice`);
    this.#checkBegin(pass, begun, id);
    return run;
  }

  /** Answers how often the rollback of this step has begun, after checking that it may. */
  beginUndo(pass: Pass, { path, step, error }: UndoBegun): number {
    this.statistics.undone++;
    const id = `undo ${path}`;
    const times = (pass.generation.begun.get(id) ?? 0) + 1;
    pass.generation.begun.set(id, times);
    const fold = this.audit.fold(pass.instanceId);
    const name = { kind: "rollback", step, in: undefined };
    this.#losses.begin(pass.instanceId, name);
    if (fold.number !== pass.number || this.#losses.isRestoredBehind(pass, name)) return times;
    const { violations } = this;
    const why = fold.rollback.whyNotUndo(step);
    violations.check(why === undefined, "I1", () => `${id} began, but ${why}`);
    violations.check(!this.audit.hasLetGo(pass.fence), "I2", () => `${id} began unclaimed`);
    const state = this.audit.state(pass.instanceId);
    if (state?.fence !== pass.fence) return times;
    const { trigger = "Instance terminated during rollback" } = fold.rollback;
    violations.check(error.message === trigger, "I1", () => `${id} is for ${error.message}`);
    const dueAt = fold.step(name)?.dueAt ?? 0;
    const isEarly = pass.process.clock.now() < dueAt;
    violations.check(!isEarly, "I5", () => `${id} began early`);
    return times;
  }

  #checkBegin(pass: Pass, { name, attempt, isUndoable }: AttemptBegun, id: string): void {
    const fold = this.audit.fold(pass.instanceId);
    if (fold.number !== pass.number) return;
    const { violations } = this;
    const step = fold.step(name);
    // Who was given too short a history before that was put back may not have heard of it yet.
    const isOver = step?.isSettled && !this.#losses.isRestoredBehind(pass, name);
    violations.check(!isOver, "I1", () => `attempt ${id} began after the step had ended`);
    violations.check(!this.audit.hasLetGo(pass.fence), "I2", () => `attempt ${id} began unclaimed`);
    const state = this.audit.state(pass.instanceId);
    if (state?.fence !== pass.fence) return;
    const expected = (step?.attempt ?? 0) + 1;
    const isKnown = !isUndoable || fold.rollback.hasStarted(name.step);
    violations.check(isKnown, "I1", () => `attempt ${id} began, and nobody would undo it`);
    violations.check(attempt === expected, "I1", () => `attempt ${id} began, not ${expected}`);
    const now = pass.process.clock.now();
    const isEarly = step?.dueAt !== undefined && now < step.dueAt;
    violations.check(
      !isEarly,
      "I5",
      () => `attempt ${id} began ${Number(step?.dueAt) - now} ms early`,
    );
  }
}

/** One pass through `run` by one worker. */
export class Pass {
  readonly instanceId: string;
  readonly process: SimulatedProcess;
  /** It only finds out how steps are undone: what its code sees of steps is no more than that. */
  readonly isForRollbacks: boolean;
  #number: number;
  #generation: Generation;
  readonly #ledger: Ledger;
  readonly #keepsOrder: boolean;
  readonly #sights: string[] = [];
  readonly #winners = new Map<string, string>();

  constructor(
    ledger: Ledger,
    process: SimulatedProcess,
    { instanceId, keepsOrder }: { readonly instanceId: string; readonly keepsOrder: boolean },
  ) {
    this.#ledger = ledger;
    this.process = process;
    this.instanceId = instanceId;
    this.#keepsOrder = keepsOrder;
    this.#number = process.claims.get(instanceId)?.generation ?? NaN;
    this.isForRollbacks = process.claims.get(instanceId)?.isRollingBack ?? false;
    process.passes.set(instanceId, this);
    ledger.statistics.passes++;
    this.#generation = ledger.generation(instanceId, this.#number);
  }

  get number(): number {
    this.#followClaim();
    return this.#number;
  }

  get generation(): Generation {
    this.#followClaim();
    return this.#generation;
  }

  /** Of the claim that this worker has, or had last. */
  get fence(): number {
    return this.process.claims.get(this.instanceId)?.fence ?? NaN;
  }

  begin(begun: AttemptBegun): number {
    return this.#ledger.begin(this, begun);
  }

  beginUndo(begun: UndoBegun): number {
    return this.#ledger.beginUndo(this, begun);
  }

  report(invariant: string, what: string): void {
    this.#ledger.violations.report(invariant, what);
  }

  /** A `try` around a top-level step saw this: the same as in every pass, in the same order (I6). */
  see(path: string, sight: Sight): void {
    const token =
      sight.type === "value" ? tokenOfValue(payloadOf(sight.value)) : tokenOfError(sight.error);
    const text = `${path}: ${token}`;
    if (this.isForRollbacks || token === REFUSAL) return this.#checkRefusal(path, token);
    this.checkOnRecord(token);
    if (!this.#keepsOrder) return;
    const { sights } = this.generation;
    this.#sights.push(text);
    this.#compareSight(sights, this.#sights.length - 1);
  }

  #checkRefusal(path: string, token: string): void {
    const state = this.#ledger.audit.state(this.instanceId);
    // Who has lost the claim, or whose rollback has just ended, may not have heard of it.
    const isRight =
      state?.fence !== this.fence || state.status === "rollingBack" || isFinished(state.status);
    if (token === REFUSAL && !isRight) this.report("I7", `a step at ${path} was refused`);
  }

  /** `run` has returned. Then the instance does not wait for anything. */
  end(): void {
    const { audit, expectsPromptness, violations } = this.#ledger;
    const { fence } = this;
    // Else it is over, and another pass goes on in its stead.
    if (
      !expectsPromptness ||
      this.isForRollbacks ||
      this.process.passes.get(this.instanceId) !== this
    )
      return;
    this.process.clock.after(PROMPT_MS, () => {
      const state = audit.state(this.instanceId);
      const isIdle = state?.status === "waiting" && state.fence === fence;
      violations.check(!isIdle, "I3", () => `${this.instanceId} waits although run has returned`);
    });
  }

  checkOnRecord(token: string): void {
    const fold = this.#ledger.audit.fold(this.instanceId);
    if (this.isForRollbacks || fold.number !== this.number || fold.hasToken(token)) return;
    this.report("I1", `code saw ${token}, which is not on record`);
  }

  /** A race of promises was won by this branch: the same one in every pass (I6). */
  win(path: string, winner: string): void {
    if (!this.#keepsOrder || this.isForRollbacks) return;
    const { winners } = this.generation;
    this.#winners.set(path, winner);
    this.#compareWinner(winners, path, winner);
  }

  /**
   * The store was set back to what this pass had seen, and it goes on under a claim from after that:
   * what others saw meanwhile never was, and all that this one saw holds from now on.
   */
  #followClaim(): void {
    const claim = this.process.claims.get(this.instanceId);
    const isLatest = this.process.passes.get(this.instanceId) === this;
    // Of two claims that crossed, the older one is heard last and not worked on.
    const isNewer = claim !== undefined && claim.generation > this.#number;
    if (this.isForRollbacks || !isLatest || !isNewer || !claim.isContinuation) return;
    this.#number = claim.generation;
    this.#generation = this.#ledger.generation(this.instanceId, claim.generation);
    const { sights, winners } = this.#generation;
    for (const at of this.#sights.keys()) this.#compareSight(sights, at);
    for (const [path, winner] of this.#winners) this.#compareWinner(winners, path, winner);
  }

  #compareSight(sights: string[], at: number): void {
    const text = this.#sights[at] ?? "";
    const before = (sights[at] ??= text);
    if (before !== text) this.report("I6", `saw ${text} where ${before} was`);
  }

  #compareWinner(winners: Map<string, string>, path: string, winner: string): void {
    const before = winners.get(path) ?? winner;
    winners.set(path, before);
    if (before !== winner) this.report("I6", `${path} was won by ${winner}, before by ${before}`);
  }
}

/** What an event carried, or else the value itself. */
function payloadOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "payload" in value ? value.payload : value;
}
