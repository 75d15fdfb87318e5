/**
 * The changes of status of many instances, as they are told to one reader.
 *
 * Nothing is kept of them anywhere, so a reader is told of what happens while he listens. Whenever he may have
 * missed something he is told that, and looks for himself: at the beginning, after a gap, and when he was too
 * slow, as no more than so much is kept for him.
 */
import type { StatusChange } from "bullmq-workflows/internal";
import type { EventSource, LiveEvent } from "./frames.ts";

/** Events that are kept for a reader who is slower than they come. */
const KEPT = 1_000;

/** Events in one piece. */
const AT_ONCE = 100;

/** Why a reader has to look for himself. */
export type ResetReason = "opened" | "gap" | "slow" | "workflow_added";

/** One for all who are told of the change. */
const EVENTS = new WeakMap<StatusChange, LiveEvent>();

export function toStatusEvent(workflow: string, change: StatusChange): LiveEvent {
  const event = EVENTS.get(change) ?? makeStatusEvent(workflow, change);
  EVENTS.set(change, event);
  return event;
}

function makeStatusEvent(workflow: string, change: StatusChange): LiveEvent {
  const { instanceId, status, at } = change;
  const data = {
    type: "status",
    workflow_name: workflow,
    instance_id: instanceId,
    status,
    timestamp: at,
  };
  return { type: "status", data };
}

/** @param workflow the one that is concerned; all of them if none is named. */
export function toResetEvent(reason: ResetReason, workflow?: string): LiveEvent {
  const named = workflow === undefined ? {} : { workflow_name: workflow };
  return { type: "reset", data: { type: "reset", reason, ...named } };
}

export class StatusSource implements EventSource {
  #events: LiveEvent[] = [toResetEvent("opened")];
  readonly #statuses: ReadonlySet<string> | undefined;
  #wake = (): void => {};
  #leave: (() => void) | undefined;
  #isClosed = false;

  /** @param statuses those to tell of. @defaultValue all */
  constructor(statuses?: readonly string[]) {
    this.#statuses = statuses && new Set(statuses);
  }

  /** How it stops hearing of anything. */
  leaveBy(leave: () => void): void {
    if (this.#isClosed) leave();
    else this.#leave = leave;
  }

  tell({ status }: StatusChange, makeEvent: () => LiveEvent): void {
    if (this.#isClosed || this.#statuses?.has(status) === false) return;
    this.#add(makeEvent());
  }

  /** Tells that something may have been missed. */
  reset(event: LiveEvent): void {
    if (!this.#isClosed) this.#add(event);
  }

  async next(): Promise<readonly LiveEvent[] | undefined> {
    while (this.#events.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#isClosed ? undefined : this.#events.splice(0, AT_ONCE);
  }

  close(): void {
    this.#isClosed = true;
    this.#events = [];
    this.#leave?.();
    this.#leave = undefined;
    this.#wake();
  }

  #add(event: LiveEvent): void {
    if (this.#events.length < KEPT) this.#events.push(event);
    else this.#events = [toResetEvent("slow")];
    this.#wake();
  }
}
