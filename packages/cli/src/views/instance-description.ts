/** An instance as `describe` shows it: what became of it, its steps, when they ran, what they came to. */
import { labels } from "../table.ts";
import { bold, oneLine } from "../text.ts";
import type { Text } from "../text.ts";
import type { InstanceDetails, Step } from "@bullmq-workflows/client";
import { spansOf } from "./spans.ts";
import { attemptTables, errorWords, nameOfStep, stepTable } from "./step-table.ts";
import { timeline } from "./timeline.ts";
import { durationWords, statusWords, timeWords, triggerWords } from "./words.ts";

export interface DescriptionOptions {
  readonly workflow: string;
  readonly instance: string;
  /** Epoch ms. */
  readonly now: number;
  readonly width: number;
  /** Characters of outputs that are shown. */
  readonly outputLimit: number;
  readonly hasOutputs: boolean;
}

export function describeInstance(
  details: InstanceDetails,
  options: DescriptionOptions,
): readonly Text[] {
  const { width } = options;
  const { steps } = details;
  const now = latest(details, options.now);
  const bars = steps.map((step) => ({ label: nameOfStep(step), spans: spansOf(step, now) }));
  const drawn = timeline(bars, width);
  return [
    ...header(details, { ...options, now }),
    ...(steps.length === 0 ? [] : ["", bold("Steps"), ...stepTable(steps, now, width)]),
    ...(drawn.length === 0 ? [] : ["", bold("Timeline"), ...drawn]),
    ...attemptTables(steps, now, width),
    ...(options.hasOutputs ? outputsOf(steps, options.outputLimit) : []),
  ];
}

/** This machine's clock may be behind the server's. */
function latest({ start, end }: InstanceDetails, now: number): number {
  return Math.max(now, ...[start, end].map((iso) => (iso === null ? 0 : Date.parse(iso))));
}

function header(details: InstanceDetails, options: DescriptionOptions): readonly Text[] {
  const { start, end, success, error, output, rollback } = details;
  const isOver = end !== null;
  const lasted =
    start === null ? undefined : (end === null ? options.now : Date.parse(end)) - Date.parse(start);
  const pairs: readonly (readonly [string, Text | undefined])[] = [
    ["Workflow Name", oneLine(options.workflow)],
    ["Instance Id", oneLine(options.instance)],
    ["Version Id", oneLine(details.versionId)],
    ["Status", statusWords(details.status)],
    ["Trigger", triggerWords(details.trigger.source)],
    ["Queued", timeWords(details.queued)],
    ["Success", success === null ? undefined : success ? "✅ Yes" : "❌ No"],
    ["Start", start === null ? undefined : timeWords(start)],
    ["End", isOver ? timeWords(end) : undefined],
    ["Duration", lasted === undefined ? undefined : durationWords(lasted)],
    ["Last Successful Step", lastSuccessful(details.steps)],
    ["Error", error ? errorWords(error) : undefined],
    ["Rollback", rollback ? rollbackWords(rollback) : undefined],
    ["Output", shownOutput(output, options)],
  ];
  return labels(
    pairs.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
  );
}

function shownOutput(
  output: string | number | null,
  { hasOutputs, outputLimit }: DescriptionOptions,
): Text | undefined {
  return hasOutputs && output !== null ? shorten(String(output), outputLimit) : undefined;
}

function lastSuccessful(steps: readonly Step[]): string | undefined {
  const last = steps.findLast((step) => step.type === "step" && step.success === true);
  return last && oneLine(nameOfStep(last));
}

function rollbackWords({ outcome, error }: NonNullable<InstanceDetails["rollback"]>): Text {
  return error ? [`${outcome}, `, errorWords(error)] : outcome;
}

function outputsOf(steps: readonly Step[], limit: number): readonly Text[] {
  const lines = steps.flatMap((step): readonly Text[] => {
    const output = step.type === "termination" || step.type === "sleep" ? null : step.output;
    if (output === null || output === undefined) return [];
    return [[bold(`${oneLine(nameOfStep(step))}: `), shorten(output, limit)]];
  });
  return lines.length === 0 ? [] : ["", bold("Outputs"), ...lines];
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}[...output truncated]`;
}
