/** What an instance waits for whose steps have not ended. */
import type { StepDetails } from "../model/step-details.ts";
import type { Explanation } from "./explanation.ts";

/** @param wakeAt when it is woken at the latest, if nothing comes before. */
export function explainOpenSteps(
  steps: readonly StepDetails[],
  wakeAt: number | undefined,
): Explanation {
  const open = steps
    .filter(
      (step) => step.end === undefined && (!("attempts" in step) || step.retryAt !== undefined),
    )
    .toSorted((a, b) => (instantOf(a) ?? Infinity) - (instantOf(b) ?? Infinity));
  const [first] = open;
  if (!first) {
    const facts = wakeAt === undefined ? {} : { until: wakeAt };
    return { code: "sleeping", sentence: `It waits${until(wakeAt)}.`, facts };
  }
  const explanation = explainStep(first);
  const others = open.length - 1;
  if (others === 0) return explanation;
  const more = `${others} other ${others === 1 ? "step" : "steps"}`;
  return {
    ...explanation,
    sentence: `${explanation.sentence.slice(0, -1)}, and for ${more}.`,
    facts: { ...explanation.facts, others },
  };
}

function explainStep(step: StepDetails): Explanation {
  const due = instantOf(step);
  const facts = { step: step.name, since: step.start, ...(due !== undefined && { until: due }) };
  switch (step.type) {
    case "waitForEvent": {
      const { eventType } = step;
      const sentence = `It waits in step "${step.name}" for an event of type "${eventType}"${until(due)}.`;
      return { code: "waiting_for_event", sentence, facts: { ...facts, eventType } };
    }
    case "sleep":
      return {
        code: "sleeping",
        sentence: `It sleeps in step "${step.name}"${until(due)}.`,
        facts,
      };
    case "step":
    case "rollback":
      return explainRetry(step, facts, due);
  }
}

function explainRetry(
  step: Extract<StepDetails, { readonly attempts: unknown }>,
  facts: Explanation["facts"],
  due: number | undefined,
): Explanation {
  const attempt = step.attempts.length + 1;
  const { limit } = step.config.retries;
  const attempts = Number.isFinite(limit) ? limit + 1 : undefined;
  const error = step.attempts.at(-1)?.error;
  const of = attempts === undefined ? "" : ` of ${attempts}`;
  const after = error ? `, after ${error.name}: ${shorten(error.message)}` : "";
  const what = step.type === "rollback" ? "the rollback of step" : "step";
  const when = due === undefined ? "" : ` at ${new Date(due).toISOString()}`;
  return {
    code: "retrying",
    sentence: `It waits for attempt ${attempt}${of} of ${what} "${step.name}"${when}${after}.`,
    facts: {
      ...facts,
      attempt,
      ...(attempts !== undefined && { attempts }),
      ...(error && { error }),
    },
  };
}

const SHOWN_LENGTH = 200;

function shorten(message: string): string {
  const line = message.replaceAll(/\s+/g, " ");
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}

function instantOf(step: StepDetails): number | undefined {
  if (step.type === "waitForEvent") return step.timeoutAt;
  return step.type === "sleep" ? step.wakeAt : step.retryAt;
}

function until(instant: number | undefined): string {
  return instant === undefined ? "" : ` until ${new Date(instant).toISOString()}`;
}
