/** The marks that programs left in a worker process, by group of runs. A run's first under a label counts. */
import type { MarkFor } from "../engine.ts";

export interface Marked {
  readonly id: string;
  /** Epoch ms, with fractions. */
  readonly at: number;
  readonly value: number;
}

/** Runs whose ids have the same prefix, at one point of their program. */
export interface Point {
  readonly prefix: string;
  readonly label: string;
}

export function now(): number {
  return performance.timeOrigin + performance.now();
}

export class Marks {
  readonly #byPoint = new Map<string, Map<string, Marked>>();

  readonly markFor: MarkFor = (id) => {
    const prefix = id.slice(0, id.lastIndexOf("-"));
    return (label, value = 0) => {
      const key = keyOf({ prefix, label });
      let marked = this.#byPoint.get(key);
      if (marked === undefined) this.#byPoint.set(key, (marked = new Map()));
      if (!marked.has(id)) marked.set(id, { id, at: now(), value });
    };
  };

  count(point: Point): number {
    return this.#byPoint.get(keyOf(point))?.size ?? 0;
  }

  list(point: Point): readonly Marked[] {
    return [...(this.#byPoint.get(keyOf(point))?.values() ?? [])];
  }

  clear(): void {
    this.#byPoint.clear();
  }
}

function keyOf({ prefix, label }: Point): string {
  return `${prefix}/${label}`;
}
