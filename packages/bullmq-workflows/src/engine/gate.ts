/**
 * Where a step waits before it begins.
 *
 * Open while the activation may write and no pause is asked for. Steps that come to a closed gate stand
 * in line and go through in order when it opens. A step inside a running step always passes: its outer
 * attempt counts as running and has to be able to end.
 */
import { AsyncResource } from "node:async_hooks";

export class Gate {
  readonly #line: (() => void)[] = [];
  readonly #onBlocked: () => void;
  #isOpen = true;
  #isGone = false;

  /** `onBlocked` is called whenever a step has to stand in line. */
  constructor(onBlocked: () => void) {
    this.#onBlocked = onBlocked;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get hasLine(): boolean {
    return this.#line.length > 0;
  }

  enter(begin: () => void, isNested: boolean): void {
    if (this.#isGone) return;
    if (this.#isOpen || isNested) return begin();
    this.#line.push(AsyncResource.bind(begin));
    this.#onBlocked();
  }

  close(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    if (this.hasLine) for (const begin of this.#line.splice(0)) begin();
  }

  /** Lets nobody through any more, not even steps inside a running step. */
  remove(): void {
    this.#isGone = true;
    this.#isOpen = false;
    this.#line.length = 0;
  }
}
