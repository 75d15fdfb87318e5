/**
 * What an activation has decided and not yet written, in the order in which it was decided.
 *
 * Everything that is ready in the same turn leaves in one write. A write that the store refuses without
 * ending the activation leaves the journal as it was, so nothing is decided twice.
 */
import { joinBarriers } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import { consumedEventOf, streamOf } from "../model/history.ts";
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
  /** How many entries leave at once: all, unless that was too much for the store. */
  #most = Infinity;

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

  /** Whether what is staged leaves in several writes. */
  get isSplit(): boolean {
    return this.#most < Infinity;
  }

  /**
   * What was peeked at last is too large for one write: what is staged leaves in smaller ones, and by itself
   * if more was to leave with it. Answers false when there is nothing left to split.
   */
  split(hasMore: boolean): boolean {
    const count = Math.min(this.#entries.length, this.#most);
    if (count === 0 || (count === 1 && !hasMore)) return false;
    this.#most = hasMore ? count : Math.ceil(count / 2);
    return true;
  }

  /** Has another text leave instead of the one that leaves first. */
  replaceFirst(text: string): void {
    this.#entries = this.#entries.with(0, text);
  }

  /** Forgets what is staged, as it can never be written. */
  clear(): void {
    this.#entries = [];
    this.#consumed = [];
    this.#streams = [];
    this.#end = undefined;
    this.#most = Infinity;
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
   * What leaves next: all that is staged now, unless it is split. More may be staged while it is being written.
   * With the end of the instance leaves what was kept for it, and waits for `endBarrier` too.
   */
  peek(endBarrier?: Barrier): Batch {
    if (this.#entries.length > this.#most) return this.#peekPart();
    const streams = this.hasStreams ? [...this.#streams] : undefined;
    const [entries, consumed] = [[...this.#entries], [...this.#consumed]];
    if (endBarrier === undefined) return { entries, consumed, barrier: this.#barrier, streams };
    const barrier = joinBarriers(endBarrier, this.#barrier);
    if (!this.#end) return { entries, consumed, barrier, streams };
    entries.push(this.#end.text);
    return { entries, consumed, barrier: joinBarriers(barrier, this.#end.barrier), streams };
  }

  /** The first entries, with the events that they hand over and the streams that they refer to. */
  #peekPart(): Batch {
    const entries = this.#entries.slice(0, this.#most);
    const takes = entries.filter((text) => consumedEventOf(text) !== undefined);
    const refers = entries.filter((text) => streamOf(text) !== undefined);
    return {
      entries,
      consumed: this.#consumed.slice(0, takes.length),
      barrier: this.#barrier,
      streams: refers.length > 0 ? this.#streams.slice(0, refers.length) : undefined,
    };
  }

  /** Forgets what has been written. */
  drop(written: Batch): void {
    this.#entries = this.#entries.slice(written.entries.length);
    this.#consumed = this.#consumed.slice(written.consumed.length);
    if (written.streams) this.#streams = this.#streams.slice(written.streams.length);
    // What was staged meanwhile may wait for more than it has to, never for less.
    if (!this.isEmpty) return;
    this.#barrier = "memory";
    this.#most = Infinity;
  }
}
