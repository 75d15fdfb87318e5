/** What a step costs is counted, not timed: commands that Redis carries out, and bytes that it reads. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { workflowOf } from "../support/harness.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { createRedisEngines } from "../support/redis-engine.ts";

/** Steps between two looks. */
const STRETCH = 200;

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

interface Reading {
  readonly commands: number;
  readonly bytes: number;
}

async function readCosts(): Promise<Reading> {
  const stats = await redis.connect().info("stats");
  const field = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
  return {
    commands: field("total_commands_processed"),
    bytes: field("total_net_input_bytes"),
  };
}

test("step 3,000 of an instance costs Redis what step 300 did (I11)", async () => {
  const readings = new Map<number, Reading>();
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  // Rarely enough for its commands not to count.
  const engine = engines.start({ sweepInterval: "1 hour" });
  const workflow = engine.register(
    workflowOf(async (step) => {
      for (let number = 1; number <= 3_000; number++) {
        await step.do("count", async () => {
          if (number % STRETCH === 0) readings.set(number, await readCosts());
        });
      }
    }),
    { name: "counting" },
  );

  await (await workflow.create()).result({ timeout: "60 seconds" });

  const costOf = (until: number): Reading => {
    const [before, after] = [readings.get(until - STRETCH), readings.get(until)];
    if (!before || !after) throw new Error(`No reading at ${until}`);
    return { commands: after.commands - before.commands, bytes: after.bytes - before.bytes };
  };
  const [early, late] = [costOf(2 * STRETCH), costOf(3_000)];
  expect(late.commands).toBeLessThan(early.commands * 1.2);
  expect(late.bytes).toBeLessThan(early.bytes * 1.2);
});
