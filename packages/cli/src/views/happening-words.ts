/**
 * What happened to an instance, in words: its events, and the entries of its history, which have mostly the
 * same types. A type that is not known here is told as it is.
 */
import type { Happening } from "../connection/follow.ts";
import { dim, oneLine, styled } from "../text.ts";
import type { Style, Text } from "../text.ts";
import { durationWords, timeWords } from "./words.ts";

/** Characters of a value that are shown in a line. */
const VALUE_LIMIT = 200;

type Words = (happening: Happening) => Text;

const WORDS: Readonly<Record<string, readonly [style: Style | undefined, words: Words]>> = {
  workflow_queued: ["cyan", () => "queued"],
  workflow_started: ["blue", ({ params }) => ["started", valueWords(" with ", params)]],
  workflow_running: ["blue", () => "running"],
  workflow_waiting: ["cyan", () => "waiting"],
  workflow_waiting_for_pause: ["yellow", () => "waiting for pause"],
  workflow_paused: ["yellow", () => "paused"],
  workflow_resumed: ["blue", () => "resumed"],
  workflow_restarted: ["cyan", () => "restarted; what was before is gone"],
  workflow_completed: ["green", ({ output }) => ["completed", valueWords(" with ", output)]],
  workflow_errored: ["red", ({ error }) => ["errored", errorText(error)]],
  workflow_terminated: ["magenta", () => "terminated"],
  step_started: [undefined, () => "began"],
  step_completed: ["green", ({ output }) => ["completed", valueWords(" with ", output)]],
  step_errored: ["red", ({ error }) => ["failed for good", errorText(error)]],
  attempt_started: [undefined, ({ attempt }) => `attempt ${String(attempt)} began`],
  attempt_completed: [undefined, ({ attempt }) => `attempt ${String(attempt)} completed`],
  attempt_errored: ["yellow", failedAttempt],
  sleep_started: ["cyan", sleepWords],
  sleep_completed: [undefined, () => "slept"],
  sleep_errored: ["red", ({ error }) => ["did not sleep", errorText(error)]],
  wait_started: ["cyan", ({ eventType }) => `waits for "${String(eventType)}"`],
  wait_completed: ["green", ({ payload }) => ["got it", valueWords(": ", payload)]],
  wait_errored: ["red", ({ refusal }) => ["refused what came", valueWords(": ", refusal)]],
  wait_timed_out: ["red", () => "did not get it in time"],
  race_settled: [undefined, ({ winner }) => ["the race is won", valueWords(" by ", winner)]],
  rollback_requested: ["yellow", () => "rollback asked for"],
  rollback_started: ["yellow", ({ error }) => ["rolling back", errorText(error)]],
  rollback_completed: ["yellow", () => "rolled back"],
  rollback_errored: ["red", ({ error }) => ["rollback failed", errorText(error)]],
  rollback_step_started: ["yellow", () => "is being undone"],
  rollback_step_completed: ["yellow", () => "is undone"],
  rollback_step_errored: ["red", ({ error }) => ["could not be undone", errorText(error)]],
  rollback_attempt_started: ["yellow", ({ attempt }) => `undoing, attempt ${String(attempt)}`],
  rollback_attempt_completed: ["yellow", ({ attempt }) => `undone in attempt ${String(attempt)}`],
  rollback_attempt_errored: ["red", failedAttempt],
  history_lost: ["red", ({ lost }) => `Redis has lost ${String(lost)} entries of this history`],
  history_cut: [undefined, () => "restarted from a step; what was here is gone"],
};

/** One line: when, which step, what. */
export function happeningLine(happening: Happening): Text {
  const { type, step, stepName, timestamp } = happening;
  const [style, words] = WORDS[type] ?? [undefined, () => oneLine(type)];
  const what = words(happening);
  const where = stepName ?? step;
  return [
    dim(clockWords(timestamp)),
    "  ",
    typeof where === "string" ? [oneLine(where), "  "] : "",
    style === undefined ? what : styled(style, what),
  ];
}

/** A change of status in a feed. */
export function changeLine(happening: Happening, status: (status: string) => Text): Text {
  const { workflow_name: workflow, instance_id: instance, timestamp } = happening;
  return [
    dim(clockWords(timestamp)),
    "  ",
    oneLine(`${String(workflow)}  ${String(instance)}`),
    "  ",
    status(String(happening["status"])),
  ];
}

function clockWords(timestamp: unknown): Text {
  if (typeof timestamp !== "number") return "-";
  const milliseconds = String(timestamp % 1_000).padStart(3, "0");
  return [timeWords(new Date(timestamp).toISOString()), `.${milliseconds}`];
}

function sleepWords({ durationMs, until }: Happening): Text {
  if (typeof durationMs === "number") return `sleeps for ${durationWords(durationMs)}`;
  if (typeof until !== "number") return "sleeps";
  return ["sleeps until ", timeWords(new Date(until).toISOString())];
}

function failedAttempt({ attempt, error, retryDelayMs }: Happening): Text {
  const again = typeof retryDelayMs === "number" ? `; again in ${durationWords(retryDelayMs)}` : "";
  return [`attempt ${String(attempt)} failed`, errorText(error), again];
}

function errorText(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  return oneLine(`: ${String(name)}: ${String(message)}`);
}

function valueWords(before: string, value: unknown): Text {
  if (value === undefined) return "";
  const text = JSON.stringify(value);
  const shown = text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text;
  return [before, oneLine(shown)];
}
