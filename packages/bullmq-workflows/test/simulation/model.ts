/**
 * What a program must come to, told without running it; `undefined` where it depends on chance.
 *
 * It is far simpler than the engine: it knows no time, no workers and no order, only values.
 */
import type { DoNode, EventType, Leaf, Node, Program } from "./program.ts";

export interface Circumstances {
  /** Workers may die in the middle of an attempt. */
  readonly losesWork: boolean;
  /** Calls to the store take no time, so that only steps themselves do. */
  readonly isPrompt: boolean;
  /** The types of all events that are ever sent. */
  readonly eventTypes: ReadonlySet<EventType>;
}

type Prediction =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "error"; readonly error: unknown };

/** What `run` returns, or throws as text. */
export function predict(program: Program, circumstances: Circumstances): unknown[] | undefined {
  const model = new Model(circumstances);
  const outcomes = program.statements.map((node, index) => model.predict(node, String(index)));
  return allKnown(outcomes)?.map(plain);
}

class Model {
  readonly #circumstances: Circumstances;

  constructor(circumstances: Circumstances) {
    this.#circumstances = circumstances;
  }

  predict(node: Node, path: string): Prediction | undefined {
    switch (node.op) {
      case "outside":
      case "unawaited":
        return value(node.op);
      case "stepRace": {
        const [only, ...others] = node.branches;
        const won = only && others.length === 0 ? this.predict(only, `${path}.0`) : undefined;
        return won?.type === "value" ? value(["b0", won.value]) : won;
      }
      case "all":
      case "allSettled":
      case "race":
      case "any":
        return this.#combine(node, path);
      default:
        return this.#predictLeaf(node, path);
    }
  }

  #predictLeaf(leaf: Leaf, path: string): Prediction | undefined {
    switch (leaf.op) {
      case "do":
        return this.#predictDo(leaf, path);
      case "sleep":
        return value(null);
      case "sleepUntil":
        return undefined;
      case "wait":
        return this.#circumstances.eventTypes.has(leaf.type)
          ? undefined
          : error(`Execution timed out after ${leaf.timeoutMs}ms`);
    }
  }

  #predictDo(node: DoNode, path: string): Prediction | undefined {
    const { failures, retries, lastsMs, timeoutMs, isFinal } = node;
    const { losesWork, isPrompt } = this.#circumstances;
    // An attempt in which a worker dies may count as one.
    if (losesWork || lastsMs === timeoutMs) return undefined;
    const takesTime = !isPrompt || node.inside.some(({ op }) => op !== "do");
    if (node.inside.length > 0 && takesTime && timeoutMs < 60_000) return undefined;
    if (node.inside.some((leaf) => leaf.op === "do" && takesLong(leaf))) return undefined;
    if (lastsMs > timeoutMs) return error(`Execution timed out after ${timeoutMs}ms`);
    if (failures > 0 && isFinal) return error(`fail ${path}#1`);
    if (failures > retries) return error(`fail ${path}#${retries + 1}`);
    const inside = node.inside.map((leaf, index) => this.#predictLeaf(leaf, `${path}.${index}`));
    const known = allKnown(inside);
    return known && value(["did", path, known.map(plain)]);
  }

  #combine(
    { op, branches }: Extract<Node, { op: "all" | "allSettled" | "race" | "any" }>,
    path: string,
  ): Prediction | undefined {
    const outcomes = allKnown(
      branches.map((branch, index) => this.#predictBranch(branch, path, index)),
    );
    if (!outcomes) return undefined;
    const values = outcomes.filter(({ type }) => type === "value");
    const errors = outcomes.filter(({ type }) => type === "error");
    switch (op) {
      case "all":
        if (errors.length === 0) return value(outcomes.map(plain));
        return errors.length === 1 ? errors[0] : undefined;
      case "allSettled":
        return value(outcomes.map(plain));
      case "any":
        if (values.length === 0) return { type: "error", error: ["errors", errors.map(plain)] };
        return values.length === 1 ? outcomeOf(values[0]) : undefined;
      case "race":
        return outcomes.length === 1 ? outcomeOf(outcomes[0]) : undefined;
    }
  }

  #predictBranch(branch: readonly Node[], path: string, index: number): Prediction | undefined {
    const outputs: unknown[] = [];
    for (const [at, node] of branch.entries()) {
      const outcome = this.predict(node, `${path}.${index}.${at}`);
      if (outcome?.type !== "value") return outcome;
      outputs.push(outcome.value);
    }
    return value({ branch: index, outcome: outputs });
  }
}

/** Whether it may take as long as the step around it may. */
function takesLong({ retries, delayMs, lastsMs, inside }: DoNode): boolean {
  return inside.length > 0 || (retries + 1) * (lastsMs + delayMs) > 0;
}

/** What a race of branches resolves with is what the winning branch came to. */
function outcomeOf(won: Prediction | undefined): Prediction | undefined {
  return won?.type === "value" ? value((won.value as { outcome: unknown }).outcome) : won;
}

function value(value: unknown): Prediction {
  return { type: "value", value };
}

function error(message: string): Prediction {
  return { type: "error", error: ["error", message] };
}

function plain(prediction: Prediction): unknown {
  return prediction.type === "value" ? prediction.value : prediction.error;
}

function allKnown(
  predictions: readonly (Prediction | undefined)[],
): readonly Prediction[] | undefined {
  const known = predictions.filter((prediction) => prediction !== undefined);
  return known.length === predictions.length ? known : undefined;
}
