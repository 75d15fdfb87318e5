/** Sets a workflow's `run()` going, and hears how it ends. */
import { scheduleOf } from "../model/schedule.ts";
import type { WorkflowEvent } from "../model/workflow.ts";
import type { Claim } from "./ports/activations.ts";
import type { Run } from "./run.ts";
import { markCorruptStreams } from "./run-streams.ts";
import { createStep } from "./step-api.ts";

/** Streams on record are looked after before the code runs that may read them. */
export function startRun(
  run: Run,
  claim: Pick<Claim, "params" | "createdAt">,
  waitUntil: (promise: Promise<unknown>) => void,
): void {
  if (run.timeline.streams.length === 0) return begin(run, claim, waitUntil);
  markCorruptStreams(run)
    .then(() => begin(run, claim, waitUntil))
    .catch((error: unknown) => {
      if (!run.isStopped) run.onUnreadable(error);
    });
}

function begin(
  run: Run,
  claim: Pick<Claim, "params" | "createdAt">,
  waitUntil: (promise: Promise<unknown>) => void,
): void {
  if (run.isStopped) return;
  const schedule = scheduleOf(run.instanceId);
  const event: WorkflowEvent<unknown> = {
    timestamp: new Date(claim.createdAt),
    // Before `run()` can fail: that these cannot be read here is no fault of the instance.
    payload: run.definition.codec.decode(claim.params) as object,
    instanceId: run.instanceId,
    workflowName: run.definition.name,
    ...(schedule && { schedule }),
  };
  // Not sooner: the store may have taken long to look after the streams.
  run.registration?.waitForMore();
  run
    .outside(() => callRun(run, event, waitUntil))
    .then(
      (value) => run.finish({ type: "returned", value }),
      (error: unknown) => run.finish({ type: "threw", error }),
    );
}

/** What it throws at once it rejects with; and its promise is not waited for by another one. */
function callRun(
  run: Run,
  event: WorkflowEvent<unknown>,
  waitUntil: (promise: Promise<unknown>) => void,
): Promise<unknown> {
  try {
    const workflow = run.definition.instantiate({ waitUntil });
    return Promise.resolve(workflow.run(event, createStep(run)));
  } catch (error) {
    return Promise.reject<unknown>(error);
  }
}
