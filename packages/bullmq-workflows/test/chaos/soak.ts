/**
 * Runs many instances while workers are killed, and counts what became of them:
 * `npm run soak -- --instances 20000 --workers 4 --kill-every 3 --seed 1`.
 *
 * Exits with 1 when anything was lost, doubled, wrong or stuck.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startServer } from "@bullmq-workflows/embedded";
import { Redis } from "ioredis";
import type { Workflow } from "../../src/client/workflow.ts";
import { WorkflowEngine } from "../../src/index.ts";
import { RedisBackend } from "../../src/wiring/redis-backend.ts";
import { seededRandom } from "./support/random.ts";
import { audit, countLeftovers } from "./support/soak-audit.ts";
import type { SoakAudit } from "./support/soak-audit.ts";
import { planOf, Soak, WORKFLOW } from "./support/soak-workflow.ts";
import type { SoakWorkerSetup } from "./support/soak-worker.ts";

const WORKER = fileURLToPath(new URL("./support/soak-worker.ts", import.meta.url));
const LEASE_MS = 2_000;
const BATCH = 100;
/** Instances that are unfinished at once: enough for all workers, few enough to last. */
const IN_FLIGHT = 2_000;
/** Without any instance ending for this long, what is left is stuck. */
const STUCK_AFTER_MS = 60_000;

interface SoakOptions {
  readonly instances: number;
  readonly workers: number;
  readonly killEverySeconds: number;
  readonly seed: string;
}

function readOptions(): SoakOptions {
  const { values } = parseArgs({
    options: {
      instances: { type: "string", default: "20000" },
      workers: { type: "string", default: "4" },
      "kill-every": { type: "string", default: "3" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
    },
  });
  return {
    instances: Number(values.instances),
    workers: Number(values.workers),
    killEverySeconds: Number(values["kill-every"]),
    seed: values.seed,
  };
}

/** The workers, of which one is killed and replaced now and then. */
class Crew {
  readonly #setup: SoakWorkerSetup;
  readonly #workers: ChildProcess[] = [];
  readonly #random: () => number;
  #timer: NodeJS.Timeout | undefined;
  killCount = 0;

  constructor(setup: SoakWorkerSetup, options: SoakOptions) {
    this.#setup = setup;
    this.#random = seededRandom(`${options.seed} kills`);
    for (let i = 0; i < options.workers; i++) this.#workers.push(this.#start());
    if (options.killEverySeconds > 0) {
      this.#timer = setInterval(() => this.#kill(), options.killEverySeconds * 1_000);
    }
  }

  /** Lets them end as a deployment would; answers whether all did so by themselves. */
  async close(): Promise<boolean> {
    clearInterval(this.#timer);
    const codes = await Promise.all(
      this.#workers.map(async (worker) => {
        const exited = once(worker, "exit");
        worker.send("close");
        const [code] = (await exited) as [number | null];
        return code;
      }),
    );
    return codes.every((code) => code === 0);
  }

  #start(): ChildProcess {
    return fork(WORKER, [JSON.stringify(this.#setup)], {
      execArgv: ["--conditions=@bullmq-workflows/source", "--import", "tsx"],
    });
  }

  #kill(): void {
    const index = Math.floor(this.#random() * this.#workers.length);
    this.#workers[index]?.kill("SIGKILL");
    this.#workers[index] = this.#start();
    this.killCount++;
  }
}

