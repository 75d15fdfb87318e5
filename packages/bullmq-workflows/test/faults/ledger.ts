/**
 * The external ledger: what every process of a run saw, in files that outlive it and its Redis.
 *
 * One file per process, appended to by one synchronous write per line, so that a process that is killed
 * loses at most a line it never began. Instants are those of the machine's monotonic clock, which all
 * processes share and no fault of the suite can move.
 */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstanceStatus } from "../../src/model/status.ts";

export type Fact =
  // A step's callback: every execution of it.
  | {
      readonly type: "started";
      readonly instance: string;
      readonly step: string;
      readonly attempt: number;
      readonly key: string;
      readonly execution: string;
    }
  | {
      readonly type: "completed";
      readonly instance: string;
      readonly step: string;
      readonly attempt: number;
      readonly execution: string;
      readonly value: string;
    }
  // What the code of a workflow sees, in the order in which it sees it. A run is one pass through `run()`.
  | { readonly type: "ran"; readonly instance: string; readonly run: string }
  | {
      readonly type: "observed";
      readonly instance: string;
      readonly run: string;
      readonly step: string;
      readonly value: string;
    }
  // What the store answered to a worker.
  | {
      readonly type: "claimed";
      readonly instance: string;
      readonly fence: number;
      /** What was on record of steps, as far as the claim brought it. */
      readonly entries: readonly string[];
    }
  | {
      readonly type: "acked";
      readonly instance: string;
      readonly fence: number;
      readonly entries: readonly string[];
    }
  | {
      readonly type: "let_go";
      readonly instance: string;
      readonly fence: number;
      readonly how: string;
    }
  | {
      readonly type: "flagged" | "restored";
      readonly instance: string;
      readonly message: string;
    }
  // What a client did to an instance.
  | { readonly type: "creating" | "created"; readonly instance: string }
  | {
      readonly type: "sending" | "sent" | "unsure" | "refused";
      readonly instance: string;
      readonly eventType: string;
      readonly id: string;
      /** Sent again after the faults, in case what it repeats was lost with a Redis that may lose. */
      readonly isRevival?: true;
    }
  | {
      readonly type: "status";
      readonly instance: string;
      readonly status: InstanceStatus;
      /** When it was asked for, in ms: it was so at some instant from then on. */
      readonly askedAt: number;
    }
  // What the nemesis did, and how the machine felt.
  | {
      readonly type: "fault_began" | "fault_ended";
      readonly fault: string;
      /** Which one: tells the end that belongs to a beginning. */
      readonly strike: number;
      readonly hinders: boolean;
    }
  /** From now on this worker does nothing: dead, or silent for longer than its leases. */
  | { readonly type: "killed" | "silenced"; readonly worker: string }
  | { readonly type: "worker_up" | "worker_down"; readonly worker: string }
  | { readonly type: "worker_failed"; readonly worker: string; readonly code: number }
  /** Redis's clock was moved by so much, from what it was before. */
  | { readonly type: "redis_clock"; readonly shiftMs: number }
  /** An event loop ran this much later than it wanted to, from then on. */
  | { readonly type: "stalled"; readonly ms: number };

/** A fact, who saw it, and when (monotonic, in ms). */
export type Line = Fact & { readonly by: string; readonly t: number };

export type LineOf<Type extends Fact["type"]> = Narrowed<Line, Type>;

/** Also of a member that stands for several types. */
type Narrowed<Member extends Line, Type> = Member extends Line
  ? [Extract<Member["type"], Type>] extends [never]
    ? never
    : Member & { readonly type: Extract<Member["type"], Type> }
  : never;

/** The machine's monotonic clock, in ms. The same in every process. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class Ledger {
  readonly #path: string;
  readonly #by: string;

  constructor(folder: string, by: string) {
    this.#path = join(folder, `${by}.ledger`);
    this.#by = by;
  }

  write(fact: Fact): void {
    const line = { t: monotonicNow(), by: this.#by, ...fact };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** Everything that was written, in the order in which it happened. */
export function readLedgers(folder: string): readonly Line[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ledger"));
  const lines = files.flatMap((file) => parseLines(readFileSync(join(folder, file), "utf8")));
  return lines.toSorted((a, b) => a.t - b.t);
}

function parseLines(text: string): Line[] {
  const lines = text.split("\n");
  // What follows the last newline was cut off by a kill, if there is anything.
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Line);
}

/** The lines of one type. */
export function linesOf<Type extends Fact["type"]>(
  lines: readonly Line[],
  type: Type,
): readonly LineOf<Type>[] {
  return lines.filter((line) => line.type === type) as readonly Line[] as readonly LineOf<Type>[];
}
