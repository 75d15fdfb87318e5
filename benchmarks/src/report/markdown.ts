/** The report as a page. */
import { machineLines } from "../machine.ts";
import { alignTable, formatAbsent, formatTables } from "./table.ts";
import type { Report, Section } from "./report.ts";

/** @param chartFolder - where the charts lie, seen from the page */
export function toMarkdown(report: Report, chartFolder: string): string {
  return [
    "# Benchmarks",
    `Made by \`${report.command}\` on ${report.date}, in ${report.minutes} minutes. Run it yourself: absolute figures ` +
      "are those of one machine; ratios travel better.",
    alignTable([["on", ""], ...machineLines(report.machine)], "left"),
    "## What runs",
    alignTable(
      [
        ["engine", "is", "keeps its state in"],
        ...report.engines.map(({ name, about, store }) => [name, about, store]),
      ],
      "left",
    ),
    READING,
    ...report.sections.flatMap((section) => toSection(section, chartFolder)),
  ]
    .join("\n\n")
    .concat("\n");
}

const READING = `## How to read it

Every engine has a store, a worker process and a client process of its own. They are warmed up, and then take
turns, round by round; engines that do not have their turn are idle. A figure is the median of its rounds; ± is half
of the distance between the lowest and the highest; × is how many times the floor's it is. The floor is raw BullMQ:
an empty job per workflow (\`floor\`), or an empty job per step, each adding the next (\`floor-chain\`). It keeps no
history and promises nothing, so it is what cannot be had for less, not a peer.

Engines on PostgreSQL and Restate have synced to disk what they acknowledge. Redis with \`appendfsync everysec\`, its
usual setting, has not: to compare like with like, take the figures of \`always\` at the end.

CPU time is counted by the operating system, for the worker process, the client process, and the store's processes.
Commands and bytes are Redis's own count; commands that scripts call are among them. Costs are per workflow unless it
says otherwise.`;

function toSection(section: Section, chartFolder: string): readonly string[] {
  const { workload, rows } = section;
  const hasChart = rows.some(({ cells }) => cells[0] !== undefined);
  const absent = formatAbsent(rows);
  return [
    `## ${workload.title}`,
    `\`npm run bench -- --only ${workload.name}\`. ${workload.about}`,
    ...(hasChart ? [`![${workload.title}](${chartFolder}/${workload.name}.svg)`] : []),
    ...formatTables(workload.figures, rows),
    ...(absent.length > 0 ? [`Absent:\n\n${absent.join("\n")}`] : []),
  ];
}
