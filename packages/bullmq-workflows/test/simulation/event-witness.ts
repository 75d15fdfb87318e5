/**
 * Subscribes to every instance, as it were: reads each history on from where it was whenever it changes, and
 * compares what it was told with the instance's status, and in the end with what one who comes later is told.
 */
import type { InstanceState } from "../../src/memory/instance-state.ts";
import type { MemoryStore } from "../../src/memory/memory-store.ts";
import { readHistory } from "../../src/memory/history-page.ts";
import { InstanceEvents } from "../../src/model/instance-events.ts";
import type { WorkflowInstanceEvent } from "../../src/model/instance-event-types.ts";
import { isFinished } from "../../src/model/status.ts";
import type { InstanceStatus } from "../../src/model/status.ts";
import type { Violations } from "./violations.ts";

const EVERYTHING = 1_000_000;

/** What the last event of the workflow is in these statuses. In others it may not have been told yet. */
const LAST_EVENT: Partial<Record<InstanceStatus, WorkflowInstanceEvent["type"]>> = {
  waiting: "workflow_waiting",
  paused: "workflow_paused",
  complete: "workflow_completed",
  errored: "workflow_errored",
  terminated: "workflow_terminated",
};

interface Told {
  readonly nonce: string;
  readonly edition: number;
  readonly events: InstanceEvents;
  /** The last id that was told of what was wiped since. */
  readonly after: number;
  readonly list: WorkflowInstanceEvent[];
  /** What the last event of the workflow was before that. */
  readonly lastBefore: WorkflowInstanceEvent["type"] | undefined;
}

export class EventWitness {
  readonly #store: MemoryStore;
  readonly #violations: Violations;
  readonly #told = new Map<string, Told>();

  constructor(store: MemoryStore, violations: Violations) {
    this.#store = store;
    this.#violations = violations;
  }

  /** The instance is not what it was. */
  look({ created, status }: InstanceState): void {
    const told = this.#toldOf(created.id);
    const page = this.#read(created.id, told.events.entries);
    const lastId = told.events.lastId;
    const added = told.events.advance(page).filter(({ eventId }) => eventId > told.after);
    told.list.push(...added);
    const ids = added.map(({ eventId }) => eventId);
    const isGrowing = ids.every((id, index) => id > (ids[index - 1] ?? lastId));
    this.#check(isGrowing, () => `${created.id} was told ${ids.join()} after ${lastId}`);
    this.#checkStatus(created.id, status, told);
    if (isFinished(status)) this.#compareWithLater(created.id, told);
  }

  /** The store was set back: what was told may never have been. */
  forget(): void {
    this.#told.clear();
  }

  #toldOf(instanceId: string): Told {
    const known = this.#told.get(instanceId);
    const { nonce, edition } = this.#read(instanceId, 0);
    if (known?.nonce === nonce && known.edition === edition) return known;
    const before = known?.nonce === nonce ? known : undefined;
    const told: Told = {
      nonce,
      edition,
      after: before?.events.lastId ?? 0,
      events: new InstanceEvents(instanceId),
      list: [],
      lastBefore: before && lastTypeOf(before),
    };
    this.#told.set(instanceId, told);
    return told;
  }

  #checkStatus(instanceId: string, status: InstanceStatus, told: Told): void {
    const last = lastTypeOf(told);
    const expected = LAST_EVENT[status];
    const isRight = expected === undefined || expected === last;
    this.#check(isRight, () => `${instanceId} is ${status}, and its last event ${last}`);
  }

  #compareWithLater(instanceId: string, { list, after }: Told): void {
    const later = new InstanceEvents(instanceId, (eventId) => eventId > after);
    const events = later.advance(this.#read(instanceId, 0));
    const isSame = JSON.stringify(events) === JSON.stringify(list);
    this.#check(isSame, () => `who comes late is told something else of ${instanceId}`);
  }

  #read(instanceId: string, from: number): NonNullable<ReturnType<typeof readHistory>> {
    const request = { instanceId, from, limit: EVERYTHING };
    const page = readHistory(this.#store.partition, request);
    if (page === undefined) throw new Error(`There is no instance ${instanceId}`);
    return page;
  }

  #check(isRight: boolean, what: () => string): void {
    this.#violations.check(isRight, "events", what);
  }
}

/** A loss that is noticed while the instance is paused wipes what was told, and tells nothing new. */
function lastTypeOf({ list, lastBefore }: Told): WorkflowInstanceEvent["type"] | undefined {
  return list.findLast(({ type }) => type.startsWith("workflow_"))?.type ?? lastBefore;
}
