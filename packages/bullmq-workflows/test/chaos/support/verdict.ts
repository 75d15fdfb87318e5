/** What must be true of a journey, whatever happened on it. */
import { expect } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import { decodePayload } from "../../../src/model/payload.ts";
import {
  countExecutions,
  decodeHistory,
  lateExecutions,
  readLedger,
  repetitionsIn,
  UNDO,
} from "./evidence.ts";
import type { Execution, Recorded } from "./evidence.ts";
import { OUTPUTS, ROLLED_BACK } from "./journey.ts";

/**
 * Executions of one attempt: one, one more for what struck, and one for a lease that ran out because a
 * busy machine held a process up.
 */
const EXECUTION_LIMIT = 3;

export async function expectUndisturbed(store: Store, ledger: string): Promise<void> {
  const executions = readLedger(ledger);
  await expectRolledBack(store, executions);
  for (const [instanceId, output] of Object.entries(OUTPUTS)) {
    const record = await store.instances.get(instanceId);
    const history = decodeHistory(await store.instances.history(instanceId));
    const own = executions.filter((execution) => execution.instanceId === instanceId);
    // Each time it is started over it runs its steps again.
    const executionLimit = instanceId === "again" ? Infinity : EXECUTION_LIMIT;
    expect({
      instanceId,
      output: decodePayload(record?.output ?? "null"),
      lastEntry: history.at(-1)?.type,
      pauseCount: history.filter(({ type }) => type === "workflow_paused").length,
      repeated: repetitionsIn(history),
      outOfOrder: history.filter(({ at }, index) => at < (history[index - 1]?.at ?? 0)),
      executedAfterCommit: lateExecutions(history, own),
      executedTooOften: [...countExecutions(own)].filter(([, count]) => count > executionLimit),
    }).toEqual({
      instanceId,
      output,
      lastEntry: "workflow_completed",
      pauseCount: instanceId === "main" ? 1 : 0,
      repeated: [],
      outOfOrder: [],
      executedAfterCommit: [],
      executedTooOften: [],
    });
    expectOutcomesOf(own, history);
  }
}

/** Those that were rolled back: once each, the one that started last first, and their own error kept. */
async function expectRolledBack(store: Store, executions: readonly Execution[]): Promise<void> {
  for (const [instanceId, { status, undone }] of Object.entries(ROLLED_BACK)) {
    const record = await store.instances.get(instanceId);
    const history = decodeHistory(await store.instances.history(instanceId));
    const own = executions.filter((execution) => execution.instanceId === instanceId);
    expect({
      instanceId,
      status: record?.status,
      error: record?.error && (decodePayload(record.error) as Error).message,
      rollback: record?.rollback,
      lastEntry: history.at(-1)?.type,
      undone: history.flatMap((entry) =>
        entry.type === "rollback_step_completed" ? [entry.step] : [],
      ),
      repeated: repetitionsIn(history),
      executedAfterCommit: lateExecutions(history, own),
      neverUndone: undone.filter((step) => !own.some((each) => each.step === `${UNDO}${step}`)),
    }).toEqual({
      instanceId,
      status,
      error: status === "errored" ? "the journey fails" : undefined,
      rollback: { outcome: "complete" },
      lastEntry: `workflow_${status}`,
      undone,
      repeated: [],
      executedAfterCommit: [],
      neverUndone: [],
    });
    expectOutcomesOf(own, history);
  }
}

/** Every recorded outcome is that of an execution, and all executions had the same idempotency key. */
function expectOutcomesOf(executions: readonly Execution[], history: readonly Recorded[]): void {
  for (const entry of history) {
    // A stream does not tell which execution it is of.
    if (entry.type !== "step_completed" || entry.stream) continue;
    const own = executions.filter(({ step }) => step === entry.step);
    const { execution } = decodePayload(JSON.stringify(entry.output)) as { execution: string };
    expect(own.map((each) => each.execution)).toContain(execution);
    expect(new Set(own.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  }
}
