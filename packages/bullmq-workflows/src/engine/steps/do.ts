/**
 * `step.do`: a callback whose outcome is recorded once (I1).
 *
 * A call finds its step in one of four states: settled (the replay answers), between two attempts (wait
 * for the retry), in an attempt that never ended (its worker died: that attempt failed), or new.
 */
import { AsyncResource } from "node:async_hooks";
import {
  NonRetryableDelayError,
  WorkflowFatalError,
  WorkflowInternalError,
} from "../../model/errors.ts";
import { encodeEntry } from "../../model/history.ts";
import type { CompletedStep, StreamReference } from "../../model/history.ts";
import { RETRY_DELAY_FUNCTION_TIMEOUT_MS } from "../../model/limits.ts";
import { encodeError } from "../../model/payload.ts";
import type { Payload } from "../../model/payload.ts";
import { describeThrown } from "../../model/payload-check.ts";
import { delayFunctionOf, timeoutMsOf, unusualOf } from "../../model/step-config.ts";
import type { ResolvedStepConfig, WorkflowStepConfig } from "../../model/step-config.ts";
import type { WorkflowStepContext } from "../../model/workflow.ts";
import { Attempt } from "../attempt.ts";
import type { OnRecord } from "../caution.ts";
import type { RollbackOptions } from "../rollback-options.ts";
import { runAttempt } from "../attempt-runner.ts";
import type { AttemptOutcome } from "../attempt-runner.ts";
import { decideAfterReturn, decideAfterThrow } from "../retry-decision.ts";
import type { AttemptDecision, ResultFacts } from "../retry-decision.ts";
import type { AskedStep, Run } from "../run.ts";
import { StepContext } from "../step-context.ts";

/** What the entries of a step are called. */
export interface StepWords {
  readonly attemptStarted: "attempt_started" | "rollback_attempt_started";
  readonly attemptErrored: "attempt_errored" | "rollback_attempt_errored";
  readonly completed: "step_completed" | "rollback_step_completed";
  readonly errored: "step_errored" | "rollback_step_errored";
  /** Whether what the callback returns is of interest. */
  readonly hasOutput: boolean;
}

const FORWARD: StepWords = {
  attemptStarted: "attempt_started",
  attemptErrored: "attempt_errored",
  completed: "step_completed",
  errored: "step_errored",
  hasOutput: true,
};

export interface DoCall {
  readonly config: ResolvedStepConfig;
  /** As the user gave it, for the delay function, which is never stored. */
  readonly givenConfig: WorkflowStepConfig | undefined;
  readonly callback: (context: WorkflowStepContext) => unknown;
  /** Has the step put on record before its callback runs. */
  readonly rollback?: RollbackOptions | undefined;
  /** @defaultValue those of a step that `run()` calls */
  readonly words?: StepWords;
}

export function askDo(run: Run, call: DoCall & { readonly name: string }): Promise<unknown> {
  const asked = run.ask("do", call.name);
  // The next attempt of a step asks for the steps inside it once more, and a rollback for what it undoes.
  const promise = run.promiseOf(asked, asked.isNested || call.rollback !== undefined);
  if (call.rollback) run.addRollback(asked, call.rollback);
  if (!asked.state?.settlement) resumeDo(run, call, asked);
  return promise;
}

/** Goes on with a step that has not settled. */
export function resumeDo(run: Run, call: DoCall, asked: AskedStep): void {
  new DoStep(run, call, asked).resume();
}

class DoStep {
  readonly #run: Run;
  readonly #call: DoCall;
  readonly #asked: AskedStep;
  /** Pinned when the step first started: a later deployment's config does not apply to it. */
  readonly #config: ResolvedStepConfig;
  readonly #words: StepWords;
  #startedOnRecord = 0;
  /** What observers would not learn of the config otherwise. */
  #unusual: Partial<ResolvedStepConfig> | undefined;

  constructor(run: Run, call: DoCall, asked: AskedStep) {
    this.#run = run;
    this.#call = call;
    this.#asked = asked;
    this.#config = asked.state?.config ?? call.config;
    this.#words = call.words ?? FORWARD;
    this.#unusual = asked.state?.config ? undefined : unusualOf(call.config);
  }

  /** Goes on from wherever the history left the step. */
  resume(): void {
    const { state } = this.#asked;
    const begin = (): void => {
      const lack = state ? undefined : this.#lack();
      if (lack !== undefined) this.#refuse(lack);
      else if (state?.isAttemptOpen) this.#resumeOpen(state.attempt);
      else if (state && state.attempt > 0) this.#awaitRetry(state.attempt, 0);
      else this.#begin(1);
    };
    this.#run.enter(this.#asked, begin);
  }

