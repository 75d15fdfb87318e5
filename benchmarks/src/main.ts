/** `npm run bench`: reads the options, runs the workloads, writes the report. */
import { runWorkload } from "./bench.ts";
import { HELP, readOptions } from "./options.ts";
import { formatAbsent, formatTable } from "./report/table.ts";
import { summarize } from "./summary.ts";

const options = readOptions(process.argv.slice(2));
if (options.isHelp) {
  process.stdout.write(HELP);
} else {
  for (const workload of options.workloads) {
    const result = await runWorkload(workload, {
      ...options,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    const rows = summarize(result);
    process.stdout.write(`\n## ${workload.title}\n\n${formatTable(workload.figures, rows)}\n`);
    process.stdout.write(`${formatAbsent(rows).join("\n")}\n`);
  }
}
