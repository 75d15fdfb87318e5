/** The user's own function that says how long to wait before the next attempt of a step. */
import { NonRetryableDelayError } from "../../model/errors.ts";
import { RETRY_DELAY_FUNCTION_TIMEOUT_MS } from "../../model/limits.ts";
import { describeThrown } from "../../model/payload-check.ts";
import { delayFunctionOf } from "../../model/step-config.ts";
import type { WorkflowStepConfig } from "../../model/step-config.ts";
import type { WorkflowStepContext } from "../../model/workflow.ts";
import type { Run } from "../run.ts";

interface Asking {
  readonly run: Run;
  /** Of which step, for who reads the error. */
  readonly step: string;
  /** What the function is told of the attempt that failed. */
  readonly context: () => WorkflowStepContext;
}

/** The function of a config as the user gave it, if there is one: asked with an error, and not for long. */
export function askableDelay(
  config: WorkflowStepConfig | undefined,
  asking: Asking,
): ((error: unknown) => Promise<unknown>) | undefined {
  const compute = delayFunctionOf(config);
  if (!compute) return undefined;
  return async (error) => {
    const ctx = asking.context();
    const crossed = asking.run.definition.codec.cross(error);
    const given = crossed instanceof Error ? crossed : new Error(describeThrown(crossed));
    return await withinLimit(Promise.resolve(compute({ ctx, error: given })), asking);
  };
}

async function withinLimit(answer: Promise<unknown>, { run, step }: Asking): Promise<unknown> {
  let cancel = (): void => {};
  const expiry = new Promise<never>((_, reject) => {
    cancel = run.clock.after(RETRY_DELAY_FUNCTION_TIMEOUT_MS, () => {
      reject(new NonRetryableDelayError(step, "did not return within 5 seconds"));
    });
  });
  return await Promise.race([answer, expiry]).finally(cancel);
}
