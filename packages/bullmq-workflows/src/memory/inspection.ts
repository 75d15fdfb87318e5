/**
 * What tests may see of the store: everything of one instance at once, and whether all of it agrees.
 *
 * If you add a status or a place, also give it a row in {@link PLACES_OF}.
 */
import type { BufferedEvent } from "../engine/ports/activations.ts";
import type { StoredEntry } from "../engine/ports/history.ts";
import { isFinished } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import { hasFreeSlot, slotCount } from "./admission.ts";
import { isLeased, rankOf } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { Place, Position } from "./places.ts";

/** One instance, frozen in time. Absent numbers are 0. */
export interface InstanceSnapshot {
  readonly id: string;
  readonly status: InstanceStatus;
  /** `none` is a place as well: that of what only something outside can move. */
  readonly place: Place | "none";
  /** The score in that place. */
  readonly placedAt: number | undefined;
  readonly fence: number;
  readonly commit: number;
  readonly wakeUp: number;
  readonly worker: string | undefined;
  readonly awaits: readonly string[];
  readonly history: readonly StoredEntry[];
  readonly events: readonly BufferedEvent[];
}

const PLACES_OF: Readonly<Record<InstanceStatus, readonly (Place | "none")[]>> = {
  queued: ["pending", "backlog", "timers", "held"],
  running: ["leases"],
  waiting: ["timers", "none"],
  waitingForPause: ["leases"],
  paused: ["none"],
  rollingBack: ["pending", "backlog", "leases", "timers"],
  complete: ["expiry"],
  errored: ["expiry"],
  terminated: ["expiry"],
};

export function toSnapshot(partition: MemoryPartition, state: InstanceState): InstanceSnapshot {
  const position = partition.places.of(state.created.id);
  return {
    id: state.created.id,
    status: state.status,
    place: position?.place ?? "none",
    placedAt: position?.score,
    fence: state.fence,
    commit: state.commit,
    wakeUp: state.wakeUp,
    worker: state.worker,
    awaits: [...state.awaits],
    history: [...state.history],
    events: [...state.events.values()],
  };
}

/** Throws when what the store has written down in several places does not agree. */
export function checkInvariants(partition: MemoryPartition): void {
  const numbers = new Set<number>();
  for (const state of partition.instances.values()) {
    const problem =
      findProblem(state, partition.places.of(state.created.id)) ??
      findNumberProblem(partition, state, numbers);
    if (problem !== undefined) {
      throw new Error(`Instance ${state.created.id} is ${state.status} but ${problem}`);
    }
  }
  checkIndex(partition);
  checkSlots(partition);
  checkLines(partition);
}

/** Whether it is where an instance in its status belongs. */
export function isInPlace({ places }: MemoryPartition, state: InstanceState): boolean {
  return PLACES_OF[state.status].includes(places.of(state.created.id)?.place ?? "none");
}

function findProblem(state: InstanceState, position: Position | undefined): string | undefined {
  const place = position?.place ?? "none";
  const leased = isLeased(state);
  const finished = isFinished(state.status);
  const checks: readonly (readonly [boolean, string])[] = [
    [PLACES_OF[state.status].includes(place), `its place is ${place}`],
    [isScoreRight(state, position), `its score in ${place} is ${position?.score}`],
    [leased === (place === "leases"), `its worker is ${state.worker}`],
    [!leased || state.startedAt !== undefined, "it never started"],
    [finished === (state.endedAt !== undefined), `it ended at ${state.endedAt}`],
    [!finished || state.events.size === 0, "it still has events"],
    [(state.status === "paused") === (state.pausedAt !== undefined), "its pause says otherwise"],
    [(state.status === "complete") === (state.output !== undefined), "its output says otherwise"],
    [state.status !== "rollingBack" || state.hasRollback, "its rollback says otherwise"],
    [(state.status === "errored") === (state.error !== undefined), "its error says otherwise"],
    [state.status === "waiting" || state.awaits.length === 0, "it awaits events"],
    [isAscending([...state.events.keys()], state.eventSeq), "its events are out of order"],
    [isAscending(state.history.map(({ at }) => at)), "its history is out of order"],
  ];
  return checks.find(([isRight]) => !isRight)?.[1];
}

function isScoreRight(state: InstanceState, position: Position | undefined): boolean {
  switch (position?.place) {
    case undefined:
      return state.wakeAt === undefined;
    case "timers":
      return position.score === (state.wakeAt ?? state.delayedUntil);
    case "backlog":
      return position.score === rankOf(state) && position.tie === state.wakeUp;
    default:
      return true;
  }
}

/** Fences and wake-ups come from one counter: no two may be the same, none may be ahead of it. */
function findNumberProblem(
  partition: MemoryPartition,
  state: InstanceState,
  numbers: Set<number>,
): string | undefined {
  for (const number of [state.fence, state.wakeUp].filter((drawn) => drawn > 0)) {
    if (numbers.has(number) || number > partition.sequence) {
      return `its number ${number} was not drawn for it`;
    }
    numbers.add(number);
  }
  return undefined;
}

function checkIndex(partition: MemoryPartition): void {
  for (const status of Object.keys(PLACES_OF) as InstanceStatus[]) {
    const indexed = partition.withStatus(status).toArray();
    const actual = [...partition.instances.values()].filter((state) => state.status === status);
    const isRight = indexed.every(({ id }) => partition.instances.get(id)?.status === status);
    if (!isRight || indexed.length !== actual.length) {
      throw new Error(`The index of ${status} does not say which instances are ${status}`);
    }
  }
}

function checkSlots(partition: MemoryPartition): void {
  const backlogSize = partition.places.size("backlog");
  if (backlogSize > 0 && hasFreeSlot(partition)) {
    throw new Error(`A slot is free while ${backlogSize} instances are held back`);
  }
  const taken = slotCount(partition);
  if (taken > partition.slotCeiling) {
    throw new Error(`${taken} slots are taken of ${partition.slotCeiling}`);
  }
  // Slots given back since the limit was lowered must not be taken again.
  partition.slotCeiling =
    partition.concurrencyLimit === 0 ? Infinity : Math.max(partition.concurrencyLimit, taken);
}

/** Who is active has not ended; who is held waits for somebody who is. */
function checkLines(partition: MemoryPartition): void {
  for (const [schedule, active] of partition.lines) {
    for (const id of active) {
      const status = partition.instances.get(id)?.status;
      if (status === undefined || isFinished(status)) {
        throw new Error(`${id} is active in the line of ${schedule}, but ${status ?? "not there"}`);
      }
    }
  }
  for (const { id } of partition.places.all("held")) {
    const line = partition.instances.get(id)?.line?.schedule ?? "";
    if (!partition.lines.get(line)?.size) throw new Error(`${id} is held, but nobody is active`);
  }
}

function isAscending(numbers: readonly number[], last: number = Infinity): boolean {
  return [...numbers, last].every(
    (number, index, all) => index === 0 || number >= Number(all[index - 1]),
  );
}
