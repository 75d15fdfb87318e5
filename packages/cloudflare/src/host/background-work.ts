/** What was handed to `waitUntil`: goes on by itself, and is waited for before a shutdown. */

/** How long a shutdown waits for what is under way; as long as Cloudflare lets such work go on. */
export const GRACE_MS = 30_000;

export class BackgroundWork {
  readonly #running = new Set<Promise<unknown>>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(promise: unknown): void {
    const settled = Promise.resolve(promise).catch(this.#onFailure);
    this.#running.add(settled);
    void settled.finally(() => this.#running.delete(settled));
  }

  /** Resolves when all is done, also what is added meanwhile, or when the grace is over. */
  async settle(graceMs: number = GRACE_MS): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isOver = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
    await Promise.race([this.#settleAll(), isOver]);
    clearTimeout(timer);
  }

  async #settleAll(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
