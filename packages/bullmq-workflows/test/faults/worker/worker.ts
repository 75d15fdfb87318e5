/** The program of a worker that faults happen to. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { WorkflowEngine } from "../../../src/wiring/workflow-engine.ts";
import { RedisBackend } from "../../../src/wiring/redis-backend.ts";
import { engineConnection } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { Ledger } from "../ledger.ts";
import { watchEventLoop } from "./event-loop.ts";
import { RunLedger } from "./run-ledger.ts";
import { Trial, WORKFLOW } from "./trial.ts";
import type { Surroundings } from "./trial.ts";
import { witnessedBackend } from "./witness.ts";

/** What the parent hands over in the first argument. */
export interface WorkerSetup {
  readonly name: string;
  readonly connection: Connection;
  readonly folder: string;
  readonly seed: string;
  readonly leaseMs: number;
  readonly sweepMs: number;
}

/** What the parent says later. */
export type ToWorker =
  | { readonly type: "block"; readonly ms: number }
  | { readonly type: "shift_clock"; readonly ms: number }
  | { readonly type: "close" };

/** What the parent is told: that it takes instances, and that it has taken one. */
export type FromWorker = "up" | "claimed";

/** How often the parent is told of claims at most. */
const PULSE_MS = 100;

/** What the engine logs of an instance of which a store lost something that it cannot put back. */
const FLAGGED = /is flagged$|is gone that nobody deleted$/;

/** The same, when it could. */
const RESTORED = /they are restored$/;

const setup = JSON.parse(process.argv[2] ?? "") as WorkerSetup;
const ledger = new Ledger(setup.folder, setup.name);

function log(level: string, message: string, facts: Readonly<Record<string, unknown>> = {}): void {
  const { instanceId = "", error = "" } = facts;
  const line = `${new Date().toISOString()} ${level} ${message} ${String(instanceId)} ${String(error)}`;
  appendFileSync(join(setup.folder, `${setup.name}.log`), `${line}\n`);
  const type = FLAGGED.test(message) ? "flagged" : "restored";
  if (type === "restored" && !RESTORED.test(message)) return;
  ledger.write({ type, instance: String(instanceId), message });
}

/** Blocks the event loop without using the processor, which others need. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

let isToldOf = false;

/** The parent waits for that after a fault. Told at most once a pulse. */
function tellOfClaim(): void {
  if (isToldOf) return;
  isToldOf = true;
  process.send?.("claimed" satisfies FromWorker);
  setTimeout(() => (isToldOf = false), PULSE_MS).unref();
}

const now = Date.now;
let shiftMs = 0;
Date.now = () => now() + shiftMs;

watchEventLoop(ledger);
const connection = engineConnection(setup.connection);
const engine = new WorkflowEngine<Surroundings>(
  {
    connection,
    mode: "worker",
    lease: setup.leaseMs,
    sweepInterval: setup.sweepMs,
    logger: log,
    env: { seed: setup.seed, open: (instanceId) => new RunLedger(ledger, instanceId) },
  },
  (...parameters) => witnessedBackend(new RedisBackend(...parameters), ledger, tellOfClaim),
);
engine.register(Trial, { name: WORKFLOW });

async function close(): Promise<void> {
  ledger.write({ type: "worker_down", worker: setup.name });
  await engine.close();
  if (typeof connection !== "string") connection.disconnect();
  process.disconnect();
}

process.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "block":
      return standStill(message.ms);
    case "shift_clock":
      shiftMs += message.ms;
      return;
    case "close":
      return void close();
  }
});
process.on("disconnect", () => process.exit());

await engine.ready();
ledger.write({ type: "worker_up", worker: setup.name });
process.send?.("up" satisfies FromWorker);
