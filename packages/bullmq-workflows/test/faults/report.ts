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
  return `median ${quantile(times, 0.5)}, worst ${quantile(times, 1)} (${times.length})`;
}

/** Of times in ascending order. */
function quantile(times: readonly number[], share: number): string {
  const time = times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return time === undefined ? "-" : `${(time / 1_000).toFixed(2)} s`;
}

/** The report as a page. */
export function toMarkdown(report: SuiteReport, facts: MachineFacts): string {
  const { options, results } = report;
  const measures = results.flatMap(({ verdict }) => verdict.measures);
  const sections = [
    "# Fault suite report",
    `Made by \`${facts.command}\` on ${facts.date}, in ${Math.round(facts.seconds / 60)} minutes, with seed ` +
      `\`${options.seed}\`. ${facts.machine}`,
    describeReport(report)
      .replace(/^seed \S+: /, "In all: ")
      .concat("."),
    "## What was done and found",
    table([
      ["Redis", "faults", "instances", "executions", "violations", "losses"],
      ...results.map(({ setup, strikes, instanceCount, executionCount, verdict }) => [
        `\`${setup}\``,
        Object.entries(strikes)
          .map(([name, count]) => `${name} × ${count}`)
          .join(", "),
        String(instanceCount),
        String(executionCount),
        countByKind(verdict.violations),
        countByKind(verdict.losses),
      ]),
    ]),
    "## How fast things were themselves again",
    table([
      ["what", "times measured", "median", "99 %", "worst", "bound"],
      ...(["recovery", "reconnect"] as const).map((what) => {
        const times = timesOf(measures, what);
        const cells = [0.5, 0.99, 1].map((share) => quantile(times, share));
        return [MEASURES[what].text, String(times.length), ...cells, MEASURES[what].bound];
      }),
    ]),
    ...describeFindings(report),
    ...describeAbsent(report),
  ];
  return `${sections.join("\n\n")}\n`;
}

export interface MachineFacts {
  readonly command: string;
  readonly date: string;
  readonly seconds: number;
  /** Processors, versions. */
  readonly machine: string;
}

const MEASURES = {
  recovery: {
    text: "an instance whose worker died or fell silent is claimed again",
    bound: "15 s",
  },
  reconnect: { text: "a worker whose Redis came back claims its first instance", bound: "5 s" },
} as const;

function describeFindings({ results }: SuiteReport): readonly string[] {
  const found = results.filter(({ verdict }) => verdict.violations.length > 0);
  if (found.length === 0) return [];
  return [
    "## Violations",
    ...found.map(({ setup, verdict: { violations } }) => {
      const lines = violations.slice(0, SHOWN).map((finding) => `- ${describeFinding(finding)}`);
      if (violations.length > SHOWN) lines.push(`- and ${violations.length - SHOWN} more`);
      return `On \`${setup}\`:\n\n${lines.join("\n")}`;
    }),
  ];
}

function describeAbsent({ results }: SuiteReport): readonly string[] {
  const absent = results.flatMap(({ setup, absent }) =>
    Object.entries(absent).map(([name, reason]) => `- \`${name}\` on \`${setup}\`: ${reason}`),
  );
  return absent.length === 0 ? [] : ["## What could not be done here", absent.join("\n")];
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [toLine(head), toLine(head.map(() => "---")), ...rows.map(toLine)].join("\n");
}
