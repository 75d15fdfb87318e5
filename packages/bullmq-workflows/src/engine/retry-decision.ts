/** What becomes of a step after an attempt. */
import { toRetryDelay } from "../model/backoff.ts";
import { parseDuration } from "../model/duration.ts";
import type { StreamReference } from "../model/history.ts";
import { StepStreamError } from "../model/stream-errors.ts";
import { endsInstance, toCloneError } from "../model/clone-refusal.ts";
import { LimitExceededError, NonRetryableDelayError, WorkflowFatalError } from "../model/errors.ts";
import { DEFAULT_RETRY_DELAY_MS, STEP_RESULT_SIZE_LIMIT } from "../model/limits.ts";
import type { Payload, PayloadCodec } from "../model/payload.ts";
import { describeThrown } from "../model/payload-check.ts";
import { sizeOf } from "../model/payload-size.ts";
import { DYNAMIC_DELAY } from "../model/step-config.ts";
import type { ResolvedStepConfig } from "../model/step-config.ts";
import { UnserializableValueError } from "../model/unserializable-value-error.ts";
import type { AttemptOutcome } from "./attempt-runner.ts";

export type AttemptDecision =
  | { readonly type: "complete"; readonly output: Payload }
  | { readonly type: "streamed"; readonly stream: StreamReference }
  | { readonly type: "retry"; readonly error: Payload; readonly delayMs: number }
  | { readonly type: "fail"; readonly error: Payload }
  /** As {@link "fail"}, and the instance ends with an error of its own, whatever its code would do. */
  | { readonly type: "end"; readonly error: Payload; readonly instanceError: WorkflowFatalError };

export interface AttemptFacts {
  /** Display name of the step, for messages. */
  readonly step: string;
  /** As it was given. */
  readonly name: string;
  readonly attempt: number;
  readonly config: ResolvedStepConfig;
  readonly codec: PayloadCodec;
  /** Whether an invalid stream ends the instance. In what undoes a step it is an error as any other. */
  readonly mayEndInstance: boolean;
  /** Asks the config's delay function, if it has one. */
  readonly computeDelay: ((error: unknown) => Promise<unknown>) | undefined;
}

/** Whose result it is, and how it is stored. */
export type ResultFacts = Pick<AttemptFacts, "step" | "name" | "codec">;

/** Encodes the result, or turns what cannot be kept into the error that says so. */
export function decideAfterReturn(
  value: unknown,
  facts: ResultFacts,
):
  | Extract<AttemptDecision, { type: "complete" | "end" }>
  | Extract<AttemptOutcome, { type: "threw" }> {
  try {
    const output = facts.codec.encode(value);
    if (sizeOf(output) <= STEP_RESULT_SIZE_LIMIT) return { type: "complete", output };
    const error = new LimitExceededError(`Step ${facts.step} output`, STEP_RESULT_SIZE_LIMIT);
    return { type: "threw", error };
  } catch (error) {
    const isTheirs = facts.codec.form === "cloudflare" && error instanceof UnserializableValueError;
    if (!isTheirs) return { type: "threw", error };
    return endsInstance(error)
      ? endUnserializable(facts)
      : { type: "threw", error: toCloneError(error) };
  }
}

/** Cloudflare's texts. */
function endUnserializable({
  name,
  codec,
}: ResultFacts): Extract<AttemptDecision, { type: "end" }> {
  const code = "step.unserializable";
  const step = `Value returned from step "${name}" is not serialisable`;
  const instance = `The execution of the Workflow instance was terminated, as the step "${name}" returned a value which is not serialisable`;
  return {
    type: "end",
    error: codec.encodeError(new WorkflowFatalError(code, step)),
    instanceError: new WorkflowFatalError(code, instance),
  };
}

/** Retry after a delay, or fail for good. */
export async function decideAfterThrow(
  error: unknown,
  facts: AttemptFacts,
): Promise<AttemptDecision> {
  if (facts.mayEndInstance && error instanceof StepStreamError) {
    const instanceError = error.toEnd(facts.name);
    return { type: "end", error: facts.codec.encodeError(error), instanceError };
  }
  if (isFinal(error) || facts.attempt > facts.config.retries.limit) return fail(error, facts);
  const delay = await decideRetryDelay(error, facts);
  return typeof delay === "number"
    ? { type: "retry", error: facts.codec.encodeError(error), delayMs: delay }
    : fail(becauseOf(error, delay), facts);
}

/** Keeps what the attempt threw, which would be lost: the step fails for another reason. */
function becauseOf(cause: unknown, error: NonRetryableDelayError): NonRetryableDelayError {
  return Object.defineProperty(error, "cause", { value: cause, configurable: true });
}

/** Whether another attempt is pointless: the error says so, or the value would be refused again. */
function isFinal(error: unknown): boolean {
  if (error instanceof UnserializableValueError || error instanceof LimitExceededError) return true;
  if (!(error instanceof Error)) return false;
  return (
    error.name === "NonRetryableError" || String(error.message).startsWith("NonRetryableError")
  );
}

async function decideRetryDelay(
  error: unknown,
  facts: AttemptFacts,
): Promise<number | NonRetryableDelayError> {
  const { delay, backoff } = facts.config.retries;
  if (delay !== DYNAMIC_DELAY) return toRetryDelay(parseDuration(delay), backoff, facts.attempt);
  const answer = await askDelay(error, facts);
  if (answer instanceof NonRetryableDelayError) return answer;
  const baseMs =
    typeof answer === "number" || typeof answer === "string" ? parseDuration(answer) : NaN;
  if (Number.isFinite(baseMs) && baseMs >= 0) return toRetryDelay(baseMs, backoff, facts.attempt);
  return new NonRetryableDelayError(
    facts.step,
    'returned an invalid delay value (expected a number of ms or a duration string like "30 seconds")',
  );
}

/** What the delay function says. Without one, because the code changed, the default applies. */
async function askDelay(error: unknown, facts: AttemptFacts): Promise<unknown> {
  if (!facts.computeDelay) return DEFAULT_RETRY_DELAY_MS;
  try {
    return await facts.computeDelay(error);
  } catch (cause) {
    if (cause instanceof NonRetryableDelayError) return cause;
    return new NonRetryableDelayError(facts.step, `threw an error: ${describeThrown(cause)}`);
  }
}

function fail(error: unknown, { codec }: AttemptFacts): AttemptDecision {
  return { type: "fail", error: codec.encodeError(error) };
}
