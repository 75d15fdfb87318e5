/**
 * One job per activation, or one job per instance? What dispatching costs per wait (decision 0008).
 *
 * Instances of no other work are parked and woken again and again: by an event, and by a timer. Both
 * designs claim and park an instance with one script of ours each, and keep the same record; they
 * differ only in what BullMQ is asked to do. CPU time is of this process (worker, sender and sweeper in
 * one) and of Redis, which is a native one of its own without a disk.
 *
 *     npm run study:dispatch -w benchmarks [instances]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { DelayedError, Queue, Worker } from "bullmq";
import type { Job } from "bullmq";
import { Redis } from "ioredis";
import { findFreePort } from "../free-port.ts";

const CYCLES = 3;
const WARM_UP = 500;
const CONCURRENCY = 100;
const FAR_MS = 86_400_000;
const SWEEP_BATCH = 100;
/** A timer's cycle: long enough for all instances to be parked before the first is due. */
const TIMER_MS = 4_000;
const QUEUE = "activations";
const TAG = "{benchmark:workflow:0}";

/** Takes the instance: a fence, and out of the outbox. */
const CLAIM = `
  redis.call("ZREM", KEYS[1] .. ":pending", ARGV[1])
  return redis.call("HINCRBY", KEYS[1] .. ":i:" .. ARGV[1], "fence", 1)`;

/** Suspends it; with an instant, into the timers. */
const PARK = `
  redis.call("HSET", KEYS[1] .. ":i:" .. ARGV[1], "status", "waiting")
  if ARGV[2] ~= "" then redis.call("ZADD", KEYS[1] .. ":timers", ARGV[2], ARGV[1]) end`;

/** Makes it runnable; with an outbox, for the design whose job does not exist yet. */
const WAKE = `
  redis.call("HSET", KEYS[1] .. ":i:" .. ARGV[1], "status", "queued")
  if ARGV[2] == "outbox" then
    redis.call("ZREM", KEYS[1] .. ":timers", ARGV[1])
    redis.call("ZADD", KEYS[1] .. ":pending", 0, ARGV[1])
  end
  return redis.call("INCR", KEYS[1] .. ":sequence")`;

const WAKE_DUE = `
  local reply = {}
  local due = redis.call("ZRANGEBYSCORE", KEYS[1] .. ":timers", "-inf", ARGV[1], "LIMIT", 0, ARGV[2])
  for i = 1, #due do
    redis.call("ZREM", KEYS[1] .. ":timers", due[i])
    redis.call("ZADD", KEYS[1] .. ":pending", 0, due[i])
    redis.call("HSET", KEYS[1] .. ":i:" .. due[i], "status", "queued")
    reply[#reply + 1] = due[i]
    reply[#reply + 1] = redis.call("INCR", KEYS[1] .. ":sequence")
  end
  return reply`;

interface Design {
  readonly name: string;
  /** Parks an instance until `wakeAt`, as the last thing that its activation does. */
  park(instanceId: string, wakeAt: number, job: Job, token: string): Promise<void>;
  wakeByEvent(instanceId: string): Promise<void>;
  /** Wakes what is due; there is nothing to do where BullMQ does it. */
  readonly sweep: () => Promise<void>;
}

interface Measured {
  readonly bytesPerParked: number;
  readonly nodeMs: number;
  readonly redisMs: number;
  readonly cyclesPerSecond: number;
}

type Bench = ReturnType<typeof createBench>;

function createBench(redis: Redis, queue: Queue) {
  const run = async (lua: string, ...parameters: (string | number)[]): Promise<unknown> =>
    await redis.eval(lua, 1, TAG, ...parameters);
  return { redis, queue, run };
}

function jobPerActivation({ queue, run }: Bench): Design {
  const add = async (instanceId: string, wakeUp: number): Promise<void> =>
    void (await queue.add("activation", { instanceId }, { jobId: `${instanceId}.${wakeUp}` }));
  return {
    name: "a job per activation",
    park: async (instanceId, wakeAt) => void (await run(PARK, instanceId, wakeAt)),
    wakeByEvent: async (instanceId) =>
      await add(instanceId, Number(await run(WAKE, instanceId, "outbox"))),
    sweep: async () => {
      const due = (await run(WAKE_DUE, Date.now(), SWEEP_BATCH)) as (string | number)[];
      const jobs = Array.from({ length: due.length / 2 }, (_, i) => ({
        name: "activation",
        data: { instanceId: String(due[2 * i]) },
        opts: { jobId: `${due[2 * i]}.${due[2 * i + 1]}` },
      }));
      if (jobs.length > 0) await queue.addBulk(jobs);
      else await rest();
    },
  };
}

function jobPerInstance({ queue, run }: Bench): Design {
  return {
    name: "one job per instance",
    async park(instanceId, wakeAt, job, token) {
      await run(PARK, instanceId, "");
      await job.moveToDelayed(wakeAt, token);
      throw new DelayedError();
    },
    async wakeByEvent(instanceId) {
      await run(WAKE, instanceId, "");
      const job = (await queue.getJob(instanceId)) as Job;
      await job.promote();
    },
    sweep: rest,
  };
}

