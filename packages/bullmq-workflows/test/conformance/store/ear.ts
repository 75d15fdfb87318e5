/** Keeps what it heard, and lets a test wait until it has heard so much. */
export class Ear<T> {
  readonly heard: T[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly hear = (message: T): void => {
    this.heard.push(message);
    for (const { count, resolve } of this.#waiting) if (this.heard.length >= count) resolve();
  };

  async first(count: number): Promise<readonly T[]> {
    if (this.heard.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.heard.slice(0, count);
  }
}
