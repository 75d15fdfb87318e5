/** This engine, on a Redis of its own, with Cloudflare's form of errors. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { WorkflowEngine } from "bullmq-workflows";
import type { WorkflowEntrypoint } from "bullmq-workflows";
import { startRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import { bundleForUs } from "./bundle.ts";
import type { Side } from "./side.ts";

interface Program {
  readonly ScenarioWorkflow: new (...parameters: never[]) => WorkflowEntrypoint;
  readonly names: readonly string[];
  readonly record: (scenario: string, env: object) => Promise<unknown>;
}

interface OurSide extends Side {
  readonly scenarios: readonly string[];
}

export async function startOurs(): Promise<OurSide> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "bullmq-workflows-differential-"));
  const file = join(folder, "program.mjs");
  await writeFile(file, await bundleForUs());
  const program = (await import(pathToFileURL(file).href)) as Program;
  const engine = new WorkflowEngine({ connection: `redis://127.0.0.1:${redis.port}` });
  const options = { errors: "cloudflare" } as const;
  const env = {
    WORKFLOW: engine.register(program.ScenarioWorkflow, { ...options, name: "scenario" }),
    LIMITED: engine.register(program.ScenarioWorkflow, {
      ...options,
      name: "limited",
      limits: { steps: 3 },
    }),
  };
  await engine.ready();
  return {
    name: "ours",
    scenarios: program.names,
    run: async (scenario) =>
      JSON.parse(JSON.stringify(await program.record(scenario, env))) as unknown,
    async close() {
      await engine.close({ force: true });
      await redis.stop();
      await rm(folder, { recursive: true });
    },
  };
}
