/**
 * Keeps a snapshot of the whole state in the data folder, as Valkey's own `SAVE` writes it: an RDB
 * file with a checksum, written beside the old one, synced, then renamed over it.
 *
 * `SAVE` runs alone, so a snapshot is the state at one moment between two commands, never a mixture.
 * Clients wait meanwhile. Whoever crashes goes back to the last snapshot: everything acknowledged
 * after it is forgotten as a whole, which a workflow engine survives as if it had never happened.
 */
import { ReplyError, readInfoField } from "../resp.ts";
import type { ValkeyMachine } from "./valkey-machine.ts";

/** Large states pause longer, so they are saved less often: at most this share of the time. */
const SAVING_SHARE = 0.1;

export interface SnapshotKeeperOptions {
  readonly machine: Pick<ValkeyMachine, "call">;
  /** Shortest time between two snapshots, in ms. */
  readonly everyMs: number;
  /** Told when a snapshot fails, and not again until one has worked. */
  readonly onFailure: (message: string) => void;
  /** The machine is beyond use: no more snapshots, and the process must end. */
  readonly onFatal: (error: unknown) => void;
}

export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#scheduleAfter(options.everyMs);
  }

  /** Takes the last snapshot, if anything changed. False when it could not be written. */
  finish(): boolean {
    clearTimeout(this.#timer);
    return this.#saveIfChanged();
  }

  #scheduleAfter(delayMs: number): void {
    this.#timer = setTimeout(() => {
      try {
        const startedAt = performance.now();
        this.#saveIfChanged();
        const pauseMs = performance.now() - startedAt;
        this.#scheduleAfter(Math.max(this.#options.everyMs, pauseMs / SAVING_SHARE));
      } catch (error) {
        this.#options.onFatal(error);
      }
    }, delayMs);
  }

  #saveIfChanged(): boolean {
    const { machine } = this.#options;
    const changes = readInfoField(
      machine.call("INFO", "persistence"),
      "rdb_changes_since_last_save",
    );
    if (changes === "0") return true;
    const reply = machine.call("SAVE");
    if (reply instanceof ReplyError) {
      this.#reportFailure(reply.message);
      return false;
    }
    this.#hasFailed = false;
    return true;
  }

  #reportFailure(reason: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailure(reason);
  }
}
