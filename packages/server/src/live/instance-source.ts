/** What happens to one instance, as it is told to subscribers. */
import { setTimeout as delay } from "node:timers/promises";
import { jsonView } from "bullmq-workflows/internal";
import type { WorkflowInstanceEvent, WorkflowInstanceSubscription } from "bullmq-workflows";
import type { EventSource, LiveEvent } from "./frames.ts";

export class InstanceSource implements EventSource {
  readonly #subscription: WorkflowInstanceSubscription;
  /** The next event, where somebody has looked whether there is one. */
  #peeked: ReturnType<WorkflowInstanceSubscription["next"]> | undefined;

  constructor(subscription: WorkflowInstanceSubscription) {
    this.#subscription = subscription;
  }

  /** Whether there is nothing more to tell, as far as that can be found out in so many ms. */
  async isOver(withinMs: number): Promise<boolean> {
    this.#peeked ??= this.#subscription.next();
    const isOver = this.#peeked.then(({ done }) => done === true);
    return await Promise.race([isOver, delay(withinMs, false, { ref: false })]);
  }

  async next(): Promise<readonly LiveEvent[] | undefined> {
    const next = this.#peeked ?? this.#subscription.next();
    this.#peeked = undefined;
    const { done, value } = await next;
    return done === true ? undefined : [toLiveEvent(value)];
  }

  close(): void {
    this.#subscription[Symbol.dispose]();
  }
}

function toLiveEvent(event: WorkflowInstanceEvent): LiveEvent {
  return { id: event.eventId, type: event.type, data: jsonView(event) as object };
}
