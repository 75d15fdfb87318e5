/**
 * One try of a step's callback, and the means to call it off.
 *
 * An AbortController costs more than all else about a short attempt, and few callbacks ask for the
 * signal. So it is made when they do.
 */
export class Attempt {
  /** 1 for the first one. */
  readonly number: number;
  /** Called when it is called off. */
  onAbort: () => void = () => {};
  #isCurrent = true;
  #controller: AbortController | undefined;
  #abortion: { readonly reason: unknown } | undefined;

  constructor(number: number) {
    this.number = number;
  }

  /** Whether it is still the attempt that counts for its step. */
  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortion) this.#controller.abort(this.#abortion.reason);
    }
    return this.#controller.signal;
  }

  /** It has ended, or another one counts now. */
  retire(): void {
    this.#isCurrent = false;
  }

  abort(reason: unknown): void {
    if (this.#abortion) return;
    this.#abortion = { reason };
    this.#controller?.abort(reason);
    this.onAbort();
  }
}
