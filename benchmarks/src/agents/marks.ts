/** The marks that programs left in a worker process. The first of a run under a label counts. */
import type { MarkFor } from "../engine.ts";

export interface Marked {
  readonly id: string;
  /** Epoch ms, with fractions. */
  readonly at: number;
  readonly value: number;
}

export function now(): number {
  return performance.timeOrigin + performance.now();
}

export class Marks {
  readonly #byLabel = new Map<string, Map<string, Marked>>();

  readonly markFor: MarkFor =
    (id) =>
    (label, value = 0) => {
      let marked = this.#byLabel.get(label);
      if (marked === undefined) this.#byLabel.set(label, (marked = new Map()));
      if (!marked.has(id)) marked.set(id, { id, at: now(), value });
    };

  count(label: string): number {
    return this.#byLabel.get(label)?.size ?? 0;
  }

  list(label: string): readonly Marked[] {
    return [...(this.#byLabel.get(label)?.values() ?? [])];
  }

  clear(): void {
    this.#byLabel.clear();
  }
}
