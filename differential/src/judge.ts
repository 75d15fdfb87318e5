/** Tells expected differences from others, and finds expectations that nothing meets any more. */
import type { Difference } from "./compare.ts";
import type { Expectation } from "./expected-differences.ts";

export interface Finding extends Difference {
  /** Why it is expected; `undefined` when it is not. */
  readonly why: string | undefined;
}

/** Keeps account of what was met over all scenarios. */
export class Judge {
  readonly #expectations: readonly Expectation[];
  readonly #met = new Set<string>();

  constructor(expectations: readonly Expectation[]) {
    this.#expectations = expectations;
  }

  judge(scenario: string, differences: readonly Difference[]): readonly Finding[] {
    return differences.map((difference) => ({
      ...difference,
      why: this.#reasonFor(scenario, difference.path),
    }));
  }

  /** Expectations that did not come true in scenarios that ran, in words. */
  unmet(ran: ReadonlySet<string>): readonly string[] {
    return this.#expectations.flatMap((expectation, index) => {
      const { scenarios, paths, why } = expectation;
      const named = scenarios === "*" ? ["*"] : scenarios.filter((name) => ran.has(name));
      return named.flatMap((name) =>
        paths
          .filter((path) => !this.#met.has(keyOf(index, name, path)))
          .map((path) => `${name}: ${path} does not differ any more (${why})`),
      );
    });
  }

  #reasonFor(scenario: string, path: string): string | undefined {
    let reason: string | undefined;
    for (const [index, { scenarios, paths, why }] of this.#expectations.entries()) {
      if (scenarios !== "*" && !scenarios.includes(scenario)) continue;
      for (const pattern of paths) {
        if (!matches(pattern, path)) continue;
        this.#met.add(keyOf(index, scenarios === "*" ? "*" : scenario, pattern));
        reason ??= why;
      }
    }
    return reason;
  }
}

function keyOf(index: number, scenario: string, path: string): string {
  return JSON.stringify([index, scenario, path]);
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.[\]\\^$()+?{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(path);
}
