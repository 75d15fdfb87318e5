/**
 * Watches every verb of the store and compares all that there is before with all that there is after.
 *
 * It knows the store's rules from the invariants, not from its code: a status moves along the table, a
 * history only grows, a stale fence changes nothing, an event is consumed once and in order.
 */
import type { StoredEntry } from "../../src/engine/ports/history.ts";
import { TRANSITIONS, isFinished } from "../../src/model/status.ts";
import type { InstanceStatus } from "../../src/model/status.ts";
import type { InstanceState } from "../../src/memory/instance-state.ts";
import type { MemoryStore } from "../../src/memory/memory-store.ts";
import { EventWitness } from "./event-witness.ts";
import { RecordFold } from "./record-fold.ts";
import type { Statistics } from "./statistics.ts";
import type { Violations } from "./violations.ts";

/** Far more than any schedule needs: a sign of something that goes round in circles. */
const VERB_LIMIT = 20_000;

/** What an instance was when it was last looked at. */
interface Seen {
  readonly facts: readonly unknown[];
  readonly status: InstanceStatus;
  readonly lastEntry: StoredEntry | undefined;
  readonly length: number;
  readonly events: ReadonlyMap<number, { readonly type: string; readonly payload: string }>;
}

/** The part of a fenced write that says whether it may change anything. */
export interface Fenced {
  readonly instanceId: string;
  readonly fence: number;
  readonly commit?: number;
  readonly after?: number;
}

export interface AuditParts {
  readonly store: MemoryStore;
  readonly violations: Violations;
  readonly statistics: Statistics;
  /** Timers settle at most this long after they are due. */
  readonly latestMs: number;
}

export class Audit {
  readonly store: MemoryStore;
  readonly violations: Violations;
  readonly statistics: Statistics;
  readonly #seen = new Map<string, Seen>();
  readonly #folds = new Map<string, RecordFold>();
  /** Fences whose holder let go by a write of its own: nothing may begin under them any more. */
  readonly #letGo = new Set<number>();

  readonly #witness: EventWitness;
  readonly #latestMs: number;
  #isSetBack = false;
  /** Is told of entries that a verb has appended. */
  onAppended: (verb: string, instanceId: string, entries: readonly StoredEntry[]) => void =
    () => {};

  constructor(parts: AuditParts) {
    this.store = parts.store;
    this.violations = parts.violations;
    this.statistics = parts.statistics;
    this.#latestMs = parts.latestMs;
    this.#witness = new EventWitness(parts.store, parts.violations);
  }

  state(instanceId: string): InstanceState | undefined {
    return this.store.partition.instances.get(instanceId);
  }

  fold(instanceId: string): RecordFold {
    const fold = this.#folds.get(instanceId) ?? this.#newFold(1);
    this.#folds.set(instanceId, fold);
    return fold;
  }

  hasLetGo(fence: number): boolean {
    return this.#letGo.has(fence);
  }

  /** Runs a verb, which takes effect at once, and judges what it changed. */
  run<T>(verb: string, apply: () => T, write?: Fenced): T {
    const isStale = write !== undefined && this.#isStale(write);
    const holder = write && this.state(write.instanceId)?.worker;
    this.statistics.verbs++;
    if (this.statistics.verbs > VERB_LIMIT) {
      this.violations.report("I3", `the store was called ${VERB_LIMIT} times`);
      throw new Error("The store has had enough");
    }
    if (isStale) this.statistics.staleWrites++;
    const result = apply();
    for (const state of this.store.partition.instances.values()) {
      const hasChanged = this.#compare(verb, state);
      if (hasChanged && isStale && write.instanceId === state.created.id)
        this.violations.report(
          "I2",
          `a stale ${verb} under fence ${write.fence} changed something`,
        );
    }
    if (write && holder !== undefined && this.state(write.instanceId)?.worker === undefined)
      this.#letGo.add(write.fence);
    try {
      this.store.checkInvariants();
    } catch (error) {
      this.violations.report("I9", `after ${verb}: ${String(error)}`);
    }
    return result;
  }

