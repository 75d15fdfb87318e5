import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** The sources, as tests have it: nothing needs to be built. */
async function bench(...args: string[]): Promise<string> {
  const flags = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];
  return (await promisify(execFile)(process.execPath, [...flags, MAIN, ...args])).stdout;
}

test("a workload runs on the floor and on the engine, and its costs are read", async () => {
  const json = await bench("--quick", "--json", "--only", "floor,ours,steps");

  const { workloads } = JSON.parse(json) as {
    workloads: { outcomes: { engine: string; absent?: string; samples: object[] }[] }[];
  };
  expect(workloads[0]?.outcomes.map(({ engine }) => engine)).toEqual(["floor", "ours"]);
  for (const { absent, samples } of workloads[0]?.outcomes ?? []) {
    expect(absent).toBeUndefined();
    expect(samples[0]).toMatchObject({
      perSecond: expect.any(Number),
      workerCpuMs: expect.any(Number),
      commands: expect.any(Number),
    });
  }
});
