/**
 * What thousands of subscribers cost a busy worker, and the server that serves them (decision 0029).
 *
 * A worker, a server and a Redis without a disk, each a process of its own, and this one as all the clients.
 * The same number of workflows of three short steps is run with nobody there, beside subscriptions to other
 * instances and clients that poll, and with feeds that are told of every change. CPU time is what Linux
 * counts for each process. Alternates the arrangements, so that a machine that gets busier hurts all.
 *
 *     npm run build && npm run study:live -w benchmarks [subscriptions] [workflows] [rounds]
 */
import { fork, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import type { IncomingMessage } from "node:http";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createServer } from "@bullmq-workflows/server";
import { listen } from "@bullmq-workflows/server/node";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import { Redis } from "ioredis";
import { readCpuMs } from "../cpu.ts";
import { findFreePort } from "../free-port.ts";

const POLLING_CLIENTS = 50;
const POLL_EVERY_MS = 1_000;
const FEEDS = 100;
/** Instances created with one call. */
const BATCH = 100;
const OPENED_AT_ONCE = 100;

class Busy extends WorkflowEntrypoint {
  async run(_: WorkflowEvent<unknown>, step: WorkflowStep): Promise<number> {
    for (let n = 1; n <= 3; n++) await step.do(`step-${n}`, async () => n);
    return 3;
  }
}

class Parked extends WorkflowEntrypoint {
  async run(_: WorkflowEvent<unknown>, step: WorkflowStep): Promise<void> {
    await step.waitForEvent("for ever", { type: "never", timeout: "1 day" });
  }
}

const [role = "main", url = ""] = process.argv.slice(2).filter((each) => !/^\d+$/.test(each));
const [subscriptions = 2_000, workflows = 4_000, rounds = 3] = process.argv
  .slice(2)
  .filter((each) => /^\d+$/.test(each))
  .map(Number);

// Nobody outlives the clients.
process.once("disconnect", () => process.exit());
if (role === "worker") await runWorker();
else if (role === "server") await runServer();
else await runMain();

async function runWorker(): Promise<void> {
  const engine = new WorkflowEngine({ connection: url });
  engine.register(Busy, { name: "busy" });
  engine.register(Parked, { name: "parked" });
  await engine.ready();
  process.send?.("ready");
}

async function runServer(): Promise<void> {
  const engine = new WorkflowEngine({ connection: url, mode: "client" });
  const server = createServer({ engine, subscriptions: { limitPerPrincipal: 100_000 } });
  const listener = await listen(server, { port: 0 });
  process.send?.(listener.url);
}

interface Crew {
  readonly worker: ChildProcess;
  readonly server: ChildProcess;
  readonly redis: ChildProcess;
  readonly base: string;
  readonly busy: Workflow;
  readonly parked: Workflow;
}

async function startCrew(): Promise<Crew> {
  const port = await findFreePort();
  const redis = spawn("redis-server", ["--port", `${port}`, "--save", "", "--appendonly", "no"]);
  process.once("exit", () => void redis.kill("SIGKILL"));
  const redisUrl = `redis://127.0.0.1:${port}`;
  const probe = new Redis(port, { retryStrategy: () => 50 });
  probe.on("error", () => undefined);
  await probe.ping();
  probe.disconnect();
  const file = fileURLToPath(import.meta.url);
  const [worker, server] = ["worker", "server"].map((each) => fork(file, [each, redisUrl])) as [
    ChildProcess,
    ChildProcess,
  ];
  const [[base]] = await Promise.all([once(server, "message"), once(worker, "message")]);
  const engine = new WorkflowEngine({ connection: redisUrl, mode: "client" });
  return {
    worker,
    server,
    redis,
    base: `${String(base)}/client/v4/accounts/default`,
    busy: engine.register(Busy, { name: "busy" }),
    parked: engine.register(Parked, { name: "parked" }),
  };
}

interface Measured {
  readonly workerUs: number;
  readonly redisUs: number;
  readonly serverUs: number;
  readonly perSecond: number;
}

