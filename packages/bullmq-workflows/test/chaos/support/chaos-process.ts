/** The program of a process that terrible things happen to. Does what it is told through messages. */
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import type { Workflow } from "../../../src/client/workflow.ts";
import type { ProbeMoment } from "../../../src/engine/probes.ts";
import { probedBackend } from "../../../src/wiring/probed-backend.ts";
import { RedisBackend } from "../../../src/wiring/redis-backend.ts";
import { WorkflowEngine } from "../../../src/wiring/workflow-engine.ts";
import { strike } from "./adversities.ts";
import { CuttableProxy } from "./cuttable-proxy.ts";
import { UNDO } from "./evidence.ts";
import { Journey, OPTIONS, perform } from "./journey.ts";
import type { Surroundings } from "./journey.ts";
import { NOBODY, SOMEBODY } from "./messages.ts";
import type { Cell, Command, ToChild, ToParent } from "./messages.ts";

/** One engine, from its opening to its closing. */
class Performance {
  readonly #cell: Cell;
  readonly #proxy: CuttableProxy;
  readonly #engine: WorkflowEngine<Surroundings>;
  readonly workflow: Workflow;
  readonly hits: Record<string, Record<string, number>> = {};
  readonly #checkpoints = new Map<string, () => void>();
  readonly #renewalWaiters = new Set<() => void>();

  private constructor(cell: Cell, proxy: CuttableProxy) {
    this.#cell = cell;
    this.#proxy = proxy;
    this.#engine = new WorkflowEngine<Surroundings>(
      {
        connection: `redis://127.0.0.1:${proxy.port}`,
        prefix: cell.prefix,
        lease: cell.leaseMs,
        sweepInterval: 100,
        logger: (level, message, facts) => this.#log(`${level}: ${message}`, facts),
        env: {
          execute: (instanceId, context) => this.#execute(instanceId, context),
          undo: (instanceId, context) => void this.#execute(instanceId, context, UNDO),
          checkpoint: async (name) => await this.#checkpoint(name),
        },
      },
      (...parameters) =>
        probedBackend(new RedisBackend(...parameters), (moment) => this.#pass(moment)),
    );
    this.workflow = this.#engine.register(Journey, OPTIONS);
  }

  static async open(cell: Cell): Promise<Performance> {
    const performance = new Performance(cell, await CuttableProxy.open(cell.redisPort));
    await performance.#engine.ready();
    return performance;
  }

  async close(): Promise<void> {
    await this.#engine.close();
    this.#proxy.close();
  }

  go(checkpoint: string): void {
    this.#checkpoints.get(checkpoint)?.();
    this.#checkpoints.delete(checkpoint);
  }

  #pass(moment: ProbeMoment): void {
    const { name } = moment;
    const subject = subjectOf(moment);
    if (name === "after:renew" && subject === "main") this.#onRenewal();
    const hits = (this.hits[name] ??= {});
    const hit = (hits[subject] = (hits[subject] ?? 0) + 1);
    const { target } = this.#cell;
    if (target?.probe !== name || target.subject !== subject || target.hit !== hit) return;
    this.#log(`struck by ${this.#cell.adversity} at ${name} of ${subject}, hit ${hit}`);
    tell({ type: "struck" });
    strike({ cell: this.#cell, proxy: this.#proxy, isBeforeWrite: name.startsWith("before:") });
  }

  #execute(instanceId: string, context: Parameters<Surroundings["execute"]>[1], what = ""): string {
    const execution = randomUUID();
    const { step, attempt, idempotencyKey } = context;
    const facts = {
      instanceId,
      step: `${what}${step.name}-${step.count}`,
      attempt,
      idempotencyKey,
    };
    const line = { ...facts, execution, at: Date.now(), pid: process.pid };
    appendFileSync(this.#cell.ledger, `${JSON.stringify(line)}\n`);
    return execution;
  }

  #log(
    message: string,
    { instanceId = "", error = "" }: Readonly<Record<string, unknown>> = {},
  ): void {
    const facts = `${new Date().toISOString()} ${process.pid} ${String(instanceId)}`;
    appendFileSync(this.#cell.log, `${facts} ${message} ${String(error)}\n`);
  }

  /** Also stays until its lease was renewed once, so that every run passes there. */
  async #checkpoint(name: string): Promise<void> {
    const checkpoint = randomUUID();
    const go = new Promise<void>((resolve) => this.#checkpoints.set(checkpoint, resolve));
    tell({ type: "checkpoint", checkpoint, name });
    await go;
    await new Promise<void>((resolve) => this.#renewalWaiters.add(resolve));
  }

  #onRenewal(): void {
    for (const resolve of this.#renewalWaiters) resolve();
    this.#renewalWaiters.clear();
  }
}

/** Sweeps and settings concern no instance, but it matters whether they found one. */
function subjectOf({ instanceId, outcome }: ProbeMoment): string {
  if (instanceId !== undefined) return instanceId;
  const { requests } = (outcome ?? {}) as { readonly requests?: readonly unknown[] };
  const found = requests ?? outcome;
  const hasFound = Array.isArray(found) ? found.length > 0 : typeof found === "number" && found > 0;
  return hasFound ? SOMEBODY : NOBODY;
}

function tell(message: ToParent): void {
  process.send?.(message);
}

let performance: Performance | undefined;

async function answer(call: number, command: Command): Promise<void> {
  try {
    if (!performance) throw new Error("No engine is open");
    await perform(performance.workflow, command);
    tell({ type: "answered", call });
  } catch (error) {
    tell({ type: "answered", call, error: String(error) });
  }
}

async function obey(message: ToChild): Promise<void> {
  switch (message.type) {
    case "open":
      performance = await Performance.open(message.cell);
      return tell({ type: "opened" });
    case "call":
      return await answer(message.call, message.command);
    case "go":
      return performance?.go(message.checkpoint);
    case "close":
      await performance?.close();
      return tell({ type: "closed", hits: performance?.hits ?? {} });
  }
}

process.on("message", (message: ToChild) => void obey(message));
process.on("disconnect", () => process.exit());