  #isStale({ instanceId, fence, commit = Infinity, after = 0 }: Fenced): boolean {
    const state = this.state(instanceId);
    if (state === undefined || state.fence !== fence || state.commit < after) return true;
    return commit > state.commit && state.worker === undefined;
  }

  /** Answers whether the instance is not what it was. */
  #compare(verb: string, state: InstanceState): boolean {
    const { id } = state.created;
    const before = this.#seen.get(id);
    const facts = this.#factsOf(state);
    if (before?.facts.every((fact, index) => fact === facts[index])) return false;
    const isRestarted = verb === "restart" && before !== undefined;
    if (isRestarted) this.#folds.set(id, this.#newFold(this.fold(id).number + 1));
    this.#checkStatus(state, isRestarted ? undefined : before);
    this.#checkHistory(state, isRestarted ? undefined : before);
    this.#checkWaiting(state);
    if (!isRestarted && before) this.#checkEvents(verb, state, before);
    this.onAppended(verb, id, isRestarted ? [] : state.history.slice(before?.length ?? 0));
    this.#see(state, facts);
    this.#witness.look(state);
    return true;
  }

  /** The store was set back: what it is now is the measure from now on. */
  startOver(): void {
    this.#isSetBack = true;
    this.#witness.forget();
    for (const state of this.store.partition.instances.values()) {
      const { id } = state.created;
      const before = this.#seen.get(id);
      const facts = this.#factsOf(state);
      const isSame =
        before?.lastEntry === state.history.at(-1) &&
        before?.length === state.history.length &&
        before.facts[1] === state.fence;
      if (!isSame) {
        const fold = this.#newFold(this.fold(id).number + 1);
        fold.append(state.history);
        this.#folds.set(id, fold);
      }
      this.#see(state, facts);
    }
  }

  #see(state: InstanceState, facts: readonly unknown[]): void {
    this.#seen.set(state.created.id, {
      facts,
      status: state.status,
      lastEntry: state.history.at(-1),
      length: state.history.length,
      events: new Map(
        [...state.events].map(([seq, { type, payload }]) => [
          seq,
          { type, payload: payload ?? "" },
        ]),
      ),
    });
  }

  #newFold(number: number): RecordFold {
    return new RecordFold(number, this.violations, this.#latestMs);
  }

  #factsOf(state: InstanceState): readonly unknown[] {
    const { status, fence, commit, wakeUp, worker, eventSeq, output, error, wakeAt } = state;
    const position = this.store.partition.places.of(state.created.id);
    const own = [status, fence, commit, wakeUp, worker, eventSeq, output, error, wakeAt];
    // A lease may be renewed by whoever holds the fence, so its end is no part of this.
    const score = position?.place === "leases" ? 0 : position?.score;
    return own.concat(
      state.history.length,
      state.events.size,
      state.pausedAt,
      position?.place,
      score,
    );
  }

  #checkStatus({ created, status, output, error }: InstanceState, before: Seen | undefined): void {
    if (before && before.status !== status) {
      const isAllowed = TRANSITIONS[before.status].includes(status);
      this.violations.check(isAllowed, "I8", () => `${created.id}: ${before.status} to ${status}`);
    }
    const hasOutcome = status === "complete" ? output !== undefined : output === undefined;
    const hasError = status === "errored" ? error !== undefined : error === undefined;
    this.violations.check(hasOutcome && hasError, "I9", () => `${created.id} is ${status} without`);
  }

  #checkHistory({ created, history, fence }: InstanceState, before: Seen | undefined): void {
    const fold = this.fold(created.id);
    const known = before?.length ?? 0;
    const isKept = history.length >= known && history[known - 1] === before?.lastEntry;
    this.violations.check(isKept, "I1", () => `the history of ${created.id} was rewritten`);
    const added = history.slice(known);
    const isOver = before !== undefined && isFinished(before.status) && added.length > 0;
    this.violations.check(!isOver, "I8", () => `${created.id} went on after its end (${fence})`);
    fold.append(added);
  }

  /** An event that would end a wait must not lie there while the instance waits. */
  #checkWaiting({ created, status, awaits, events }: InstanceState): void {
    if (status !== "waiting") return;
    const missed = [...events.values()].find(({ type }) => awaits.includes(type));
    if (missed) this.violations.report("I4", `${created.id} waits in spite of event ${missed.seq}`);
  }

  #checkEvents(verb: string, { created, status, events }: InstanceState, before: Seen): void {
    const { delivered, timeouts } = this.fold(created.id);
    this.statistics.delivered += delivered.length;
    // Payloads are unique here: one that is there under another number was put behind lost ones.
    const renumbered =
      verb === "reassert" ? [...events.values()].map(({ payload }) => payload) : [];
    const gone = [...before.events].filter(
      ([seq, { payload }]) => !events.has(seq) && !renumbered.includes(payload),
    );
    if (!isFinished(status)) {
      const taken = gone.map(([, { payload }]) => payload).toSorted();
      const given = delivered.toSorted();
      // What is put back may have been given events that are gone already. Whoever has been told of an
      // event that was lost hands it to a wait all the same.
      const isRight =
        verb === "reassert" || this.#isSetBack
          ? taken.every((p) => given.includes(p))
          : taken.length === given.length && taken.every((p, i) => p === given[i]);
      this.violations.check(isRight, "I4", () => `took ${taken.join()} and gave ${given.join()}`);
    }
    for (const [seq, { type }] of gone) {
      const older = [...events.values()].find((event) => event.type === type && event.seq < seq);
      if (delivered.length > 0 && older)
        this.violations.report("I4", `event ${seq} went before event ${older.seq}`);
    }
    for (const { eventType, dueAt } of timeouts) {
      const missed = [...events.values()].find(({ type, at }) => type === eventType && at < dueAt);
      if (missed)
        this.violations.report("I4", `timed out at ${dueAt} in spite of event ${missed.seq}`);
    }
  }
}
