/** A workflow of a few steps that do nothing, through the library's public API. */
import { setTimeout as delay } from "node:timers/promises";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { Workflow, WorkflowEvent, WorkflowStep } from "bullmq-workflows";
import type { Redis } from "ioredis";
import { measure, timeEach, toMeasured } from "./measurement.ts";
import type { Measured } from "./measurement.ts";
import type { BenchPlan } from "./plan.ts";

const LOOK_EVERY_MS = 10;

class Steps extends WorkflowEntrypoint<unknown, number> {
  override async run(event: Readonly<WorkflowEvent<number>>, step: WorkflowStep): Promise<number> {
    for (let n = 1; n <= event.payload; n++) await step.do(`step ${n}`, async () => n);
    return event.payload;
  }
}

export async function benchWorkflows(redis: Redis, plan: BenchPlan): Promise<Measured> {
  const { redisUrl, prefix, instances, steps, concurrency } = plan;
  const engine = new WorkflowEngine({ connection: redisUrl, prefix, concurrency });
  try {
    const workflow = engine.register(Steps, { name: "steps" });
    await engine.ready();
    await run(workflow, plan.warmUpCount, plan);
    const cost = await measure(redis, async () => await run(workflow, instances, plan));
    const latency = await timeEach(plan, async () => {
      const instance = await workflow.create({ params: steps });
      await instance.result();
    });
    return toMeasured(instances, cost, latency);
  } finally {
    await engine.close();
  }
}

async function run(workflow: Workflow<number>, count: number, plan: BenchPlan): Promise<void> {
  const before = (await workflow.counts()).complete;
  for (let at = 0; at < count; at += plan.batch) {
    plan.signal.throwIfAborted();
    const size = Math.min(plan.batch, count - at);
    await workflow.createBatch(Array.from({ length: size }, () => ({ params: plan.steps })));
  }
  while ((await workflow.counts()).complete < before + count) {
    await delay(LOOK_EVERY_MS, undefined, { signal: plan.signal });
  }
}