/** Creates all instances, sends their events and terminations; answers how many never ended. */
async function run(workflow: Workflow, options: SoakOptions): Promise<number> {
  const commands: Promise<void>[] = [];
  let createdCount = 0;
  let endedCount = 0;
  let lastEndAt = performance.now();
  for (;;) {
    while (createdCount < options.instances && createdCount - endedCount < IN_FLIGHT) {
      const size = Math.min(BATCH, options.instances - createdCount);
      commands.push(...(await create(workflow, options, { first: createdCount, size })));
      createdCount += size;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { complete, errored, terminated } = await workflow.counts();
    const ended = complete + errored + terminated;
    if (ended > endedCount) lastEndAt = performance.now();
    endedCount = ended;
    if (endedCount === options.instances) break;
    if (performance.now() - lastEndAt > STUCK_AFTER_MS) break;
  }
  await Promise.all(commands);
  return options.instances - endedCount;
}

async function create(
  workflow: Workflow,
  { seed }: SoakOptions,
  { first, size }: { readonly first: number; readonly size: number },
): Promise<Promise<void>[]> {
  const numbers = Array.from({ length: size }, (_, i) => first + i);
  await workflow.createBatch(
    numbers.map((number) => ({ id: `soak-${number}`, params: { number } })),
  );
  return numbers.map(async (number) => {
    const plan = planOf(seed, number);
    const instance = await workflow.get(`soak-${number}`);
    if (plan.eventAfterMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, plan.eventAfterMs));
      await instance.sendEvent({ type: "approval", payload: `event ${number}` });
    }
    if (plan.end !== "terminated") return;
    await new Promise((resolve) => setTimeout(resolve, plan.sleepMs));
    await instance.terminate();
  });
}

interface Summary {
  readonly options: SoakOptions;
  readonly found: SoakAudit;
  readonly seconds: number;
  readonly kills: number;
  readonly stuck: number;
  readonly leftovers: number;
  readonly closedWell: boolean;
}

function print({ options, found, ...facts }: Summary): void {
  const lines: [string, unknown][] = [
    ["seed", options.seed],
    ["instances", options.instances],
    ["workers", options.workers],
    ["kills (SIGKILL)", facts.kills],
    ["duration", `${facts.seconds.toFixed(1)} s`],
    ...Object.entries(found.outcomes).map(([status, count]): [string, unknown] => [status, count]),
    ["history entries", found.entryCount],
    ["executions of callbacks", found.executionCount],
    ["… again after a kill", found.reexecutionCount],
    ["executed after being recorded", found.late.length],
    ["recorded more than once", found.repeated.length],
    ["wrong outcome or output", found.wrong.length],
    ["stuck", facts.stuck],
    ["left in places and queue", facts.leftovers],
    ["workers closed by themselves", facts.closedWell ? "yes" : "no"],
  ];
  for (const [name, value] of lines) console.log(`${name.padEnd(32)}${String(value).padStart(12)}`);
  for (const line of [...found.late, ...found.repeated, ...found.wrong].slice(0, 20)) {
    console.log(line);
  }
}

async function soak(options: SoakOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "soak-"));
  const ledger = join(folder, "ledger");
  await writeFile(ledger, "");
  await using server = await startServer({ kind: "native", dataDir: join(folder, "redis") });
  console.log(server.description);
  const config = { connection: server.url, mode: "client" } as const;
  const engine = new WorkflowEngine(config);
  const workflow = engine.register(Soak, { name: WORKFLOW }) as unknown as Workflow;
  const setup = { url: server.url, seed: options.seed, ledger, leaseMs: LEASE_MS };
  const startedAt = performance.now();
  const crew = new Crew(setup, options);

  const stuck = await run(workflow, options);
  const seconds = (performance.now() - startedAt) / 1_000;
  const redis = new Redis(server.url);
  const leftovers = await settle(redis);
  const closedWell = await crew.close();

  const telemetry = { log: () => {}, count: () => {} };
  const backend = new RedisBackend(config, { telemetry, leaseMs: LEASE_MS });
  const found = await audit(backend.open(WORKFLOW).store, ledger, options);
  print({ options, found, seconds, kills: crew.killCount, stuck, leftovers, closedWell });
  await backend.close();
  await engine.close();
  redis.disconnect();
  await rm(folder, { recursive: true, force: true });
  const wrongs = found.late.length + found.repeated.length + found.wrong.length;
  return wrongs + stuck + leftovers === 0 && closedWell;
}

/** The jobs of killed workers are cleared away a little later. */
async function settle(redis: Redis): Promise<number> {
  const deadline = performance.now() + 10 * LEASE_MS;
  for (;;) {
    const count = await countLeftovers(redis, `{bw:${WORKFLOW}:0}`);
    if (count === 0 || performance.now() > deadline) return count;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

process.exitCode = (await soak(readOptions())) ? 0 : 1;
