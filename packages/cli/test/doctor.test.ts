/** `doctor`, before Redis in bad states for real, and workflows that are not well. */
import { randomUUID } from "node:crypto";
import { Queue } from "bullmq";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow, WorkflowEngineConfig } from "bullmq-workflows";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { runCli } from "./support/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis({ appendonly: "yes", appendfsync: "everysec" });
});

afterAll(async () => await redis.stop());

class Task extends WorkflowEntrypoint<unknown, string> {
  override async run({ payload }: { readonly payload: string }, step: never): Promise<void> {
    const { waitForEvent } = step as unknown as { waitForEvent: (...args: unknown[]) => unknown };
    await waitForEvent.call(step, payload, { type: payload });
  }
}

interface Stage {
  readonly prefix: string;
  readonly tasks: Workflow<string>;
  readonly tag: string;
}

async function setUp(config: Partial<WorkflowEngineConfig> = {}): Promise<Stage> {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const connection = `redis://127.0.0.1:${redis.port}`;
  const engine = new WorkflowEngine({ connection, prefix, ...config });
  onTestFinished(async () => await engine.close({ force: true }));
  const tasks = engine.register(Task, { name: "tasks" });
  await engine.ready();
  return { prefix, tasks, tag: `{${prefix}:tasks:0}` };
}

interface Examined {
  readonly code: number | null;
  readonly findings: readonly Finding[];
  readonly level: string;
}

async function examine(port: number, ...args: readonly string[]): Promise<Examined> {
  const { code, output } = await runCli([
    "doctor",
    "--redis",
    `redis://127.0.0.1:${port}`,
    "--json",
    ...args,
  ]);
  const json = output.slice(output.indexOf("{"));
  return { code, ...(JSON.parse(json) as Omit<Examined, "code">) };
}

/** Those that are worse than a note. */
function illsOf({ findings }: Examined): readonly (readonly [string, string])[] {
  return findings
    .filter(({ level }) => level === "problem" || level === "warning")
    .map(({ level, check }) => [level, check] as const);
}

test("a Redis that is well, with workflows that are, is told in full and exits with 0", async () => {
  const { prefix, tasks } = await setUp();
  const instance = await tasks.create({ params: "go" });
  await eventually(async () =>
    expect(await instance.status()).toMatchObject({ status: "waiting" }),
  );

  const { code, output } = await runCli([
    "doctor",
    "--redis",
    `redis://127.0.0.1:${redis.port}`,
    "--prefix",
    prefix,
  ]);

  expect(code).toBe(0);
  expect(output).toMatch(/^ok +node +Node \d+/m);
  expect(output).toMatch(/^ok +redis version +(Redis|Valkey) \d+/m);
  expect(output).toMatch(/^ok +durability +Grade B\./m);
  expect(output).toMatch(/For the next grade: Set `appendfsync always`/);
  expect(output).toMatch(/^ok +workflow +tasks: 0 running.* 1 worker$/m);
  expect(output).toMatch(/^ok +keys +\d+ keys of \d+ are of this prefix: .*1 instances/m);
  expect(output).toContain("All is well");
});

test("a Redis that evicts, that keeps nothing, and that is almost full", async () => {
  const bad = await startRedis({ maxmemory: "20mb", "maxmemory-policy": "allkeys-lru" });
  onTestFinished(async () => await bad.stop());
  const client = bad.connect();
  // More than fits: some of it is evicted.
  for (let n = 0; n < 250; n++) await client.set(`ballast ${n}`, "x".repeat(100_000));

  const examined = await examine(bad.port);

  expect(examined).toMatchObject({ code: 1, level: "problem" });
  expect(illsOf(examined)).toEqual(
    expect.arrayContaining([
      ["problem", "durability"],
      ["problem", "eviction"],
      ["problem", "memory"],
      ["warning", "evictions"],
    ]),
  );
  const advice = examined.findings.map(({ advice: each = "" }) => each).join("\n");
  expect(advice).toContain("CONFIG SET maxmemory-policy noeviction");
});

test("the grade that is asked for decides, and --strict takes warnings for problems", async () => {
  const snapshots = await startRedis({ save: "60 1" });
  onTestFinished(async () => await snapshots.stop());

  expect(illsOf(await examine(snapshots.port))).toEqual([["warning", "durability"]]);
  expect((await examine(snapshots.port)).code).toBe(0);
  expect((await examine(snapshots.port, "--strict")).code).toBe(1);
  expect((await examine(snapshots.port, "--minimum", "B")).code).toBe(1);
});

test("memory that runs out is told before it has", async () => {
  const full = await startRedis({
    appendonly: "yes",
    maxmemory: "20mb",
    "maxmemory-policy": "noeviction",
  });
  onTestFinished(async () => await full.stop());
  const client = full.connect();
  const isFull = async (): Promise<boolean> => {
    const info = await client.info("memory");
    return Number(/used_memory:(\d+)/.exec(info)?.[1]) > 20 * 1_048_576 * 0.92;
  };
  for (let n = 0; !(await isFull()); n++) await client.set(`ballast ${n}`, "x".repeat(50_000));

  const examined = await examine(full.port);

  expect(illsOf(examined)).toEqual([["problem", "memory"]]);
});

