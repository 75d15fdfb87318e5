/**
 * Runs every scenario on both sides and says where they differ: `npm run differential`.
 *
 * Ends with 1 when a difference is not expected, or an expected one is not there.
 */
import { parseArgs } from "node:util";
import { startCloudflare } from "./cloudflare-side.ts";
import { compare } from "./compare.ts";
import { EXPECTED } from "./expected-differences.ts";
import { Judge } from "./judge.ts";
import type { Finding } from "./judge.ts";
import { startOurs } from "./our-side.ts";
import { writeReport } from "./report.ts";
import type { Result } from "./report.ts";
import type { Side } from "./side.ts";

/** Scenarios under way at once: most of the time of one is waiting. */
const AT_ONCE = 4;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    save: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

const startedAt = Date.now();
const ours = await startOurs();
const cloudflare = await startCloudflare();
const judge = new Judge(EXPECTED);
const results: Result[] = [];
const names = ours.scenarios.filter((name) => name.includes(options.only));
const queue = [...names];
await Promise.all(Array.from({ length: AT_ONCE }, work));
await Promise.all([cloudflare.close(), ours.close()]);

const unmet = options.only === "" ? judge.unmet(new Set(names)) : [];
for (const text of unmet) console.log(`VANISHED  ${text}`);
const report = { results, unmet, seconds: (Date.now() - startedAt) / 1_000 };
if (options.save) await writeReport(report);
const wrong = results.filter(({ findings }) => findings.some(({ why }) => why === undefined));
const same = results.filter(({ findings }) => findings.length === 0).length;
const expected = results.length - same - wrong.length;
console.log(
  `${results.length} scenarios in ${report.seconds.toFixed(0)} s: ${same} the same, ${expected} with expected differences only, ${wrong.length} with others`,
);
process.exitCode = wrong.length + unmet.length === 0 && results.length > 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const [there, here] = await Promise.all([runOn(cloudflare, name), runOn(ours, name)]);
    if (options.verbose) console.log(JSON.stringify({ there, here }, undefined, 2));
    const findings = judge.judge(name, compare(there, here));
    results.push({ name, findings });
    say(name, findings);
  }
}

/** What breaks on one side is a difference like any other. */
async function runOn(side: Side, name: string): Promise<unknown> {
  try {
    return await side.run(name);
  } catch (error) {
    return { broken: String(error) };
  }
}

function say(name: string, findings: readonly Finding[]): void {
  const others = findings.filter(({ why }) => why === undefined);
  const verdict = others.length > 0 ? "DIFFERENT" : findings.length > 0 ? "expected " : "same     ";
  console.log(`${verdict} ${name}`);
  for (const { path, cloudflare: there, ours: here } of others) {
    console.log(`    ${path}\n        cloudflare ${show(there)}\n        ours       ${show(here)}`);
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
