/**
 * All that one workflow's instances are, in memory: the counterpart of the keys under one hash tag.
 *
 * Several {@link MemoryStore}s on one partition are to each other what several processes on one Redis
 * are. The verbs change a partition in one synchronous go, which makes them atomic.
 */
import type { Clock } from "../engine/ports/clock.ts";
import type { StatusChange } from "../engine/ports/status-feed.ts";
import { STATUSES, TRANSITIONS } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import { copyState } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { Deletions } from "./deletions.ts";
import { FeedBook } from "./feed-book.ts";
import { Notices } from "./notices.ts";
import type { Lines } from "./lines.ts";
import { Places, comparePlaced } from "./places.ts";
import type { Placed } from "./places.ts";
import { ScheduleBook } from "./schedule-book.ts";
import { SortedList } from "./sorted-list.ts";

/** The last turn of a job. */
export interface JobTurn {
  readonly turn: number;
  /** When the first instance was created that it has met. */
  readonly from: number;
  /** To whom something was done, and when each was created; without those that no turn meets again. */
  readonly done: ReadonlyMap<string, number>;
}

export class MemoryPartition {
  readonly instances: Map<string, InstanceState> = new Map();
  readonly places: Places = new Places();
  deletions: Deletions = new Deletions();
  /** Streams that no commit has referred to, and when they were last written to. */
  openStreams: Map<string, number> = new Map();
  readonly notices: Notices = new Notices();
  readonly feed: FeedBook = new FeedBook();
  schedules: ScheduleBook = new ScheduleBook();
  lines: Lines = new Map();
  /** By job: what it has done so far. */
  turns: Map<string, JobTurn> = new Map();
  /** 0 is no limit. */
  concurrencyLimit: number = 0;
  /** How many slots may be taken: more than the limit for as long as it was lowered below those taken. */
  slotCeiling: number = Infinity;
  readonly #index = new Map(STATUSES.map((status) => [status, new SortedList(comparePlaced)]));
  readonly #labels = new Map<string, SortedList<Placed>>();
  readonly #clock: Pick<Clock, "now">;
  #sequence = 0;
  /** The last number drawn, whatever was set back since. */
  #drawn = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** The last number that is on record as drawn. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The next fence or wake-up number. Never the same twice, whatever is deleted or lost. */
  nextNumber(): number {
    // A store that was set back draws no number again: by then Redis's clock, in microseconds, is past it.
    this.#drawn = Math.max(this.#drawn + 1, this.now() * 1_000);
    this.#sequence = this.#drawn;
    return this.#drawn;
  }

  /** For tests: answers how to set all of it back to what it is now, as a failover may that loses writes. */
  capture(): () => void {
    const states = [...this.instances.values()].map(copyState);
    const positions = states.flatMap(({ created }) => this.places.of(created.id) ?? []);
    const { deletions, concurrencyLimit, slotCeiling, sequence } = this;
    const deleted = deletions.copy();
    const openStreams = new Map(this.openStreams);
    const schedules = new ScheduleBook(this.schedules);
    const lines = copyLines(this.lines);
    const turns = new Map(this.turns);
    return () => {
      for (const state of this.instances.values()) this.remove(state);
      for (const state of states) this.add(copyState(state));
      for (const { id, place, score, tie } of positions) this.places.move(id, place, score, tie);
      this.deletions = deleted.copy();
      this.openStreams = new Map(openStreams);
      this.schedules = new ScheduleBook(schedules);
      this.lines = copyLines(lines);
      this.turns = new Map(turns);
      Object.assign(this, { concurrencyLimit, slotCeiling });
      this.#sequence = sequence;
    };
  }

  add(state: InstanceState): void {
    this.instances.set(state.created.id, state);
    this.withStatus(state.status).add(indexed(state));
    for (const label of state.created.labels ?? []) this.withLabel(label).add(indexed(state));
  }

  remove(state: InstanceState): void {
    this.places.leave(state.created.id);
    this.withStatus(state.status).remove(indexed(state));
    for (const label of state.created.labels ?? []) this.#unlabel(label, state);
    this.instances.delete(state.created.id);
  }

  /** Changes the status along the transition table (I8). */
  transition(state: InstanceState, to: InstanceStatus): void {
    if (state.status !== to && !TRANSITIONS[state.status].includes(to)) {
      throw new Error(`Instance ${state.created.id} cannot go from ${state.status} to ${to}`);
    }
    this.reset(state, to);
  }

  /** Changes the status as only a restart may: from any to any. */
  reset(state: InstanceState, to: InstanceStatus): void {
    const from = state.status;
    this.withStatus(from).remove(indexed(state));
    state.status = to;
    this.withStatus(to).add(indexed(state));
    if (from !== to) this.tellStatus(state, to);
  }

  /** The instances in a status, oldest first. */
  withStatus(status: InstanceStatus): SortedList<Placed> {
    const list = this.#index.get(status);
    if (list === undefined) {
      throw new Error(`Unknown status ${status}`);
    }
    return list;
  }

  /** The instances that have a label, oldest first. */
  withLabel(label: string): SortedList<Placed> {
    const list = this.#labels.get(label) ?? new SortedList(comparePlaced);
    this.#labels.set(label, list);
    return list;
  }

  /** Adds entries to its history, at this instant unless they are of another one. */
  append(state: InstanceState, texts: readonly string[], at: number = this.now()): void {
    for (const text of texts) state.history.push(Object.freeze({ at, text }));
    if (texts.length > 0) this.tellWatchers(state);
  }

  /** Tells those who hear of all instances that this one has come to a status, or is gone. */
  tellStatus({ created: { id } }: InstanceState, status: StatusChange["status"]): void {
    const change = { instanceId: id, status, at: this.now() };
    this.feed.put(change);
    if (this.feed.watchedUntil >= change.at) this.notices.sendChange(change);
  }

  /** Tells those who watch its history that it has changed. */
  tellWatchers(state: InstanceState): void {
    if (state.watchedUntil >= this.now()) this.notices.sendHistory(state.created.id);
  }

  #unlabel(label: string, state: InstanceState): void {
    const list = this.withLabel(label);
    list.remove(indexed(state));
    if (list.size === 0) this.#labels.delete(label);
  }

  /** Tells the worker that runs the instance, if one does. */
  notifyWorker(state: InstanceState, type: "news" | "revoked"): void {
    if (state.worker !== undefined) {
      const { created, fence } = state;
      this.notices.sendControl(state.worker, { instanceId: created.id, type, fence });
    }
  }
}

function indexed(state: InstanceState): Placed {
  return { id: state.created.id, score: state.createdAt, tie: 0 };
}

function copyLines(lines: Lines): Lines {
  return new Map([...lines].map(([schedule, active]) => [schedule, new Set(active)]));
}
