/**
 * Sets the store back in time, and knows what was lost by it: nothing of it may be repeated in silence
 * while somebody still holds it, and no loss may be found where there was none.
 */
import type { StoredEntry } from "../../src/engine/ports/history.ts";
import type { InstanceState } from "../../src/memory/instance-state.ts";
import { decodeEntry } from "../../src/model/history.ts";
import type { Audit } from "./audit.ts";
import { isSettling, keyOfEntry, keyOf } from "./record-fold.ts";
import type { StepName } from "./record-fold.ts";
import type { Violations } from "./violations.ts";

/** A process, as far as it can hold something. */
interface Holder {
  readonly isUseful: boolean;
  loseConnection(): void;
  regainConnection(): void;
}

/** What a process was told that is on record. */
export interface Confirmation {
  readonly instanceId: string;
  readonly generation: number;
  /** How many entries the history had with this write. */
  readonly entries: number;
}

interface Before {
  readonly instanceId: string;
  readonly generation: number;
  readonly state: InstanceState;
}

/** Of an instance, or of the end of one of its steps. */
interface Loss {
  readonly instanceId: string;
  readonly step?: string;
  /** Who was told that the step has ended. */
  readonly holders: readonly Holder[];
  /** What became of it, by what workers logged. */
  readonly reports: Set<Report>;
  hasRunAgain: boolean;
  isRecordedAgain: boolean;
  /** It was restarted since. */
  isOver: boolean;
}

type Report = "restored" | "flagged" | "missing";

const REPORTS: Readonly<Record<string, Report>> = {
  "the store had lost entries, they are restored": "restored",
  "the store had lost entries, the instance is flagged": "flagged",
  "an instance is gone that nobody deleted": "missing",
};

export class Losses {
  readonly #audit: Audit;
  readonly #violations: Violations;
  readonly #confirmed = new Map<Holder, Map<string, Confirmation>>();
  readonly #losses: Loss[] = [];
  /** The fence with which the end of a step was put back, by instance and step. */
  readonly #restored = new Map<string, number>();
  /** An instance was flagged, whether or not the worker that did it lives to log it. */
  onFlagged: (instanceId: string) => void = () => {};
  /** Grows with each: what was sent in an earlier era never arrives. */
  era = 0;

  constructor(audit: Audit) {
    this.#audit = audit;
    this.#violations = audit.violations;
    audit.onAppended = (verb, instanceId, entries) => this.#onAppended(verb, instanceId, entries);
  }

  /** A process has heard that a write of its own is on record. */
  confirm(holder: Holder, confirmation: Confirmation): void {
    const known = this.#confirmed.get(holder) ?? new Map<string, Confirmation>();
    this.#confirmed.set(holder, known.set(confirmation.instanceId, confirmation));
  }

  happen(setBack: () => void, processes: readonly Holder[]): void {
    const { instances } = this.#audit.store.partition;
    const before = [...instances.values()].map((state) => ({
      instanceId: state.created.id,
      generation: this.#audit.fold(state.created.id).number,
      state,
    }));
    for (const process of processes) process.loseConnection();
    setBack();
    this.era++;
    for (const each of before) this.#noteLoss(each, instances.get(each.instanceId));
    const deleted = [...instances.keys()].filter((id) => !before.some((b) => b.instanceId === id));
    // Its deletion is lost, and what came before it may be, too: it was to be forgotten anyway.
    for (const instanceId of deleted) this.#addLoss(instanceId);
    this.#audit.startOver();
    for (const process of processes) process.regainConnection();
  }

  /** An attempt of a step begins. */
  begin(instanceId: string, name: StepName): void {
    for (const loss of this.#losses) {
      const isAgain = loss.instanceId === instanceId && loss.step === keyOf(name);
      if (isAgain && !loss.isOver) loss.hasRunAgain = true;
    }
  }