async function runMain(): Promise<void> {
  const crew = await startCrew();
  const { parked } = crew;
  const ids = Array.from({ length: subscriptions }, (_, index) => `parked-${index}`);
  for (let at = 0; at < ids.length; at += BATCH) {
    await parked.createBatch(ids.slice(at, at + BATCH).map((id) => ({ id })));
  }
  await until(async () => (await parked.counts()).waiting === subscriptions);
  await measure(crew, workflows);
  const results: Record<string, Measured[]> = {};
  const arrangements = [
    ["nobody", async () => () => undefined],
    [
      `${subscriptions} subscriptions, ${POLLING_CLIENTS} polling`,
      async () => await crowd(crew, ids),
    ],
    [`${FEEDS} feeds`, async () => await follow(crew)],
  ] as const;
  let perSubscription = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, arrange] of arrangements) {
      const before = await residentBytes(crew.server);
      const leave = await arrange();
      if (name.includes("subscriptions") && round === 0) {
        perSubscription = ((await residentBytes(crew.server)) - before) / subscriptions;
      }
      (results[name] ??= []).push(await measure(crew, workflows));
      leave();
      await delay(500);
    }
  }
  print(results, perSubscription);
  process.exit();
}

/** Runs so many workflows, and tells what that cost. */
async function measure({ busy, worker, server, redis }: Crew, count: number): Promise<Measured> {
  const pids = [worker, redis, server].map(({ pid }) => Number(pid));
  const before = await Promise.all(pids.map(async (pid) => (await readCpuMs([pid])) ?? 0));
  const done = (await busy.counts()).complete;
  const startedAt = performance.now();
  for (let at = 0; at < count; at += BATCH) await busy.createBatch({ count: BATCH });
  await until(async () => (await busy.counts()).complete >= done + count);
  const ms = performance.now() - startedAt;
  const after = await Promise.all(pids.map(async (pid) => (await readCpuMs([pid])) ?? 0));
  const [workerUs = 0, redisUs = 0, serverUs = 0] = after.map(
    (each, index) => ((each - (before[index] ?? 0)) * 1_000) / count,
  );
  return { workerUs, redisUs, serverUs, perSecond: (count / ms) * 1_000 };
}

/** Subscribers to instances that wait, each with a connection, and clients that ask for a list again and again. */
async function crowd({ base }: Crew, ids: readonly string[]): Promise<() => void> {
  const leave = await openAll(
    ids.map((id) => `${base}/workflows/parked/instances/${id}/subscribe`),
  );
  const agent = new Agent({ keepAlive: true });
  const timers = Array.from({ length: POLLING_CLIENTS }, () =>
    setInterval(() => {
      get(`${base}/workflows/busy/instances`, { agent }, (answer) => answer.resume());
    }, POLL_EVERY_MS),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
    agent.destroy();
    leave();
  };
}

async function follow({ base }: Crew): Promise<() => void> {
  return await openAll(Array.from({ length: FEEDS }, () => `${base}/workflows/busy/feed`));
}

async function openAll(urls: readonly string[]): Promise<() => void> {
  const open: IncomingMessage[] = [];
  for (let at = 0; at < urls.length; at += OPENED_AT_ONCE) {
    const opening = urls.slice(at, at + OPENED_AT_ONCE).map(async (each) => {
      const [answer] = (await once(get(each, { agent: false }), "response")) as [IncomingMessage];
      if (answer.statusCode !== 200) throw new Error(`${each} was answered ${answer.statusCode}`);
      answer.on("error", () => undefined);
      answer.resume();
      open.push(answer);
    });
    await Promise.all(opening);
  }
  // Until all of them have been told what is on record.
  await delay(2_000);
  return () => {
    for (const answer of open) answer.destroy();
  };
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}

function print(
  results: Readonly<Record<string, readonly Measured[]>>,
  perSubscription: number,
): void {
  const rows = Object.entries(results).map(([name, measured]) => {
    const cell = (key: keyof Measured): string =>
      median(measured.map((each) => each[key])).toFixed(0);
    return `| ${name} | ${cell("workerUs")} | ${cell("redisUs")} | ${cell("serverUs")} | ${cell("perSecond")} |`;
  });
  const lines = [
    `Medians of ${rounds} rounds, ${workflows} workflows of 3 steps each.`,
    "",
    "| beside | worker µs CPU per workflow | Redis | server | workflows/s |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `A subscription takes the server ${(perSubscription / 1_024).toFixed(1)} KiB of resident memory.`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
