/**
 * The events of an instance as its history tells them, so that `logs` says the same with `-f` and without: what
 * came of each step, and the beginning of an attempt only where it lasts.
 *
 * Of an attempt that was over before it was recorded, the events tell a beginning and an end at the same time.
 * So a beginning is held back for a moment.
 */
import type { Happening } from "../connection/follow.ts";

/** What is in no history: it follows from what is. */
const LEFT_OUT = new Set([
  "workflow_queued",
  "workflow_started",
  "workflow_running",
  "workflow_waiting",
  "step_started",
  "attempt_completed",
  "rollback_attempt_completed",
]);

const BEGINNING = /attempt_started$/;

/** How long the end may take to arrive that was recorded together with the beginning. */
const HOLD_MS = 200;

export class LogLines {
  readonly #tell: (happening: Happening) => void;
  #held: Happening | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (happening: Happening) => void) {
    this.#tell = tell;
  }

  add(happening: Happening): void {
    const held = this.#held;
    if (held && isWholeAttempt(held, happening)) this.#held = undefined;
    this.flush();
    if (LEFT_OUT.has(happening.type)) return;
    if (!BEGINNING.test(happening.type)) return this.#tell(happening);
    this.#held = happening;
    this.#timer = setTimeout(() => this.flush(), HOLD_MS);
  }

  /** Tells what is held back. */
  flush(): void {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#tell(held);
  }
}

function isWholeAttempt(beginning: Happening, end: Happening): boolean {
  const isEnd = /attempt_(?:completed|errored)$/.test(end.type);
  const isAtOnce = end["timestamp"] === beginning["timestamp"];
  return isEnd && isAtOnce && stepOf(end) === stepOf(beginning);
}

/** Events and entries call it differently. */
function stepOf({ stepName, step }: Happening): unknown {
  return stepName ?? step;
}
