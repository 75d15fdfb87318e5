/** `bench` on a Redis that others use too. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { BenchResult } from "../src/bench/bench.ts";
import { runCli, startCli } from "./support/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const FEW = ["--instances", "20", "--steps", "2", "--concurrency", "5"];

test("it measures, and leaves nothing behind but what was there", async () => {
  const client = redis.connect();
  await client.set("theirs", "1");
  await client.set("{bw:orders:0}:sequence", "1");
  const url = `redis://127.0.0.1:${redis.port}`;

  const { code, output } = await runCli(["bench", "--redis", url, "--json", ...FEW]);

  expect({ code, output }).toMatchObject({ code: 0 });
  const { job, workflow, plan } = JSON.parse(output.slice(output.indexOf("{"))) as BenchResult;
  expect(plan).toMatchObject({ instances: 20, steps: 2 });
  for (const { perSecond, ownCpuMs, redisCpuMs, latency } of [job, workflow]) {
    for (const figure of [perSecond, ownCpuMs, latency.p50Ms]) expect(figure).toBeGreaterThan(0);
    expect(redisCpuMs).toBeGreaterThanOrEqual(0);
    expect(latency.p99Ms).toBeGreaterThanOrEqual(latency.p50Ms);
  }
  expect((await client.keys("*")).toSorted()).toEqual(["theirs", "{bw:orders:0}:sequence"]);
});

test("without a Redis that is named it starts one, whatever REDIS_URL says", async () => {
  const { code, output } = await runCli(["bench", ...FEW], { REDIS_URL: "redis://127.0.0.1:1" });

  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/raw BullMQ job +workflow of 2 steps +ratio/);
  expect(output).toMatch(/^throughput +\d/m);
});

test("Ctrl-C ends it, and it cleans up all the same", async () => {
  const own = await startRedis();
  onTestFinished(async () => await own.stop());
  const client = own.connect();
  const cli = startCli([
    "bench",
    "--redis",
    `redis://127.0.0.1:${own.port}`,
    "--instances",
    "100000",
  ]);
  await eventually(async () => expect(await client.dbsize()).toBeGreaterThan(50), 60_000);

  cli.process.kill("SIGINT");

  expect(await cli.ended).toMatchObject({ code: 130 });
  expect(await client.keys("*")).toEqual([]);
});

test("a Redis that evicts is refused: what others keep there might go", async () => {
  const evicting = await startRedis({ maxmemory: "50mb", "maxmemory-policy": "allkeys-lru" });
  onTestFinished(async () => await evicting.stop());

  const { code, output } = await runCli(["bench", "--redis", `redis://127.0.0.1:${evicting.port}`]);

  expect(code).toBe(1);
  expect(output).toContain("Not on this Redis");
  expect(await evicting.connect().dbsize()).toBe(0);
});
