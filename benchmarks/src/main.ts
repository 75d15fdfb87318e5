/** `npm run bench`: reads the options, runs the workloads, writes the report. */
import { runWorkload } from "./bench.ts";
import { describeMachine, machineLines } from "./machine.ts";
import { HELP, readOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { ensurePeers } from "./peers.ts";
import { toJson, writeReport } from "./report/report.ts";
import type { Report, Section } from "./report/report.ts";
import { alignTable, formatAbsent, formatTables } from "./report/table.ts";
import { Sessions } from "./sessions.ts";
import { summarize } from "./summary.ts";

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options.isHelp) return print(HELP);
  await ensurePeers(options.engines, progress);
  const report = await run(options, args);
  const page = await writeReport(report, options.isSaved);
  if (options.isJson) print(toJson(report));
  progress(`The report is in ${page}`);
}

async function run(options: Options, args: readonly string[]): Promise<Report> {
  const startedAt = Date.now();
  const machine = await describeMachine();
  const say = options.isJson ? progress : print;
  say(`${alignTable([["on", ""], ...machineLines(machine)], "left")}\n`);
  const sessions = new Sessions({ isShared: options.scale.isQuick });
  process.once("SIGINT", () => void sessions.close().finally(() => process.exit(130)));
  const sections: Section[] = [];
  try {
    for (const workload of options.workloads) {
      const result = await runWorkload(workload, { ...options, sessions, onProgress: progress });
      const rows = summarize(result);
      sections.push({ workload, result, rows });
      const parts = [...formatTables(workload.figures, rows), formatAbsent(rows).join("\n")];
      say(`\n## ${workload.title}\n\n${parts.filter((part) => part !== "").join("\n\n")}\n`);
    }
  } finally {
    await sessions.close();
  }
  return {
    command: ["npm run bench --", ...args].join(" "),
    date: new Date(startedAt).toISOString().slice(0, 10),
    minutes: ((Date.now() - startedAt) / 60_000).toFixed(1),
    machine,
    engines: sessions.facts,
    sections,
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Where it does not mix with what may be piped into a file. */
function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main(process.argv.slice(2));
