/** What a run of the suite found, for people. */
import type { Finding, Measure } from "./checker/evidence.ts";
import type { ScenarioResult } from "./scenario.ts";
import type { SuiteReport } from "./suite.ts";

const SHOWN = 20;

export function describeResult(result: ScenarioResult): string {
  const { setup, strikes, verdict, instanceCount, executionCount, seconds, folder } = result;
  const struck = Object.entries(strikes).map(([name, count]) => `${name} ${count}`);
  const lines = [
    `${setup}: ${instanceCount} instances, ${executionCount} executions, ${seconds.toFixed(0)} s; ${struck.join(", ")}`,
    `  ${describeMeasures(verdict.measures)}`,
    `  violations: ${countByKind(verdict.violations)}; losses: ${countByKind(verdict.losses)}`,
    ...verdict.violations.slice(0, SHOWN).map((finding) => `    ${describeFinding(finding)}`),
    ...Object.entries(result.absent).map(([name, reason]) => `  ${name} is absent: ${reason}`),
  ];
  if (folder !== undefined) lines.push(`  ledgers and logs: ${folder}`);
  return lines.join("\n");
}

export function describeReport({ options, results }: SuiteReport): string {
  const violations = results.flatMap(({ verdict }) => verdict.violations);
  const sum = (count: (result: ScenarioResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  return (
    `seed ${options.seed}: ${sum(({ instanceCount }) => instanceCount)} instances, ` +
    `${sum(({ executionCount }) => executionCount)} executions, violations: ${countByKind(violations)}`
  );
}

function describeFinding({ kind, instance, text }: Finding): string {
  return `${kind}${instance === undefined ? "" : ` of ${instance}`}: ${text}`;
}

function countByKind(findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 0) return "none";
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

function describeMeasures(measures: readonly Measure[]): string {
  return (["recovery", "reconnect"] as const)
    .map((what) => `${what} ${describeTimes(timesOf(measures, what))}`)
    .join("; ");
}

function timesOf(measures: readonly Measure[], what: Measure["what"]): readonly number[] {
  return measures
    .filter((measure) => measure.what === what)
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b);
}

function describeTimes(times: readonly number[]): string {
  if (times.length === 0) return "not measured";
  const at = (share: number): string =>
    `${((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) / 1_000).toFixed(2)} s`;
  return `median ${at(0.5)}, worst ${at(1)} (${times.length})`;
}

export function toMarkdown(report: SuiteReport): string {
  return JSON.stringify(report.options);
}
