/** What a long-running command has opened, and closes in reverse order when a signal asks for it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export class Shutdown {
  /** Resolves with the first signal. The second ends the process as it always does. */
  readonly requested: Promise<NodeJS.Signals>;
  readonly #closes: (() => Promise<void>)[] = [];

  constructor() {
    this.requested = new Promise((resolve) => {
      const onSignal = (signal: NodeJS.Signals): void => {
        for (const each of SIGNALS) process.off(each, onSignal);
        resolve(signal);
      };
      for (const signal of SIGNALS) process.on(signal, onSignal);
    });
  }

  atEnd(close: () => Promise<void>): void {
    this.#closes.push(close);
  }

  async close(): Promise<void> {
    for (let close = this.#closes.pop(); close; close = this.#closes.pop()) await close();
  }
}
