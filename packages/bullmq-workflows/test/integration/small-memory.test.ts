/** A Redis with so little memory that it is full before anybody has looked how full it is. */
import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { NonRetryableError } from "../../src/index.ts";
import type { Workflow, WorkflowStep } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import { startRedis } from "../support/redis.ts";

const LEASE_MS = 1_000;
const INSTANCES = 40;
const STEPS = 8;

/** All of them together are more than any of the servers has. */
const RESULT = "x".repeat(40_000);

type Note = (name: string) => string;
type Kind = (step: WorkflowStep, note: Note) => Promise<unknown>;

/** What an instance does STEPS times. Each run of a callback is noted. */
const KINDS: readonly Kind[] = [
  async (step, note) => {
    for (let n = 0; n < STEPS; n++) await step.do(`plain ${n}`, () => note(`plain ${n}`));
  },
  async (step, note) => {
    for (let n = 0; n < STEPS; n++) {
      await step.do(`before ${n}`, () => note(`before ${n}`));
      await step.sleep(`sleep ${n}`, 60);
    }
  },
  async (step, note) => {
    for (let n = 0; n < STEPS; n++) {
      const stream = await step.do(`stream ${n}`, () => new Blob([note(`stream ${n}`)]).stream());
      await new Response(stream).text();
    }
  },
  async (step, note) => {
    for (let n = 0; n < STEPS; n++) {
      const rollback = () => void note(`undo ${n}`);
      await step.do(`do ${n}`, () => note(`do ${n}`), { rollback });
    }
    await step.do("fail", () => {
      throw new NonRetryableError("no");
    });
  },
];

async function startStage(maxmemory: string) {
  const redis = await startRedis({ maxmemory, "maxmemory-policy": "noeviction" });
  onTestFinished(async () => await redis.stop());
  const engines = createRedisEngines(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(async () => await engines.close());
  const noted: string[] = [];
  const errors: string[] = [];
  const body = workflowOf<number>(async (step, { payload, instanceId }) => {
    const note = (name: string) => {
      noted.push(`${instanceId} ${name}`);
      return RESULT;
    };
    await KINDS[payload]?.(step, note);
  });
  const start = (): Workflow =>
    engines
      .start({
        lease: LEASE_MS,
        // Nobody is refused at the door.
        durability: { fullAt: 1 },
        logger: (level, message, facts) => {
          if (level === "error") errors.push(`${message} ${String(facts?.["error"] ?? "")}`);
        },
      })
      .register(body, { name: "test" });
  const [workflow] = [start(), start()];
  return { admin: redis.connect(), workflow, noted, errors };
}

async function countRefusals(admin: Redis): Promise<number> {
  const [, count = "0"] = /OOM:count=(\d+)/.exec(await admin.info("errorstats")) ?? [];
  return Number(count);
}

/** Polls Redis's own clock. */
async function outlast(admin: Redis, ms: number): Promise<void> {
  const now = async () => Number((await admin.time())[0]) * 1_000;
  const until = (await now()) + ms + 1_000;
  await eventually(async () => expect(await now()).toBeGreaterThan(until));
}

test.each(["4mb", "8mb"])(
  "with maxmemory %s instances wait while it is full, and go on by themselves when there is room",
  { timeout: 60_000 },
  async (maxmemory) => {
    const { admin, workflow, noted, errors } = await startStage(maxmemory);
    const instances = await Promise.all(
      Array.from(
        { length: INSTANCES },
        async (_, n) => await workflow.create({ params: n % KINDS.length }),
      ),
    );

    await eventually(async () => expect(await countRefusals(admin)).toBeGreaterThan(20));
    await outlast(admin, 2 * LEASE_MS);
    const counts = await workflow.counts();
    expect(counts.errored + counts.terminated).toBe(0);
    await admin.config("SET", "maxmemory", "100mb");

    await Promise.allSettled(
      instances.map(async (each) => await each.result({ timeout: "30 seconds" })),
    );
    const failing = INSTANCES / KINDS.length;
    expect(await workflow.counts()).toMatchObject({
      complete: INSTANCES - failing,
      errored: failing,
    });
    expect(errors.filter((line) => !line.startsWith("Redis is"))).toEqual([]);
    const twice = noted.filter((each, index) => noted.indexOf(each) !== index);
    expect(twice).toEqual([]);
    expect(noted).toHaveLength((INSTANCES + failing) * STEPS);
  },
);
