/** Looks at everything a soak left behind. */
import type { Redis } from "ioredis";
import { Queue } from "bullmq";
import type { Store } from "../../../src/engine/ports.ts";
import { decodePayload } from "../../../src/model/payload.ts";
import {
  countExecutions,
  decodeHistory,
  lateExecutions,
  readLedger,
  repetitionsIn,
} from "./evidence.ts";
import type { Execution } from "./evidence.ts";
import { outputOf, planOf } from "./soak-workflow.ts";

/** Histories that are read at once. */
const BATCH = 200;

export interface SoakAudit {
  readonly outcomes: Readonly<Record<string, number>>;
  /** Instances that ended otherwise than they should have, or with something else. */
  readonly wrong: readonly string[];
  /** Outcomes that were recorded more than once. */
  readonly repeated: readonly string[];
  /** Executions of a step after its outcome was recorded. */
  readonly late: readonly string[];
  readonly entryCount: number;
  readonly executionCount: number;
  /** Executions beyond the first of an attempt: what a crash made necessary. */
  readonly reexecutionCount: number;
}

export async function audit(
  store: Store,
  ledger: string,
  facts: { readonly seed: string; readonly instances: number },
): Promise<SoakAudit> {
  const executions = readLedger(ledger);
  const byInstance = groupByInstance(executions);
  const found = { outcomes: {}, wrong: [], repeated: [], late: [], entryCount: 0 } as {
    outcomes: Record<string, number>;
    wrong: string[];
    repeated: string[];
    late: string[];
    entryCount: number;
  };
  const inspect = async (number: number): Promise<void> => {
    const id = `soak-${number}`;
    const [record, stored] = await Promise.all([store.get(id), store.history(id)]);
    const history = decodeHistory(stored);
    const status = record?.status ?? "missing";
    const plan = planOf(facts.seed, number);
    found.outcomes[status] = (found.outcomes[status] ?? 0) + 1;
    found.entryCount += history.length;
    const output = record?.output === undefined ? undefined : decodePayload(record.output);
    const isOutputRight =
      status !== "complete" || JSON.stringify(output) === JSON.stringify(outputOf(plan, number));
    if (status !== plan.end || !isOutputRight) {
      found.wrong.push(`${id} is ${status} with ${JSON.stringify(output)}, not ${plan.end}`);
    }
    for (const mark of repetitionsIn(history)) found.repeated.push(`${id}: ${mark}`);
    for (const { step } of lateExecutions(history, byInstance.get(id) ?? [])) {
      found.late.push(`${id}: ${step}`);
    }
  };
  for (let first = 0; first < facts.instances; first += BATCH) {
    const count = Math.min(BATCH, facts.instances - first);
    await Promise.all(Array.from({ length: count }, async (_, i) => await inspect(first + i)));
  }
  const attempts = countExecutions(executions).size;
  return {
    ...found,
    executionCount: executions.length,
    reexecutionCount: executions.length - attempts,
  };
}

/** What is in the places where only unfinished instances are, and in the queue. */
export async function countLeftovers(redis: Redis, tag: string): Promise<number> {
  const queue = new Queue("activations", { connection: redis, prefix: tag });
  const counts = Object.values(await queue.getJobCounts());
  await queue.close();
  for (const place of ["pending", "backlog", "leases", "timers"]) {
    counts.push(await redis.zcard(`${tag}:${place}`));
  }
  return counts.reduce((sum, count) => sum + count, 0);
}

function groupByInstance(executions: readonly Execution[]): Map<string, Execution[]> {
  const groups = new Map<string, Execution[]>();
  for (const execution of executions) {
    const group = groups.get(execution.instanceId);
    if (group) group.push(execution);
    else groups.set(execution.instanceId, [execution]);
  }
  return groups;
}
