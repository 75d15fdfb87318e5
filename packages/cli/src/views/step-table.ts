/** The steps of an instance, one to a line, and what their attempts failed with. */
import { table } from "../table.ts";
import type { Column } from "../table.ts";
import { bold, dim, oneLine, styled } from "../text.ts";
import type { Text } from "../text.ts";
import type { NamedMessage, Step } from "@bullmq-workflows/client";
import type { Attempt, DoStep, WaitStep } from "./steps.ts";
import { endOf } from "./spans.ts";
import { durationWords, timeWords } from "./words.ts";

const TYPE: Readonly<Record<Step["type"], string>> = {
  step: "🎯 Step",
  rollback: "↩️ Rollback",
  sleep: "💤 Sleeping",
  waitForEvent: "👀 Waiting for event",
  termination: "🚫 Termination",
};

export function nameOfStep(step: Step): string {
  return step.type === "termination" ? "" : step.name;
}

export function stepTable(steps: readonly Step[], now: number, width: number): Text[] {
  const columns: readonly Column<Step>[] = [
    { title: "Name", cell: nameOfStep, isFlexible: true },
    { title: "Type", cell: ({ type }) => TYPE[type] },
    { title: "Start", cell: (step) => (step.type === "termination" ? "" : timeWords(step.start)) },
    { title: "Duration", cell: (step) => durationOf(step, now) },
    { title: "State", cell: stateOf },
  ];
  return table(columns, steps, width);
}

/** Of each step that failed at least once, its attempts. */
export function attemptTables(steps: readonly Step[], now: number, width: number): readonly Text[] {
  return steps.flatMap((step): readonly Text[] => {
    if (step.type !== "step" && step.type !== "rollback") return [];
    if (!step.attempts.some(({ error }) => error)) return [];
    const title = `Attempts of ${oneLine(step.name)}`;
    return ["", bold(title), ...table(attemptColumns(now), step.attempts, width)];
  });
}

export function errorWords({ name, message }: NamedMessage): Text {
  return styled("red", `${name}: ${message}`);
}

function attemptColumns(now: number): readonly Column<Attempt>[] {
  return [
    { title: "Start", cell: ({ start }) => timeWords(start) },
    { title: "End", cell: ({ end }) => timeWords(end) },
    {
      title: "Duration",
      cell: ({ start, end }) =>
        durationWords((end === null ? now : Date.parse(end)) - Date.parse(start)),
    },
    { title: "State", cell: ({ success }) => doneWords(success, "🔄 Working") },
    { title: "Error", cell: ({ error }) => (error ? errorWords(error) : ""), isFlexible: true },
  ];
}

function durationOf(step: Step, now: number): Text {
  if (step.type === "termination") return "";
  return durationWords(endOf(step, now) - Date.parse(step.start));
}

function stateOf(step: Step): Text {
  switch (step.type) {
    case "step":
    case "rollback":
      return stateOfDo(step);
    case "sleep":
    case "waitForEvent":
      return stateOfWait(step);
    case "termination":
      return "";
  }
}

function stateOfDo({ success, attempts, config }: DoStep): Text {
  const failed = attempts.filter((attempt) => attempt.success === false).length;
  if (success === null && failed === attempts.length && failed > 0) {
    return styled("yellow", `🔁 Retries, ${failed} of ${config.retries.limit + 1} failed`);
  }
  const state = doneWords(success, "▶ Running");
  return failed > 0 && success !== false ? [state, dim(`, ${failed} failed before`)] : state;
}

function doneWords(success: boolean | null, unfinished: string): Text {
  if (success === null) return styled("blue", unfinished);
  return success ? styled("green", "✅ Success") : styled("red", "❌ Error");
}

function stateOfWait(step: WaitStep): Text {
  if (step.error) return [styled("red", "❌ "), errorWords(step.error)];
  if (step.finished) return styled("green", "✅ Success");
  const { event_type: event } = { event_type: undefined, ...step };
  const what = event === undefined ? "" : ` for "${event}"`;
  const until = step.end === null ? "" : [" until ", timeWords(step.end)];
  return [styled("cyan", `⏰ Waiting${what}`), until];
}