/** A Redis of its own, a queue and a worker, and the instances that they park. */
async function prepare(createDesign: (bench: Bench) => Design, instances: number) {
  const server = await startRedis();
  const redis = new Redis(server.port);
  const queue = new Queue(QUEUE, {
    prefix: TAG,
    connection: redis,
    streams: { events: { maxLen: 1 } },
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  const bench = createBench(redis, queue);
  const design = createDesign(bench);
  const state = { parked: 0, wakeAt: Date.now() + FAR_MS };
  const activate = async (job: Job<{ instanceId: string }>, token = ""): Promise<void> => {
    await bench.run(CLAIM, job.data.instanceId);
    state.parked++;
    await design.park(job.data.instanceId, state.wakeAt, job, token);
  };
  const worker = new Worker<{ instanceId: string }>(QUEUE, activate, {
    prefix: TAG,
    connection: { host: "127.0.0.1", port: server.port, maxRetriesPerRequest: null },
    concurrency: CONCURRENCY,
  });
  await worker.waitUntilReady();
  const ids = Array.from({ length: instances }, (_, i) => `instance-${String(i).padStart(8, "0")}`);
  const close = async (): Promise<void> => {
    await worker.close();
    await queue.close();
    redis.disconnect();
    await server.stop();
  };
  return { redis, queue, design, state, ids, close };
}

type Trial = Awaited<ReturnType<typeof prepare>>;

async function measure(
  createDesign: (bench: Bench) => Design,
  instances: number,
  wokenBy: "event" | "timer",
): Promise<Measured> {
  const trial = await prepare(createDesign, instances);
  const { redis, queue, state, ids } = trial;
  const emptyBytes = await readInfo(redis, "memory", "used_memory");
  if (wokenBy === "timer") state.wakeAt = Date.now() + TIMER_MS;
  await inChunks(ids, async (instanceId) => {
    await queue.add("activation", { instanceId }, { jobId: instanceId });
  });
  await untilParked(trial, instances, rest);
  const parkedBytes = await readInfo(redis, "memory", "used_memory");

  const before = await readCpu(redis);
  let busyMs = 0;
  for (let cycle = 1; cycle <= CYCLES; cycle++) busyMs += await runCycle(trial, cycle, wokenBy);
  const after = await readCpu(redis);

  await trial.close();
  const cycles = CYCLES * instances;
  return {
    bytesPerParked: (parkedBytes - emptyBytes) / instances,
    nodeMs: (after.nodeMs - before.nodeMs) / cycles,
    redisMs: (after.redisMs - before.redisMs) / cycles,
    cyclesPerSecond: (cycles / busyMs) * 1_000,
  };
}

/** Wakes every instance once; answers how long that took until all were parked again. */
async function runCycle(trial: Trial, cycle: number, wokenBy: "event" | "timer"): Promise<number> {
  const { state, ids, design } = trial;
  if (wokenBy === "timer") await delay(Math.max(0, state.wakeAt - Date.now()));
  const startedAt = performance.now();
  state.wakeAt = Date.now() + (wokenBy === "timer" && cycle < CYCLES ? TIMER_MS : FAR_MS);
  if (wokenBy === "event") await inChunks(ids, async (id) => await design.wakeByEvent(id));
  const meanwhile = wokenBy === "timer" ? design.sweep : rest;
  await untilParked(trial, ids.length * (cycle + 1), meanwhile);
  return performance.now() - startedAt;
}

async function rest(): Promise<void> {
  await delay(1);
}

async function untilParked(
  { state, queue }: Trial,
  goal: number,
  meanwhile: () => Promise<void>,
): Promise<void> {
  while (state.parked < goal) await meanwhile();
  while ((await queue.getJobCountByTypes("active", "wait", "prioritized")) > 0) await delay(2);
}

async function inChunks(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < ids.length; from += CONCURRENCY) {
    await Promise.all(ids.slice(from, from + CONCURRENCY).map(act));
  }
}

async function readCpu(redis: Redis): Promise<{ nodeMs: number; redisMs: number }> {
  const { user, system } = process.cpuUsage();
  const redisSeconds =
    (await readInfo(redis, "cpu", "used_cpu_user")) +
    (await readInfo(redis, "cpu", "used_cpu_sys"));
  return { nodeMs: (user + system) / 1_000, redisMs: redisSeconds * 1_000 };
}

async function readInfo(redis: Redis, section: string, field: string): Promise<number> {
  const value = new RegExp(`^${field}:([\\d.]+)`, "m").exec(await redis.info(section))?.[1];
  if (value === undefined) throw new Error(`INFO ${section} has no ${field}`);
  return Number(value);
}

async function startRedis(): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await findFreePort();
  const flags = ["--port", String(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"];
  const server = spawn("redis-server", flags, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of server.stdout) {
    if (String(line).includes("Ready to accept connections")) break;
  }
  return {
    port,
    async stop() {
      const exit = once(server, "exit");
      server.kill("SIGKILL");
      await exit;
    },
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const instances = Number(process.argv[2] ?? 5_000);
const rows: string[] = [];
for (const wokenBy of ["event", "timer"] as const) {
  for (const createDesign of [jobPerActivation, jobPerInstance]) {
    if (wokenBy === "event") await measure(createDesign, WARM_UP, wokenBy);
    const { name } = createDesign({} as Bench);
    const measured = await measure(createDesign, instances, wokenBy);
    const { nodeMs, redisMs, bytesPerParked, cyclesPerSecond } = measured;
    rows.push(
      `| ${name} | ${wokenBy} | ${(nodeMs * 1_000).toFixed(0)} | ${(redisMs * 1_000).toFixed(0)} | ` +
        `${((nodeMs + redisMs) * 1_000).toFixed(0)} | ${cyclesPerSecond.toFixed(0)} | ${bytesPerParked.toFixed(0)} |`,
    );
  }
}
print(
  `${instances} instances, ${CYCLES} waits each; CPU in µs per wait, memory in bytes per parked instance\n`,
);
print("| design | woken by | node | Redis | both | waits/s | memory |");
print("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
for (const row of rows) print(row);
