/** Runs a program as user code would: every step inside `try`, `catch` and `finally`. */
import { NonRetryableError } from "../../src/model/errors.ts";
import type { WorkflowStepRollbackOptions } from "../../src/model/rollback.ts";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { WorkflowEvent, WorkflowStep, WorkflowStepContext } from "../../src/model/workflow.ts";
import { Pass, REFUSAL } from "./ledger.ts";
import type { Ledger } from "./ledger.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Combinator, DoNode, Leaf, Node, Program, Undo } from "./program.ts";
import { hasOutside, longestOutsideMs } from "./program.ts";
import { tokenOfError, tokenOfValue } from "./record-fold.ts";

export interface SimulationEnv {
  readonly ledger: Ledger;
  readonly process: SimulatedProcess;
  readonly programs: readonly Program[];
}

export class SimulatedWorkflow extends WorkflowEntrypoint<SimulationEnv, { program: number }> {
  async run(event: WorkflowEvent<{ program: number }>, step: WorkflowStep): Promise<unknown> {
    const { ledger, process, programs } = this.env;
    const program = programs[event.payload.program];
    if (!program) throw new Error("No such program");
    // A replay waits for code outside steps for a second, and keeps the order for as long.
    const keepsOrder = longestOutsideMs(program.statements) < 1_000;
    const pass = new Pass(ledger, process, { instanceId: event.instanceId, keepsOrder });
    const interpreter = new Interpreter(pass, step, {
      createdAt: event.timestamp.getTime(),
      // Where steps are called in an order that no record tells, only unique names can be told apart.
      sharesNames: !hasOutside(program.statements),
    });
    const output = await interpreter.runAll(program.statements);
    pass.end();
    if (program.throws) throw new Error(JSON.stringify(output));
    return output;
  }
}

interface Facts {
  readonly createdAt: number;
  readonly sharesNames: boolean;
}

/** The step in whose callback something runs. */
interface Enclosing {
  readonly displayPath: string;
  readonly within: string;
}

class Interpreter {
  readonly #pass: Pass;
  readonly #step: WorkflowStep;
  readonly #facts: Facts;

  constructor(pass: Pass, step: WorkflowStep, facts: Facts) {
    this.#pass = pass;
    this.#step = step;
    this.#facts = facts;
  }

  /** Statement by statement; one that fails is no reason not to go on. */
  async runAll(statements: readonly Node[]): Promise<unknown[]> {
    const outputs: unknown[] = [];
    for (const [index, node] of statements.entries()) {
      try {
        outputs.push(await this.#run(node, String(index)));
      } catch (error) {
        outputs.push(describe(error));
      }
    }
    return outputs;
  }

  async #runBranch(nodes: readonly Node[], path: string): Promise<unknown[]> {
    const outputs: unknown[] = [];
    for (const [index, node] of nodes.entries()) {
      outputs.push(await this.#run(node, `${path}.${index}`));
    }
    return outputs;
  }

  async #run(node: Node, path: string): Promise<unknown> {
    switch (node.op) {
      case "outside":
        await this.#delay(node.ms);
        return "outside";
      case "unawaited":
        void this.#watch(path, async () => await this.#ask(node.step, path)).catch(() => {});
        return "unawaited";
      case "stepRace":
        return await this.#runStepRace(node, path);
      case "all":
      case "allSettled":
      case "race":
      case "any":
        return await this.#combine(node.op, node.branches, path);
      default:
        return await this.#watch(path, async () => await this.#ask(node, path));
    }
  }

