/**
 * `step.do`: a callback whose outcome is recorded once (I1).
 *
 * A call finds its step in one of four states: settled (the replay answers), between two attempts (wait
 * for the retry), in an attempt that never ended (its worker died: that attempt failed), or new.
 */
import { parseDuration } from "../../model/duration.ts";
import { NonRetryableDelayError, WorkflowInternalError } from "../../model/errors.ts";
import { encodeEntry } from "../../model/history.ts";
import { RETRY_DELAY_FUNCTION_TIMEOUT_MS } from "../../model/limits.ts";
import { describeThrown } from "../../model/payload-check.ts";
import { toPathText } from "../../model/step-key.ts";
import { delayFunctionOf, DYNAMIC_DELAY } from "../../model/step-config.ts";
import type { ResolvedStepConfig, WorkflowStepConfig } from "../../model/step-config.ts";
import type { WorkflowStepContext } from "../../model/workflow.ts";
import { runAttempt } from "../attempt-runner.ts";
import type { AttemptOutcome } from "../attempt-runner.ts";
import { decideAfterAttempt } from "../retry-decision.ts";
import type { AttemptDecision } from "../retry-decision.ts";
import type { AskedStep, Run } from "../run.ts";

export interface DoCall {
  readonly name: string;
  readonly config: ResolvedStepConfig;
  /** As the user gave it, for the delay function, which is never stored. */
  readonly givenConfig: WorkflowStepConfig | undefined;
  readonly callback: (context: WorkflowStepContext) => unknown;
}

export function askDo(run: Run, call: DoCall): Promise<unknown> {
  const asked = run.ask("do", call.name);
  const promise = run.promiseOf(asked);
  if (!asked.state?.settlement) new DoStep(run, call, asked).resume();
  return promise;
}

class DoStep {
  readonly #run: Run;
  readonly #call: DoCall;
  readonly #asked: AskedStep;
  /** Pinned when the step first started: a later deployment's config does not apply to it. */
  readonly #config: ResolvedStepConfig;
  #startedOnRecord = 0;

  constructor(run: Run, call: DoCall, asked: AskedStep) {
    this.#run = run;
    this.#call = call;
    this.#asked = asked;
    this.#config = asked.state?.config ?? call.config;
  }

  /** Goes on from wherever the history left the step. */
  resume(): void {
    const { state } = this.#asked;
    const begin = (): void => {
      if (state?.isAttemptOpen) this.#resumeOpen(state.attempt);
      else if (state && state.attempt > 0) this.#awaitRetry(state.attempt, 0);
      else this.#begin(1);
    };
    this.#run.enter(this.#asked, begin);
  }

  /** On record as begun: its worker died in it, unless this run began it and called it off itself. */
  #resumeOpen(attempt: number): void {
    if (this.#run.attempts.hasBegun(this.#asked.key)) this.#begin(attempt);
    else void this.#settleCrashed(attempt);
  }

  /** Counts as running from now on, also if it has to wait for the lease to be confirmed. */
  #begin(attempt: number): void {
    const { attempts, caution, lease } = this.#run;
    const controller = attempts.begin(this.#asked.key);
    const begin = (): void => lease.begin(() => void this.#attempt(attempt, controller));
    if (!caution.isOn) return begin();
    this.#stageStarted(attempt);
    caution.beginOnRecord(this.#asked.key, attempt, begin);
  }

  async #attempt(attempt: number, controller: AbortController): Promise<void> {
    const { clock, result } = this.#run;
    // The lease may have been confirmed only now, when nothing is left to run for.
    if (result !== undefined || !this.#isCurrent(controller)) return;
    const context = this.#contextOf(attempt, controller.signal);
    const outcome = await runAttempt({
      callback: () =>
        this.#run.inside(
          this.#asked,
          () => this.#isCurrent(controller),
          () => this.#call.callback(context),
        ),
      controller,
      timeoutMs: parseDuration(this.#config.timeout),
      clock,
      onLasting: () => this.#stageStarted(attempt),
    });
    if (!this.#isCurrent(controller)) return;
    this.#run.callOffInside(this.#asked.key, "The attempt that called this step is over");
    await this.#decide(outcome, attempt, controller);
  }

  /** The worker died in this attempt. It counts as one. */
  async #settleCrashed(attempt: number): Promise<void> {
    const controller = this.#run.attempts.begin(this.#asked.key);
    const message = "Attempt failed due to internal workflows error";
    const error = new WorkflowInternalError("step.worker_lost", message);
    await this.#decide({ type: "threw", error }, attempt, controller);
  }

  async #decide(
    outcome: AttemptOutcome,
    attempt: number,
    controller: AbortController,
  ): Promise<void> {
    const decision = await decideAfterAttempt(outcome, {
      step: this.#asked.reference.step,
      attempt,
      config: this.#config,
      computeDelay: this.#delayFunction(attempt),
    });
    if (!this.#isCurrent(controller)) return;
    this.#run.attempts.end(this.#asked.key);
    this.#record(decision, attempt);
  }

  #record(decision: AttemptDecision, attempt: number): void {
    const { key, reference } = this.#asked;
    switch (decision.type) {
      case "complete": {
        const entry = { type: "step_completed", ...reference, attempt } as const;
        return this.#run.stageSettlement(key, encodeEntry(entry, "output", decision.output));
      }
      case "fail": {
        const entry = { type: "step_errored", ...reference, attempt } as const;
        return this.#run.stageSettlement(key, encodeEntry(entry, "error", decision.error));
      }
      case "retry": {
        const facts = { attempt, config: this.#config, retryDelayMs: decision.delayMs };
        const entry = { type: "attempt_errored", ...reference, ...facts } as const;
        this.#run.stage(encodeEntry(entry, "error", decision.error));
        return this.#awaitRetry(attempt, decision.delayMs);
      }
    }
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
      onDue: () => this.#begin(failedAttempt + 1),
    });
  }

  #stageStarted(attempt: number): void {
    if (this.#run.isStopped || this.#startedOnRecord === attempt) return;
    this.#startedOnRecord = attempt;
    const entry = { ...this.#asked.reference, attempt, config: this.#config };
    this.#run.stage(encodeEntry({ type: "attempt_started", ...entry }));
  }

  /** Whether this attempt still matters: it was not called off while user code ran. */
  #isCurrent(controller: AbortController): boolean {
    return !this.#run.isStopped && this.#run.attempts.isCurrent(this.#asked.key, controller);
  }

  #delayFunction(attempt: number): ((error: unknown) => Promise<unknown>) | undefined {
    const compute = delayFunctionOf(this.#call.givenConfig);
    if (!compute) return undefined;
    return async (error) => {
      const ctx = this.#contextOf(attempt, new AbortController().signal);
      const given = error instanceof Error ? error : new Error(describeThrown(error));
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

  #contextOf(attempt: number, signal: AbortSignal): WorkflowStepContext {
    const { name, count, path } = this.#asked;
    const { instanceId, createdAt, definition } = this.#run;
    const { delay, ...retries } = this.#config.retries;
    return {
      step: { name, count },
      attempt,
      config: {
        ...this.#config,
        retries: { ...retries, ...(delay !== DYNAMIC_DELAY && { delay }) },
      },
      signal,
      idempotencyKey: `${definition.name}/${instanceId}/${createdAt.toString(36)}/${toPathText(path)}`,
    };
  }
}
