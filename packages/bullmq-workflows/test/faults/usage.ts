/** What `npm run chaos` takes. */
import { FAULTS } from "./faults/index.ts";
import { SETUPS } from "./setups/setup.ts";

export function describeUsage(): string {
  return [
    "npm run chaos -- [options]",
    "",
    "  --minutes M      for how long faults strike; starting, ending and checking come on top (10)",
    "  --seed S         repeats the work and the order of the faults (a new one)",
    "  --setup A,B      only these ways to run Redis (all)",
    "  --only A,B       only these faults (all)",
    "  --report FILE    writes a page about what was found",
    "  --keep           keeps ledgers and logs also when nothing is found",
    "  --help           says this",
    "",
    `Setups: ${SETUPS.join(", ")}`,
    "",
    "Faults:",
    ...FAULTS.flatMap(({ name, summary, setups }) => [
      `  ${name.padEnd(20)} ${summary}`,
      `  ${"".padEnd(20)} on ${setups.join(", ")}`,
    ]),
  ].join("\n");
}