  /** Why what the step asks for cannot be had. */
  #lack(): string | undefined {
    const { durability } = this.#config;
    return durability && this.#run.definition.whyNoBarrier?.(durability);
  }

  /** On record, as a replay may meet another server; and without the barrier that cannot be had. */
  #refuse(reason: string): void {
    const { key, reference } = this.#asked;
    const message = `The durability that step "${reference.step}" asks for cannot be had: ${reason}`;
    const error = new WorkflowFatalError("step.durability_unsupported", message);
    const entry = { type: this.#words.errored, ...reference, attempt: 1 };
    const text = encodeEntry(entry, "error", encodeError(error));
    this.#run.stageSettlement(key, text, { barrier: "memory" });
  }

  /** On record as begun: its worker died in it, unless this run began it and called it off itself. */
  #resumeOpen(number: number): void {
    if (this.#run.attempts.hasBegun(this.#asked.key)) return this.#begin(number);
    const attempt = this.#run.attempts.begin(this.#asked.key, number, this.#asked.path);
    const message = "Attempt failed due to internal workflows error";
    void this.#decideRetry(new WorkflowInternalError("step.worker_lost", message), attempt);
  }

  /** Counts as running from now on, also if it has to wait for the lease to be confirmed. */
  #begin(number: number): void {
    const { attempts, caution, lease } = this.#run;
    const attempt = attempts.begin(this.#asked.key, number, this.#asked.path);
    const begin = (): void => lease.begin(() => this.#attempt(attempt));
    const isOnRecord = this.#stageBegin(number);
    if (isOnRecord) caution.beginOnRecord(this.#asked.key, isOnRecord, begin);
    else begin();
  }

  /** Stages what has to be on record before the attempt begins; usually nothing. */
  #stageBegin(number: number): OnRecord | undefined {
    const { caution, timeline } = this.#run;
    const { key, reference } = this.#asked;
    const isNew = this.#call.rollback !== undefined && !timeline.steps.get(key)?.isUndoable;
    if (isNew) {
      const entry = { type: "step_started", ...reference, config: this.#config } as const;
      this.#run.stageStart(encodeEntry(entry), this.#config.durability);
    }
    if (!caution.isOn) return isNew ? ({ isUndoable }) => isUndoable : undefined;
    this.#stageStarted(number);
    return (state) => state.isAttemptOpen && state.attempt === number;
  }

  #attempt(attempt: Attempt): void {
    const run = this.#run;
    // The lease may have been confirmed only now, when nothing is left to run for.
    if (run.result !== undefined || !attempt.isCurrent) return;
    const context = this.#contextOf(attempt);
    runAttempt({
      attempt,
      callback: () => run.inside(attempt, () => this.#call.callback(context)),
      timeoutMs: timeoutMsOf(this.#config),
      clock: run.clock,
      run,
      onLasting: () => this.#stageStarted(attempt.number),
      onEnd: (outcome) => this.#onEnd(outcome, attempt),
    });
  }

  #onEnd(outcome: AttemptOutcome, attempt: Attempt): void {
    if (!attempt.isCurrent) return;
    this.#run.callOffInside(attempt, "The attempt that called this step is over");
    const kept =
      outcome.type === "returned" ? decideAfterReturn(outcome.value, this.#facts()) : outcome;
    if (kept.type === "threw") void this.#decideRetry(kept.error, attempt);
    else this.#end(kept, attempt);
  }

  async #decideRetry(error: unknown, attempt: Attempt): Promise<void> {
    const decision = await decideAfterThrow(error, {
      ...this.#facts(),
      attempt: attempt.number,
      config: this.#config,
      mayEndInstance: this.#words.hasOutput,
      computeDelay: this.#delayFunction(attempt),
    });
    if (attempt.isCurrent) this.#end(decision, attempt);
  }

  #facts(): ResultFacts {
    const { name, reference } = this.#asked;
    return { step: reference.step, name, codec: this.#run.definition.codec };
  }

  #end(decision: AttemptDecision, attempt: Attempt): void {
    this.#run.attempts.end(this.#asked.key);
    this.#record(decision, attempt.number);
  }

  #record(decision: AttemptDecision, attempt: number): void {
    const { key, reference } = this.#asked;
    const barrier = this.#config.durability;
    switch (decision.type) {
      case "complete": {
        const { completed, hasOutput } = this.#words;
        const mark = { ...this.#mark, ...this.#unrecorded };
        const entry = { type: completed, ...reference, attempt, ...mark };
        const text = encodeEntry(entry, "output", hasOutput ? decision.output : undefined);
        return this.#run.stageSettlement(key, text, { barrier });
      }
      case "streamed":
        return this.#stageStream(decision.stream, attempt);
      case "end":
        this.#run.finish({ type: "threw", error: decision.instanceError, isFatal: true });
        // Written with the instance's end and not before, so that it reaches no code.
        return this.#run.journal.stageEnd(this.#toFailure(decision.error, attempt), barrier);
      case "fail": {
        const text = this.#toFailure(decision.error, attempt);
        return this.#run.stageSettlement(key, text, { barrier });
      }
      case "retry": {
        this.#unusual = undefined;
        const facts = { attempt, config: this.#config, retryDelayMs: decision.delayMs };
        const entry = { type: this.#words.attemptErrored, ...reference, ...facts };
        this.#run.stage(encodeEntry(entry, "error", decision.error));
        return this.#awaitRetry(attempt, decision.delayMs);
      }
    }
  }

  /** What others have to know of the config who find the outcome on record. */
  get #unrecorded(): Pick<CompletedStep, "config" | "durability"> | undefined {
    const { durability } = this.#config;
    const config = this.#unusual && { config: this.#unusual };
    return durability === undefined ? config : { durability, ...config };
  }

  #toFailure(error: Payload, attempt: number): string {
    const facts = { ...this.#asked.reference, attempt, ...this.#unrecorded };
    return encodeEntry({ type: this.#words.errored, ...facts }, "error", error);
  }

  #stageStream(stored: StreamReference, attempt: number): void {
    const { key, reference } = this.#asked;
    const { preview: _, ...hidden } = stored;
    const stream = this.#mark ? hidden : stored;
    const facts = { ...reference, attempt, ...this.#mark, ...this.#unrecorded };
    // The stream comes first: `streamOf` finds it without reading the entry.
    const entry = { type: "step_completed", stream, ...facts } as const;
    const barrier = this.#config.durability;
    this.#run.stageSettlement(key, encodeEntry(entry), { barrier, stream });
  }

  /** On record with an output that observers may not see. */
  get #mark(): { readonly sensitive: "output" } | undefined {
    const { sensitive } = this.#config;
    return sensitive && { sensitive };
  }

  /** The next attempt starts when the failed one is on record and its delay is over. */
  #awaitRetry(failedAttempt: number, lengthMs: number): void {
    const { key } = this.#asked;
    const { timeline, waits } = this.#run;
    waits.add({
      key,
      isNested: this.#asked.isNested,
      lengthMs,
      dueAt: () => {
        const state = timeline.steps.get(key);
        return state?.attempt === failedAttempt ? timeline.dueAt(state) : undefined;
      },
      // Whatever ends the wait, the callback runs in the context in which the step was called.
      onDue: AsyncResource.bind(() => this.#begin(failedAttempt + 1)),
    });
  }

  #stageStarted(attempt: number): void {
    if (this.#run.isStopped || this.#startedOnRecord === attempt) return;
    this.#startedOnRecord = attempt;
    this.#unusual = undefined;
    const entry = { ...this.#asked.reference, attempt, config: this.#config };
    this.#run.stage(encodeEntry({ type: this.#words.attemptStarted, ...entry }));
  }

  #delayFunction(attempt: Attempt): ((error: unknown) => Promise<unknown>) | undefined {
    const compute = delayFunctionOf(this.#call.givenConfig);
    if (!compute) return undefined;
    return async (error) => {
      const ctx = this.#contextOf(new Attempt(attempt.number, attempt.path, this.#run));
      const crossed = this.#run.definition.codec.cross(error);
      const given = crossed instanceof Error ? crossed : new Error(describeThrown(crossed));
      return await this.#withinLimit(Promise.resolve(compute({ ctx, error: given })));
    };
  }

  async #withinLimit(answer: Promise<unknown>): Promise<unknown> {
    let cancel = (): void => {};
    const expiry = new Promise<never>((_, reject) => {
      cancel = this.#run.clock.after(RETRY_DELAY_FUNCTION_TIMEOUT_MS, () => {
        const reason = "did not return within 5 seconds";
        reject(new NonRetryableDelayError(this.#asked.reference.step, reason));
      });
    });
    return await Promise.race([answer, expiry]).finally(cancel);
  }

  #contextOf(attempt: Attempt): StepContext {
    return new StepContext({ run: this.#run, asked: this.#asked, config: this.#config, attempt });
  }
}
