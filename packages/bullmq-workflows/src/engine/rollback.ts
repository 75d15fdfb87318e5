/**
 * Rolling an instance back: its steps that have started with a rollback are undone one at a time, the
 * one that started last first. The first that cannot be undone ends it.
 *
 * It takes place in a run of its own, which follows the one that failed, or a replay that only found out
 * how the steps are undone, and shares nothing with it but what is on record.
 */
import { StepsTerminatedError } from "../model/errors.ts";
import { encodeEntry } from "../model/history.ts";
import type { PayloadJson } from "../model/history.ts";
import type { Payload } from "../model/payload.ts";
import { toRollbackKey } from "../model/step-key.ts";
import { ROLLBACKS } from "../model/timeline.ts";
import { UnserializableValueError } from "../model/unserializable-value-error.ts";
import type { RollbackHandlers } from "./rollback-handlers.ts";
import { Run } from "./run.ts";
import type { RunOwner, RunParts } from "./run.ts";
import { undoStep } from "./steps/rollback.ts";

/** `begun`: it is on record that they are undone, by whom is another matter. */
export type RollbackNeed = "none" | "due" | "begun";

/** Whether a run has failed in a way after which its steps are undone, and has any. */
export function rollbackOf({ isOver, result, rollbacks, timeline }: Run): RollbackNeed {
  // Another activation may have started them; this one may have, without that being on record yet.
  const hasSteps = timeline.undoable.length > 0 || rollbacks.hasStarted;
  if (!isOver || result?.type !== "threw" || !hasSteps) return "none";
  // As at Cloudflare: a value that cannot be kept is no failure of the workflow's business.
  if (result.isFatal || result.error instanceof UnserializableValueError) return "none";
  return timeline.isRollingBack ? "begun" : "due";
}

/** Stages that the rollback of a failed run begins. */
export function stageRollbackStart(run: Run): void {
  if (run.result?.type === "threw") stageStart(run, run.result.error);
}

/** Ends the run that is there, and makes the one that goes backwards from it. */
export function turnBack(forward: Run, parts: RunParts, owner: RunOwner): Run {
  const run = new Run(parts, { ...owner, timeline: forward.timeline });
  run.storeTime.hear(forward.storeTime.now());
  run.caution.set(forward.caution.isOn);
  forward.successor = run;
  forward.stop("The instance is rolling back");
  run.lease.prolong(forward.lease.endsAt);
  return run;
}

/** Undoes what has to be, with what the run before has named for it, and finishes the run. */
export async function rollBack(run: Run, handlers: RollbackHandlers): Promise<void> {
  const { timeline } = run;
  const steps = timeline.undoable.toReversed();
  if (steps.length === 0) return end(run);
  const trigger: PayloadJson =
    timeline.rollbackTrigger?.error ?? stageStart(run, new StepsTerminatedError());
  const scope = run.replay.open(ROLLBACKS);
  for (const [completedSteps, key] of steps.entries()) {
    const numbers = { totalSteps: steps.length, completedSteps };
    const isUndone = undoStep(run, { key, rollback: handlers.of(key), trigger, scope }).then(
      () => true,
      () => false,
    );
    if (await isUndone) continue;
    const settlement = timeline.steps.get(toRollbackKey(key))?.settlement;
    const error = settlement?.type === "error" ? settlement.json : null;
    return end(run, encodeEntry({ type: "rollback_errored", ...numbers, error }));
  }
  const numbers = { totalSteps: steps.length, completedSteps: steps.length };
  end(run, encodeEntry({ type: "rollback_completed", ...numbers }));
}

/** Answers with the error as a history gives it. */
function stageStart(run: Run, thrown: unknown): PayloadJson {
  const error: Payload = run.definition.codec.encodeError(thrown);
  const entry = { type: "rollback_started", totalSteps: run.timeline.undoable.length } as const;
  // Nothing is undone before it is as safe as the outcomes that are undone.
  run.stage(encodeEntry(entry, "error", error), run.definition.barrier);
  return JSON.parse(error) as PayloadJson;
}

/** The instance ends as it would have without a rollback. */
function end(run: Run, ending?: string): void {
  const { isTerminating, rollbackTrigger } = run.timeline;
  const result = isTerminating
    ? ({ status: "terminated" } as const)
    : ({ status: "errored", error: JSON.stringify(rollbackTrigger?.error) } as const);
  run.finish({ type: "rolledBack", result, ...(ending !== undefined && { ending }) });
}