  async #combine(
    op: Combinator,
    branches: readonly (readonly Node[])[],
    path: string,
  ): Promise<unknown> {
    const promises = branches.map(async (branch, index) => {
      const outcome = await this.#runBranch(branch, `${path}.${index}`);
      return { branch: index, outcome };
    });
    switch (op) {
      case "all":
        return await Promise.all(promises);
      case "allSettled":
        return (await Promise.allSettled(promises)).map((settled) =>
          settled.status === "fulfilled" ? settled.value : describe(settled.reason),
        );
      default: {
        const won = op === "race" ? Promise.race(promises) : Promise.any(promises);
        // Time outside steps is not on record: a race that depends on it is the author's risk.
        const isOnRecord = !branches.some(hasOutside);
        return await this.#watchWinner(path, won, isOnRecord);
      }
    }
  }

  async #watchWinner(
    path: string,
    race: Promise<{ readonly branch: number; readonly outcome: unknown }>,
    isOnRecord: boolean,
  ): Promise<unknown> {
    try {
      const won = await race;
      if (isOnRecord) this.#pass.win(path, `branch ${won.branch}`);
      return won.outcome;
    } catch (error) {
      if (isOnRecord) this.#pass.win(path, JSON.stringify(describe(error)));
      throw error;
    }
  }

  async #runStepRace(node: Extract<Node, { op: "stepRace" }>, path: string): Promise<unknown> {
    const branches = node.branches.map(
      (leaf, index) => [`b${index}`, this.#ask(leaf, `${path}.${index}`)] as const,
    );
    for (const [index, leaf] of node.meanwhile.entries()) {
      await this.#run(leaf, `${path}.m${index}`).catch(() => {});
    }
    const race = this.#step.race(this.#nameOf(node, path), Object.fromEntries(branches));
    return await this.#watchWinner(
      path,
      race.then(({ winner, value }) => ({
        branch: Number(String(winner).slice(1)),
        outcome: [winner, toOutput(value)],
      })),
      true,
    );
  }

  /** What a step's `try`, `catch` and `finally` see. A `finally` alone would be the engine showing through (I7). */
  async #watch(path: string, ask: () => Promise<unknown>): Promise<unknown> {
    let hasSettled = false;
    try {
      const value = await ask();
      hasSettled = true;
      this.#pass.see(path, { type: "value", value });
      return toOutput(value);
    } catch (error) {
      hasSettled = true;
      this.#pass.see(path, { type: "error", error });
      this.#checkError(error, path);
      throw error;
    } finally {
      if (!hasSettled) this.#pass.report("I7", `a finally at ${path} ran by itself`);
    }
  }

  #checkError(error: unknown, path: string): void {
    const text = tokenOfError(error);
    const isKnown =
      text.startsWith(`error fail ${path}#`) ||
      text.startsWith("error Execution timed out after ") ||
      text === "error Attempt failed due to internal workflows error" ||
      text === REFUSAL ||
      text === "error You can't sleep until a time in the past, time-traveler";
    if (!isKnown && !this.#pass.isForRollbacks)
      this.#pass.report("I7", `code at ${path} saw ${text}`);
  }

  #ask(leaf: Leaf, path: string, enclosing?: Enclosing): Promise<unknown> {
    const name = this.#nameOf(leaf, path);
    switch (leaf.op) {
      case "do":
        return this.#step.do(
          name,
          configOf(leaf),
          async (context) => await this.#attempt(leaf, path, context, enclosing),
          leaf.undo && this.#undoOf(leaf.undo, path),
        );
      case "sleep":
        return this.#step.sleep(name, leaf.ms);
      case "sleepUntil":
        return this.#step.sleepUntil(name, this.#facts.createdAt + leaf.ms);
      case "wait":
        return this.#step.waitForEvent(name, { type: leaf.type, timeout: leaf.timeoutMs });
    }
  }

  async #attempt(
    node: DoNode,
    path: string,
    context: WorkflowStepContext,
    enclosing?: Enclosing,
  ): Promise<unknown> {
    const { attempt } = context;
    const step = `${context.step.name}-${context.step.count}`;
    const name = { kind: "do", step, in: enclosing?.displayPath };
    const within = enclosing?.within ?? "";
    const isUndoable = node.undo !== undefined;
    const run = this.#pass.begin({ path, name, attempt, within, isUndoable });
    const displayPath = enclosing ? `${enclosing.displayPath}\u001f${step}` : step;
    const inside: unknown[] = [];
    for (const [index, leaf] of node.inside.entries()) {
      const inner = `${path}.${index}`;
      const asked = this.#ask(leaf, inner, { displayPath, within: `${within}${path}#${attempt}/` });
      inside.push(await asked.then(toOutput, (error: unknown) => describe(error)));
      this.#pass.checkOnRecord(await asked.then(tokenOfInner, tokenOfError));
    }
    await this.#delay(node.lastsMs);
    if (attempt > node.failures) return { path, run, inside };
    const message = `fail ${path}#${attempt} run ${run}`;
    throw node.isFinal ? new NonRetryableError(message) : new Error(message);
  }

  #undoOf(undo: Undo, path: string): WorkflowStepRollbackOptions<unknown> {
    const { retries, delayMs, lastsMs, failures } = undo;
    return {
      rollback: async ({ ctx, error, stepName }) => {
        const times = this.#pass.beginUndo({ path, step: stepName, error });
        if (`${ctx.step.name}-${ctx.step.count}` !== stepName)
          this.#pass.report("I1", `${stepName} was undone as ${ctx.step.name}-${ctx.step.count}`);
        await this.#delay(lastsMs);
        if (times <= failures) throw new Error(`cannot undo ${path}`);
      },
      rollbackConfig: {
        retries: { limit: retries, delay: delayMs, backoff: "constant" },
        timeout: 60_000,
      },
    };
  }

  async #delay(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.#pass.process.clock.after(ms, resolve));
  }

  #nameOf({ name }: { readonly name: number }, path: string): string {
    return this.#facts.sharesNames ? `n${name}` : path;
  }
}

function configOf({ retries, delayMs, timeoutMs }: DoNode): {
  retries: { limit: number; delay: number; backoff: "constant" };
  timeout: number;
} {
  return { retries: { limit: retries, delay: delayMs, backoff: "constant" }, timeout: timeoutMs };
}

/** Outputs do not say in which run a value was made, so that they can be predicted. */
function toOutput(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return null;
  if ("payload" in value) return ["event", value.payload];
  const { path, inside } = value as { readonly path?: string; readonly inside?: unknown };
  return ["did", path, inside];
}

function describe(error: unknown): unknown {
  if (error instanceof AggregateError) return ["errors", error.errors.map(describe)];
  return ["error", error instanceof Error ? error.message.replace(/ run \d+$/, "") : error];
}

function tokenOfInner(value: unknown): string {
  return tokenOfValue(
    typeof value === "object" && value !== null && "payload" in value ? value.payload : value,
  );
}
