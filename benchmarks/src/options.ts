/** The command line. */
import { parseArgs } from "node:util";
import { ENGINES, isPeer } from "./engines/index.ts";
import type { EngineName } from "./engines/index.ts";
import { WORKLOADS } from "./workloads/index.ts";
import type { Scale, Workload } from "./workload.ts";

export interface Options {
  readonly engines: readonly EngineName[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly scale: Scale;
  readonly isJson: boolean;
  readonly isSaved: boolean;
  readonly isHelp: boolean;
}

export const HELP = `npm run bench -- [options]

Measures workflow engines side by side on this machine, starts what it needs, and writes a report.

  --only <list>    these workloads and engines, separated by commas; repeatable
  --quick          less of everything, and no peers unless named, in under two minutes: not to be quoted
  --rounds <n>     how often each is measured (3; 1 when quick)
  --huge           also the workloads that need gigabytes and minutes
  --json           print JSON in place of tables
  --save           write the report to docs/benchmarks.md and docs/benchmarks/, not to a temporary folder
  --help

Workloads: ${WORKLOADS.map(({ name }) => name).join(", ")}
Engines:   ${ENGINES.join(", ")}

Redis is started by the benchmark. Engines on PostgreSQL run if POSTGRES_URL names one, where they may create
databases; peers are installed into benchmarks/peers when they are first measured.
`;

/** @throws with a message for whoever typed it */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true, default: [] },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      huge: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const only = values.only.flatMap((list) => list.split(",")).filter((name) => name !== "");
  const engines = ENGINES.filter((name) => only.includes(name));
  const workloads = WORKLOADS.filter(({ name }) => only.includes(name));
  const known = new Set<string>([...engines, ...workloads.map(({ name }) => name)]);
  const unknown = only.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `Expected \`--only\` to name workloads or engines, got \`${unknown}\`\n\n${HELP}`,
    );
  }
  const usualEngines = ENGINES.filter((name) => !(values.quick && isPeer(name)));
  const usual = WORKLOADS.filter(({ isHuge = false }) => values.huge || !isHuge);
  return {
    engines: engines.length > 0 ? engines : usualEngines,
    workloads: workloads.length > 0 ? workloads : usual,
    rounds: readRounds(values.rounds ?? (values.quick ? "1" : "3")),
    scale: values.quick
      ? { isQuick: true, warmUpMs: 400, roundMs: 600 }
      : { isQuick: false, warmUpMs: 2_000, roundMs: 2_000 },
    isJson: values.json,
    isSaved: values.save,
    isHelp: values.help,
  };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`Expected \`--rounds\` to be an integer ≥ 1, got \`${text}\``);
}
