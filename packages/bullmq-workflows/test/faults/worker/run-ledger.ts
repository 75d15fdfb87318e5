import { randomUUID } from "node:crypto";
import type { WorkflowStepContext } from "../../../src/model/workflow.ts";
import type { Ledger } from "../ledger.ts";

/** Writes down what one pass through `run()` does and sees. */
export class RunLedger {
  readonly #ledger: Ledger;
  readonly #instance: string;
  readonly #run = randomUUID();

  constructor(ledger: Ledger, instance: string) {
    this.#ledger = ledger;
    this.#instance = instance;
    ledger.write({ type: "ran", instance, run: this.#run });
  }

  /** Answers the id of this execution. */
  start({ step, attempt, idempotencyKey }: WorkflowStepContext): string {
    const execution = randomUUID();
    const facts = { instance: this.#instance, step: toKey(step), attempt };
    this.#ledger.write({ type: "started", ...facts, key: idempotencyKey, execution });
    return execution;
  }

  /** Answers what the step is to return: a value that no other execution returns. */
  complete({ step, attempt }: WorkflowStepContext, execution: string): string {
    const facts = { instance: this.#instance, step: toKey(step), attempt };
    this.#ledger.write({ type: "completed", ...facts, execution, value: execution });
    return execution;
  }

  observe(step: string, value: string): string {
    this.#ledger.write({
      type: "observed",
      instance: this.#instance,
      run: this.#run,
      step,
      value,
    });
    return value;
  }
}

function toKey({ name, count }: WorkflowStepContext["step"]): string {
  return `do:${name}-${count}`;
}
