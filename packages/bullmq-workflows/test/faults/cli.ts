/** `npm run chaos -- --help` says what it takes. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { describeReport, toMarkdown } from "./report.ts";
import type { MachineFacts } from "./report.ts";
import { planSuite, runSuite } from "./suite.ts";
import { describeUsage } from "./usage.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values, plan } = orComplain(readCommandLine);
if (!plan) {
  say(describeUsage());
  process.exit(0);
}

// Else nobody would end the servers and the frozen workers.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

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

function readCommandLine() {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      only: { type: "string" },
      setup: { type: "string" },
      report: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return { values, plan: undefined };
  const plan = planSuite({
    minutes: Number(values.minutes),
    seed: values.seed,
    keep: values.keep,
    ...(values.only !== undefined && { only: values.only.split(",") }),
    ...(values.setup !== undefined && { setups: values.setup.split(",") }),
  });
  return { values, plan };
}

/** Whoever mistypes wants the sentence, not the stack. */
function orComplain<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const isUsage = error instanceof RangeError || error instanceof TypeError;
    if (!isUsage) throw error;
    process.stderr.write(`${error.message}\nnpm run chaos -- --help says what there is.\n`);
    return process.exit(2);
  }
}
