/** The program of a worker of the soak. It is killed sooner or later. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { WorkflowEngine } from "../../../src/index.ts";
import { Soak, WORKFLOW } from "./soak-workflow.ts";
import type { SoakSurroundings } from "./soak-workflow.ts";

/** What the parent hands over in the first argument. */
export interface SoakWorkerSetup {
  readonly url: string;
  readonly seed: string;
  readonly ledger: string;
  readonly leaseMs: number;
}

const { url, seed, ledger, leaseMs } = JSON.parse(process.argv[2] ?? "") as SoakWorkerSetup;

const engine = new WorkflowEngine<SoakSurroundings>({
  connection: url,
  mode: "worker",
  lease: leaseMs,
  env: {
    seed,
    execute(instanceId, { step, attempt, idempotencyKey }) {
      const facts = { instanceId, step: `${step.name}-${step.count}`, attempt, idempotencyKey };
      const line = { ...facts, execution: randomUUID(), at: Date.now() };
      appendFileSync(ledger, `${JSON.stringify(line)}\n`);
    },
  },
});
engine.register(Soak, { name: WORKFLOW });

process.on("message", () => void engine.close().then(() => process.exit()));
process.on("disconnect", () => process.exit(1));
