/** When what of a step went on: what the timeline draws, and the table of steps sums up. */
import type { Step } from "@bullmq-workflows/client";
import type { DoStep, WaitStep } from "./steps.ts";

export type SpanKind = "running" | "done" | "failed" | "undone" | "waiting" | "retrying";

export interface Span {
  readonly kind: SpanKind;
  /** Epoch ms. */
  readonly start: number;
  /** Epoch ms; that of now for what goes on. */
  readonly end: number;
}

/** In the order in which they are drawn, one over the other. */
export function spansOf(step: Step, now: number): readonly Span[] {
  switch (step.type) {
    case "step":
    case "rollback":
      return spansOfDo(step, now);
    case "sleep":
    case "waitForEvent":
      return [spanOfWait(step, now)];
    case "termination":
      return [];
  }
}

/** Until when a step lasted, or has lasted so far. */
export function endOf(step: DoStep | WaitStep, now: number): number {
  // The end of a sleep that goes on is when it will be over.
  const isOver = !("finished" in step) || step.finished;
  return isOver && step.end !== null ? Date.parse(step.end) : now;
}

function spansOfDo(step: DoStep, now: number): readonly Span[] {
  const whole: Span = {
    kind: step.end === null ? "retrying" : kindOf(step.success, step.type),
    start: Date.parse(step.start),
    end: endOf(step, now),
  };
  if (step.attempts.length < 2 && step.end !== null) return [whole];
  const attempts = step.attempts.map((attempt): Span => {
    return {
      kind: kindOf(attempt.success, step.type),
      start: Date.parse(attempt.start),
      end: attempt.end === null ? now : Date.parse(attempt.end),
    };
  });
  return [{ ...whole, kind: "retrying" }, ...attempts];
}

function kindOf(success: boolean | null, type: DoStep["type"]): SpanKind {
  if (success === null) return "running";
  if (!success) return "failed";
  return type === "rollback" ? "undone" : "done";
}

function spanOfWait(step: WaitStep, now: number): Span {
  return {
    kind: step.error === null ? "waiting" : "failed",
    start: Date.parse(step.start),
    end: endOf(step, now),
  };
}
