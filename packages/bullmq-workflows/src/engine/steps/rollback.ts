/**
 * The rollback of one step: a callback with the whole machinery of a `step.do`, under words of its own.
 *
 * Its outcome is recorded once (I1): a rollback that is on record as completed never runs again.
 */
import { RollbackMissingError } from "../../model/errors.ts";
import { encodeEntry } from "../../model/history.ts";
import type { PayloadJson, StepReference } from "../../model/history.ts";
import type { PayloadCodec } from "../../model/payload.ts";
import { describeThrown } from "../../model/payload-check.ts";
import { displayNameOf, pathOf, toRollbackKey } from "../../model/step-key.ts";
import type { StepKey } from "../../model/step-key.ts";
import type { StepState } from "../../model/timeline.ts";
import type { WorkflowRollbackContext } from "../../model/rollback.ts";
import type { WorkflowStepContext } from "../../model/workflow.ts";
import { Attempt } from "../attempt.ts";
import { toSettler } from "../outcome.ts";
import type { ReplayScope } from "../replay-scope.ts";
import type { StepRollback } from "../rollback-handlers.ts";
import type { Run } from "../run.ts";
import type { AskedStep } from "../step-calls.ts";
import { StepContext } from "../step-context.ts";
import { resumeDo } from "./do.ts";
import type { StepWords } from "./do.ts";

const WORDS: StepWords = {
  attemptStarted: "rollback_attempt_started",
  attemptErrored: "rollback_attempt_errored",
  completed: "rollback_step_completed",
  errored: "rollback_step_errored",
  hasOutput: false,
};

export interface StepToUndo {
  readonly key: StepKey;
  /** Absent when the code does not name it any more. */
  readonly rollback: StepRollback | undefined;
  /** What set the rollback off. */
  readonly trigger: PayloadJson;
  /** Where the outcomes of rollbacks are released. */
  readonly scope: ReplayScope;
}

/** Resolves when it is on record that the step was undone, rejects when it is that it cannot be. */
export function undoStep(run: Run, undo: StepToUndo): Promise<unknown> {
  const asked = toAskedRollback(run, undo);
  const promise = run.promiseOf(asked);
  if (asked.state?.settlement) return promise;
  const { rollback } = undo;
  if (!rollback) {
    run.enter(asked, () => stageMissing(run, asked));
    return promise;
  }
  const { config, givenConfig } = rollback.options;
  if (!asked.state) {
    const entry = { type: "rollback_step_started", ...asked.reference, config } as const;
    run.enter(asked, () => run.stage(encodeEntry(entry)));
  }
  const callback = (context: WorkflowStepContext): Promise<void> =>
    callHandler(run, { ...undo, rollback }, context.signal);
  resumeDo(run, { config, givenConfig, callback, words: WORDS }, asked);
  return promise;
}

function toAskedRollback(run: Run, { key, rollback, scope }: StepToUndo): AskedStep {
  const rollbackKey = toRollbackKey(key);
  const enclosing = run.timeline.steps.get(key)?.in;
  const step = displayNameOf(key);
  const reference: StepReference = enclosing === undefined ? { step } : { step, in: enclosing };
  return {
    key: rollbackKey,
    name: rollback?.step.name ?? step,
    count: rollback?.step.count ?? 1,
    path: pathOf(key),
    reference,
    state: run.timeline.steps.get(rollbackKey),
    scope,
    isNested: false,
  };
}

function stageMissing(run: Run, { key, reference, state }: AskedStep): void {
  const attempt = state?.isAttemptOpen ? state.attempt : (state?.attempt ?? 0) + 1;
  const entry = { type: "rollback_step_errored", ...reference, attempt } as const;
  const text = encodeEntry(
    entry,
    "error",
    run.definition.codec.encodeError(new RollbackMissingError()),
  );
  run.stageSettlement(key, text);
}

/** What it returns is of no interest: it is not awaited by anybody's code. */
async function callHandler(
  run: Run,
  { key, rollback, trigger }: StepToUndo & { readonly rollback: StepRollback },
  signal: AbortSignal,
): Promise<void> {
  const { codec } = run.definition;
  const state = run.timeline.steps.get(key);
  const context: WorkflowRollbackContext<unknown> = {
    ctx: toForwardContext(run, rollback, { state, signal }),
    error: toError(trigger, codec),
    output: await outputOf(state, run),
    stepName: displayNameOf(key),
  };
  await rollback.options.handler(context);
}

/** The step's own, but its signal and key are those of its rollback. */
function toForwardContext(
  run: Run,
  { step, options }: StepRollback,
  { state, signal }: { readonly state: StepState | undefined; readonly signal: AbortSignal },
): StepContext {
  const attempt = new Attempt(Math.max(1, state?.attempt ?? 1), step.path, run);
  if (signal.aborted) attempt.abort(signal.reason);
  else signal.addEventListener("abort", () => attempt.abort(signal.reason), { once: true });
  const config = state?.config ?? options.config;
  return new StepContext({ run, asked: step, config, attempt, keySuffix: "/rollback" });
}

function toError(trigger: PayloadJson, codec: PayloadCodec): Error {
  const error = codec.cross(codec.reviveError(structuredClone(trigger)));
  return error instanceof Error ? error : new Error(describeThrown(error));
}

/** As the code that awaited the step got it; a step that failed or never ended has none. */
async function outputOf(state: StepState | undefined, run: Run): Promise<unknown> {
  const settlement = state?.settlement;
  if (settlement?.type !== "value" && settlement?.type !== "stream") return undefined;
  return await new Promise((resolve, reject) => {
    toSettler(run, resolve, reject, true).resolve(settlement);
  });
}