test("a replica is told with what it lacks, and a target that is one", async () => {
  const replica = await startRedis({ replicaof: `127.0.0.1 ${redis.port}` });
  onTestFinished(async () => await replica.stop());
  await eventually(async () => {
    expect(await redis.connect().info("replication")).toContain("state=online");
  });

  const { findings } = await examine(redis.port);
  expect(findings.find(({ check }) => check === "replica")).toMatchObject({ level: "fine" });
  expect(findings.find(({ check }) => check === "replica clock")).toMatchObject({ level: "fine" });
  const ofReplica = await examine(replica.port);
  expect(ofReplica.findings.map(({ message }) => message).join("\n")).toContain("is a replica");
});

test("instances that nobody runs: orphaned, never taken, never woken, kept for ever", async () => {
  const { prefix, tasks, tag } = await setUp({ mode: "client" });
  for (const id of ["orphan", "ignored", "late", "old"]) await tasks.create({ id, params: "go" });
  const client = redis.connect();
  const hourAgo = Date.now() - 3_600_000;
  await client.zrem(`${tag}:pending`, "orphan", "late", "old");
  await client.zadd(`${tag}:leases`, hourAgo, "orphan");
  await client.zadd(`${tag}:pending`, hourAgo, "ignored");
  await client.zadd(`${tag}:timers`, hourAgo, "late");
  await client.zadd(`${tag}:expiry`, hourAgo, "old");

  const examined = await examine(redis.port, "--prefix", prefix);

  expect(examined.code).toBe(1);
  expect(illsOf(examined)).toEqual([
    ["problem", "workers"],
    ["problem", "orphans"],
    ["problem", "waiting for workers"],
    ["problem", "overdue timers"],
    ["warning", "retention"],
    ["problem", "stray instances"],
  ]);
  const orphans = examined.findings.find(({ check }) => check === "orphans");
  expect(orphans?.message).toBe("tasks: 1 instances run on no worker, the first for 60 min");
});

test("instances that nothing will wake, and ids without an instance", async () => {
  const { prefix, tasks, tag } = await setUp({ mode: "client" });
  for (const id of ["stray", "lost"]) await tasks.create({ id, params: "go" });
  const client = redis.connect();
  await client.zrem(`${tag}:pending`, "stray");
  await client.del(`${tag}:i:lost`);

  const examined = await examine(redis.port, "--prefix", prefix);

  expect(illsOf(examined)).toEqual([
    ["problem", "workers"],
    ["problem", "stray instances"],
    ["problem", "lost instances"],
    ["warning", "jobs"],
  ]);
  expect(examined.findings.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      "tasks: nothing will wake 1 instances: stray",
      "tasks: 1 ids lead to no instance: lost",
    ]),
  );
});

test("changes that webhooks were never told of, for a week", async () => {
  const { prefix, tag } = await setUp();
  const client = redis.connect();
  const anHourAgo = Date.now() - 3_600_000;
  await client.hset(`${tag}:settings`, "outboxLost", `5 ${anHourAgo}`);

  const examined = await examine(redis.port, "--prefix", prefix);
  await client.hset(`${tag}:settings`, "outboxLost", `5 ${anHourAgo - 7 * 86_400_000}`);
  const later = await examine(redis.port, "--prefix", prefix);

  expect(illsOf(examined)).toEqual([["problem", "outbox"]]);
  expect(examined.findings.map(({ message }) => message)).toContain(
    "tasks: 5 changes of status were never told to webhooks, the last ones were dropped 60 min ago",
  );
  expect(illsOf(later)).toEqual([]);
});

test("jobs for instances that are not there", async () => {
  const { prefix, tag } = await setUp({ mode: "client" });
  const connection = { host: "127.0.0.1", port: redis.port };
  const queue = new Queue("activations", { connection, prefix: tag });
  onTestFinished(async () => await queue.close());
  await queue.add("activation", { instanceId: "nobody" });

  const examined = await examine(redis.port, "--prefix", prefix);

  expect(illsOf(examined)).toEqual([["warning", "jobs"]]);
  expect(examined.findings.find(({ check }) => check === "jobs")?.message).toBe(
    "tasks: of 1 jobs that wait, 1 are for instances that are not there: nobody",
  );
});

test("a namespace without workflows is noted, and a Redis that is away has an exit code of its own", async () => {
  const { findings } = await examine(redis.port, "--prefix", "nobody");
  expect(findings.find(({ check }) => check === "workflows")).toMatchObject({ level: "note" });

  const { code, output } = await runCli(["doctor", "--redis", "redis://user:secret@127.0.0.1:1"]);
  expect(code).toBe(5);
  expect(output).toMatch(
    /^Redis at 127\.0\.0\.1:1 cannot be used: connect ECONNREFUSED 127\.0\.0\.1:1\. Is it running/,
  );
  expect(output).not.toContain("secret");
});
