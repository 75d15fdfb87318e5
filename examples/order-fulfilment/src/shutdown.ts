/**
 * How a run ends: what was started first is stopped last.
 *
 * `signal` aborts on Ctrl-C, when something fails that nobody was waiting for, and in any case before
 * the first thing is stopped.
 */
export class Interrupted extends Error {
  constructor() {
    super("Interrupted.");
  }
}

export class Shutdown {
  readonly #controller = new AbortController();
  readonly #steps: (() => Promise<void>)[] = [];

  constructor() {
    // Stays until the process ends, so that an impatient second Ctrl-C cannot leave processes behind.
    process.on("SIGINT", () => this.fail(new Interrupted()));
    process.on("SIGTERM", () => this.fail(new Interrupted()));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  fail(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Adds what has to be stopped in the end. */
  atEnd(step: () => Promise<void>): void {
    this.#steps.unshift(step);
  }

  /** Takes every step, also after one that failed; answers what failed. */
  async run(): Promise<unknown[]> {
    this.#controller.abort();
    const failures: unknown[] = [];
    for (const step of this.#steps) {
      await step().catch((error: unknown) => failures.push(error));
    }
    return failures;
  }
}
