/**
 * What an activation has decided and not yet written, in the order in which it was decided.
 *
 * Everything that is ready in the same turn leaves in one write. A write that the store refuses without
 * ending the activation leaves the journal as it was, so nothing is decided twice.
 */
import { joinBarriers } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import type { StreamReference } from "../model/history.ts";

/** What leaves in one write. */
export interface Batch {
  readonly entries: readonly string[];
  readonly consumed: readonly number[];
  /** What has to hold before any of it is released. @defaultValue "memory" */
  readonly barrier?: Barrier;
  /** The streams that the entries refer to, if they do. */
  readonly streams?: readonly StreamReference[] | undefined;
}

export class Journal {
  #entries: string[] = [];
  #consumed: number[] = [];
  #streams: StreamReference[] = [];
  #end: { readonly text: string; readonly barrier: Barrier } | undefined;
  #barrier: Barrier = "memory";

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** What all that is staged has to wait for once it is written. */
  get barrier(): Barrier {
    return this.#barrier;
  }

  /** Whether any entry that is staged refers to a stream. */
  get hasStreams(): boolean {
    return this.#streams.length > 0;
  }

  /** Adds the entry that leaves last of all, with the end of the instance. */
  stageEnd(text: string, barrier: Barrier = "memory"): void {
    this.#end = { text, barrier };
  }

  /** Adds a stream that the entry staged last refers to. */
  addStream(stream: StreamReference): void {
    this.#streams.push(stream);
  }

  /** Adds an entry's text, and the event that it hands to a wait, if it does. */
  stage(text: string, consumedEvent?: number, barrier: Barrier = "memory"): void {
    this.#entries.push(text);
    if (consumedEvent !== undefined) this.#consumed.push(consumedEvent);
    this.#barrier = joinBarriers(this.#barrier, barrier);
  }

  /**
   * What is staged now. More may be staged while it is being written. With the end of the instance leaves
   * what was kept for it, and waits for `endBarrier` too.
   */
  peek(endBarrier?: Barrier): Batch {
    const streams = this.hasStreams ? [...this.#streams] : undefined;
    const [entries, consumed] = [[...this.#entries], [...this.#consumed]];
    if (endBarrier === undefined) return { entries, consumed, barrier: this.#barrier, streams };
    const barrier = joinBarriers(endBarrier, this.#barrier);
    if (!this.#end) return { entries, consumed, barrier, streams };
    entries.push(this.#end.text);
    return { entries, consumed, barrier: joinBarriers(barrier, this.#end.barrier), streams };
  }

  /** Forgets what has been written. */
  drop(written: Batch): void {
    this.#entries = this.#entries.slice(written.entries.length);
    this.#consumed = this.#consumed.slice(written.consumed.length);
    if (written.streams) this.#streams = this.#streams.slice(written.streams.length);
    // What was staged meanwhile may wait for more than it has to, never for less.
    if (this.isEmpty) this.#barrier = "memory";
  }
}
