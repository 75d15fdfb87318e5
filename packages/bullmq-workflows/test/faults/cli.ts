/** `npm run chaos -- --minutes M --seed S [--only fault,…] [--setup name,…] [--report FILE]`. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { describeReport, toMarkdown } from "./report.ts";
import type { MachineFacts } from "./report.ts";
import { planSuite, runSuite } from "./suite.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    setup: { type: "string" },
    report: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});

// Else nobody would end the servers and the frozen workers.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const plan = planSuite({
  minutes: Number(values.minutes),
  seed: values.seed,
  keep: values.keep,
  ...(values.only !== undefined && { only: values.only.split(",") }),
  ...(values.setup !== undefined && { setups: values.setup.split(",") }),
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const report = await runSuite(plan, say);
say(describeReport(report));
if (values.report !== undefined) {
  const facts: MachineFacts = {
    command: `npm run chaos -- --minutes ${values.minutes} --seed ${values.seed}${describeChoice()}`,
    date: new Date().toISOString().slice(0, 10),
    seconds: (performance.now() - startedAt) / 1_000,
    machine: await describeMachine(),
  };
  await writeFile(values.report, toMarkdown(report, facts));
}
process.exitCode = report.results.every(({ verdict }) => verdict.violations.length === 0) ? 0 : 1;

function describeChoice(): string {
  const only = values.only === undefined ? "" : ` --only ${values.only}`;
  return values.setup === undefined ? only : `${only} --setup ${values.setup}`;
}
