/**
 * What of a workflow outlives V8's minor garbage collections, and what these take.
 *
 * What an activation allocates is garbage when it ends, some 20 ms later: nearly all of it should die young.
 * Whatever keeps it alive a little longer (a Map that was copied, a list whose dead nodes point to the next
 * one) has it copied twice and left in old space, which once was a fifth of a worker's time. Neither a profile
 * nor a leak shows that; the growth from one minor collection to the next does.
 *
 *     npm run build && npm run study:garbage -w benchmarks [workflows]
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startServer } from "@bullmq-workflows/embedded";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow, WorkflowEvent, WorkflowStep } from "bullmq-workflows";

/** Instances created with one call. */
const BATCH = 100;
/** Until everything is compiled, and the worker remembers as many histories as it will. */
const WARM_UP = 15_000;
const CONCURRENCY = 100;

class Three extends WorkflowEntrypoint {
  async run(_: WorkflowEvent<unknown>, step: WorkflowStep): Promise<number> {
    const a = await step.do("a", async () => 1);
    const b = await step.do("b", async () => a + 1);
    return await step.do("c", async () => b + 1);
  }
}

interface Collection {
  readonly isMinor: boolean;
  readonly beforeMb: number;
  readonly afterMb: number;
  readonly ms: number;
}

const [role, url = ""] = process.argv.slice(2);
if (role === "worker") await runWorker();
else await runMain(Number(role ?? 30_000));

async function runWorker(): Promise<void> {
  process.once("disconnect", () => process.exit());
  const engine = new WorkflowEngine({
    connection: url,
    mode: "worker",
    concurrency: CONCURRENCY,
  });
  engine.register(Three, { name: "three" });
  await engine.ready();
  process.send?.("ready");
}

async function runMain(workflows: number): Promise<void> {
  const redis = await startServer({ kind: "native" });
  const worker = fork(fileURLToPath(import.meta.url), ["worker", redis.url], {
    execArgv: [...process.execArgv, "--trace-gc"],
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  let log = "";
  worker.stdout?.setEncoding("utf8").on("data", (text: string) => (log += text));
  await once(worker, "message");
  const client = new WorkflowEngine({ connection: redis.url, mode: "client" });
  const three = client.register(Three, { name: "three" });
  try {
    await run(three, WARM_UP);
    log = "";
    await run(three, workflows);
    report(readCollections(log), workflows);
  } finally {
    await client.close();
    await stop(worker);
    await redis.close();
  }
}

async function run(three: Workflow, count: number): Promise<void> {
  const results: Promise<unknown>[] = [];
  for (let created = 0; created < count; created += BATCH) {
    const instances = await three.createBatch(Array.from({ length: BATCH }, () => ({})));
    results.push(...instances.map(async (instance) => await instance.result()));
  }
  await Promise.all(results);
}

/** The lines of `--trace-gc`: `… Scavenge 58.1 (177.2) -> 48.7 (177.2) MB, 5.41 / 0.01 ms …` */
function readCollections(log: string): readonly Collection[] {
  const lines = log.matchAll(
    /: (Scavenge|Mark-Compact)[^\n]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB, ([\d.]+)/g,
  );
  return Array.from(lines, ([, kind, before, after, ms]) => ({
    isMinor: kind === "Scavenge",
    beforeMb: Number(before),
    afterMb: Number(after),
    ms: Number(ms),
  }));
}

function report(collections: readonly Collection[], workflows: number): void {
  const minor = collections.filter(({ isMinor }) => isMinor);
  let allocatedMb = 0;
  let keptMb = 0;
  for (const [index, { isMinor, beforeMb, afterMb }] of collections.entries()) {
    const previous = collections[index - 1];
    if (!isMinor || !previous) continue;
    allocatedMb += beforeMb - previous.afterMb;
    keptMb += afterMb - previous.afterMb;
  }
  const major = collections.filter(({ isMinor }) => !isMinor);
  const perWorkflow = (total: number): string => (total / workflows).toFixed(1);
  process.stdout.write(
    [
      `allocated                     ${perWorkflow(allocatedMb * 1024)} KB a workflow`,
      `outlives minor collections    ${perWorkflow(keptMb * 1024)} KB a workflow`,
      `minor collections take        ${perWorkflow(sumOf(minor) * 1000)} µs a workflow`,
      `major collections take        ${perWorkflow(sumOf(major) * 1000)} µs a workflow`,
      "",
    ].join("\n"),
  );
}

function sumOf(collections: readonly Collection[]): number {
  return collections.reduce((sum, { ms }) => sum + ms, 0);
}

async function stop(worker: ChildProcess): Promise<void> {
  worker.kill();
  await once(worker, "exit");
}
