/**
 * An abort of one's own, which that of somebody else sets off as well, for as long as they are linked.
 *
 * `AbortSignal.any` would do, but on some versions of Node keeps what is linked for as long as a signal
 * lives, which may be for ever.
 */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#onAbort();
    else outer?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
  }

  /** From now on, the other one sets off nothing any more. */
  unlink(): void {
    this.#outer?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#outer?.reason);
}