  /**
   * Whether the end of the step was put back after the claim was given under which this pass works. That
   * claim did not show it, and its lease may hold for a while: nobody can keep its holder from beginning
   * the step, only from recording it, and others from going on before the lease is over.
   */
  isRestoredBehind(pass: { readonly instanceId: string; readonly fence: number }, name: StepName) {
    return pass.fence < (this.#restored.get(`${pass.instanceId} ${keyOf(name)}`) ?? 0);
  }

  /** Answers whether a worker's log line is one of those that tell of a loss. */
  hear(message: string, facts: unknown): boolean {
    const report = REPORTS[message];
    if (report === undefined) return false;
    const { instanceId } = facts as { readonly instanceId: string };
    this.#note(instanceId, report);
    return true;
  }

  #note(instanceId: string, report: Report): void {
    const losses = this.#losses.filter((loss) => loss.instanceId === instanceId);
    for (const { reports } of losses) reports.add(report);
    if (report !== "missing") this.#audit.statistics[report]++;
    const isRight = losses.length > 0 && report !== "missing";
    this.#violations.check(
      isRight,
      "I12",
      () => `${instanceId} is ${report}, and nothing was lost`,
    );
  }

  /** What ran again must be known for it, unless nobody is left who could know. */
  checkEnd(): void {
    for (const { instanceId, holders, reports, ...loss } of this.#losses) {
      if (!holders.some(({ isUseful }) => isUseful)) continue;
      // With a restart or a deletion the record went with which a holder that woke up later could compare.
      if (loss.isOver || this.#audit.state(instanceId) === undefined) continue;
      const isReported = !loss.hasRunAgain || reports.size > 0;
      this.#violations.check(isReported, "I1", () => `${instanceId} ran again in silence`);
      const isFlagged = !loss.isRecordedAgain || reports.has("flagged");
      this.#violations.check(
        isFlagged,
        "I1",
        () => `${instanceId} was recorded again, not flagged`,
      );
    }
  }

  #noteLoss({ instanceId, generation, state }: Before, now: InstanceState | undefined): void {
    const { history } = state;
    const differing = history.findIndex((entry, index) => entry !== now?.history[index]);
    if (differing < 0) {
      // A restart is lost: what came before it is there again, and what came after it is not.
      const isRestartLost = state.baseline !== now?.baseline;
      if (isRestartLost) this.#addLoss(instanceId);
      return;
    }
    this.#addLoss(instanceId);
    for (const [index, { text }] of history.entries()) {
      if (index < differing) continue;
      const holders = this.#holdersOf({ instanceId, generation, entries: index + 1 });
      // What nobody was told of may as well never have been written.
      if (holders.length === 0) continue;
      for (const step of settledBy(text)) this.#losses.push(newLoss({ instanceId, step, holders }));
    }
  }

  /** Who knows of so many entries. Others know of fewer, and can put back no more than those. */
  #holdersOf({ instanceId, generation, entries }: Confirmation): readonly Holder[] {
    const all = [...this.#confirmed].filter(([holder, confirmations]) => {
      const known = confirmations.get(instanceId);
      return known?.generation === generation && known.entries >= entries && holder.isUseful;
    });
    return all.map(([holder]) => holder);
  }

  #addLoss(instanceId: string): void {
    this.#audit.statistics.losses++;
    this.#losses.push(newLoss({ instanceId, holders: [] }));
  }

  #onAppended(verb: string, instanceId: string, entries: readonly StoredEntry[]): void {
    if (verb === "reassert") return this.#onReasserted(instanceId, entries);
    if (verb === "restart") {
      // All of it may run again now.
      for (const loss of this.#losses) loss.isOver ||= loss.instanceId === instanceId;
    }
    const settled = entries.flatMap(({ text }) => settledBy(text));
    for (const loss of this.#losses) {
      const isAgain = loss.step !== undefined && settled.includes(loss.step);
      if (loss.instanceId === instanceId && isAgain && !loss.isOver) loss.isRecordedAgain = true;
    }
  }

  #onReasserted(instanceId: string, entries: readonly StoredEntry[]): void {
    const fence = this.#audit.state(instanceId)?.fence ?? 0;
    for (const key of entries.flatMap(({ text }) => settledBy(text))) {
      this.#restored.set(`${instanceId} ${key}`, fence);
    }
    const isFlagged = entries.some(({ text }) => decodeEntry(text).type === "history_lost");
    if (!isFlagged) return;
    this.#note(instanceId, "flagged");
    this.onFlagged(instanceId);
  }
}

function newLoss(what: Pick<Loss, "instanceId" | "step" | "holders">): Loss {
  const untold = { hasRunAgain: false, isRecordedAgain: false, isOver: false };
  return { ...what, reports: new Set(), ...untold };
}

function settledBy(text: string): readonly string[] {
  const entry = decodeEntry(text);
  return "step" in entry && isSettling(entry) ? [keyOfEntry(entry)] : [];
}
