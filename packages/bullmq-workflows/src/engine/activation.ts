/**
 * An activation is one pass through a workflow's `run()` by one worker.
 *
 * It claims the instance, replays what is on record, runs what is new, and lets go of its claim in
 * exactly one way: finished, suspended, paused, released or revoked. What it decides in one turn leaves
 * in one write; everything before that write may happen again on another worker, nothing after it can.
 *
 * After a suspension it stays in memory without a claim, parked. If it gets the next claim too, and
 * nobody ran the instance in between, it goes on where it stands; else it is dropped. It never ends by
 * throwing into user code (I7): promises of a dropped activation just never settle.
 */
import { encodeEntry, sayWaiting } from "../model/history.ts";
import type { ActivationParts, HeldClaim } from "./activation-parts.ts";
import { Background } from "./background.ts";
import { ClaimWriter } from "./claim-writer.ts";
import type { Answer } from "./claim-writer.ts";
import { endingOf, logEnding, logFailure } from "./ending.ts";
import { KnownHistory } from "./known-history.ts";
import type { Batch } from "./journal.ts";
import { makeSmaller } from "./oversized.ts";
import { Reminder } from "./reminder.ts";
import type {
  CommitOutcome,
  News,
  SettlePauseOutcome,
  SuspendOutcome,
} from "./ports/activations.ts";
import { rollbackOf, stageRollbackStart } from "./rollback.ts";
import type { Run } from "./run.ts";
import { RunPhases } from "./run-phases.ts";
import type { TurnDecision } from "./turn-decision.ts";
import { commitOf, release, settlePause, startRollback, suspendFor } from "./writes.ts";
import type { Write } from "./writes.ts";

/** `active`: holds a claim. `parked`: suspended, kept in memory. `over`: has no say any more. */
export type ActivationState = "active" | "parked" | "over";

export class Activation {
  readonly instanceId: string;
  readonly known: KnownHistory;
  readonly #parts: ActivationParts;
  readonly #phases: RunPhases;
  readonly #reminder: Reminder;
  /** Absent until `waitUntil` is called. */
  #background: Background | undefined;
  #writer: ClaimWriter;
  #state: ActivationState = "active";
  #lastEvent = 0;
  #isPauseRequested = false;
  #isDraining = false;
  #wantsNews = false;
  #isWriting = false;
  /** The write that is on its way ends the claim: a step that began now would not be part of it. */
  #isLeaving = false;
  #isTurnPending = false;

  constructor(parts: ActivationParts, instanceId: string, claim: HeldClaim) {
    this.#parts = parts;
    this.instanceId = instanceId;
    this.known = new KnownHistory(instanceId, claim.createdAt, parts.clock);
    this.#writer = this.#newWriter(claim);
    this.#reminder = new Reminder(parts.clock, () => this.#requestTurn());
    const owner = {
      instanceId,
      createdAt: claim.createdAt,
      holder: this,
      requestTurn: () => this.#requestTurn(),
      onBlocked: () => this.#askForClaim(),
      onUnreadable: (error: unknown) => this.#fail(error),
    };
    this.#phases = new RunPhases(parts, owner);
    this.#takeClaim(claim);
    this.#phases.start(claim, (work) => this.#keepFor(work));
  }

  get #run(): Run {
    return this.#phases.run;
  }

  get state(): ActivationState {
    return this.#state;
  }

  get fence(): number {
    return this.#writer.fence;
  }

  get seenEvent(): number {
    return this.#lastEvent;
  }

  /** What this activation holds in memory, for a claim that continues it. */
  get held(): { readonly fence: number; readonly entries: number } {
    return { fence: this.fence, entries: this.#run.timeline.length };
  }

  /** Whether its code wants to go on although it is parked. */
  get wantsClaim(): boolean {
    return this.#state === "parked" && (this.#run.gate.hasLine || this.#run.result !== undefined);
  }

  /** Milliseconds until what it waits for is due. */
  get wakesInMs(): number {
    return this.#phases.nextWaitMs(true) ?? Infinity;
  }

  /** Goes on where it was parked, under a new claim. */
  resume(claim: HeldClaim): void {
    this.#writer = this.#newWriter(claim);
    this.#state = "active";
    this.#isPauseRequested = this.#isLeaving = false;
    this.#takeClaim(claim);
    this.#setGate();
    this.#requestTurn();
  }

  /** The store may have forgotten the claim: no attempt begins before it is renewed. */
  doubtLease(): void {
    this.#run.lease.doubt();
  }

  /** The lease was renewed, and lasts until then by the worker's clock. */
  prolong(leaseEndsAt: number): void {
    this.#run.lease.prolong(leaseEndsAt);
  }

  /** Takes in what reached the instance meanwhile. */
  receive(news: News): void {
    if (this.#state !== "active") return;
    if (news.events.length > 0) {
      this.known.hearEvents(news);
      this.#run.waits.receive(news.events.filter(({ seq }) => seq > this.#lastEvent));
    }
    this.#lastEvent = Math.max(this.#lastEvent, news.lastEvent);
    this.#hearPause(news.isPauseRequested);
    this.#setGate();
    this.#requestTurn();
  }

  /** On record at once, for who watches the history: the store itself may not write to it meanwhile. */
  #hearPause(isRequested: boolean): void {
    if (this.#isPauseRequested === isRequested) return;
    this.#isPauseRequested = isRequested;
    const type = isRequested ? "workflow_waiting_for_pause" : "workflow_running";
    this.#run.journal.stage(encodeEntry({ type }));
  }

  /** Asks the store what is new, with the next write. */
  lookForNews(): void {
    this.#wantsNews = true;
    this.#requestTurn();
  }

  /** Begins no new step, and gives the instance back when the running ones have ended. */
  drain(): void {
    this.#isDraining = true;
    this.#run.gate.close();
    if (this.#state === "parked") this.#end("The worker is closing");
    this.#requestTurn();
  }

  /** Ends without a trace: the claim is gone, or memory is needed. */
  drop(reason: string): void {
    this.#end(reason);
  }

  /** Ends as {@link drop} does, because the store says that the claim is gone. */
  lose(reason: string): void {
    if (this.#state === "active") this.#parts.onStale(this);
    this.#end(reason);
  }

  #newWriter({ fence }: HeldClaim): ClaimWriter {
    const onAnswer = (batch: Batch, { type, at }: Answer): void => {
      if (type === "stale") this.#parts.onStale(this);
      else if (at !== undefined) this.known.hearWritten(batch, at);
    };
    return new ClaimWriter(this.#parts, { instanceId: this.instanceId, fence, onAnswer });
  }

  #takeClaim(claim: HeldClaim): void {
    this.known.hearClaim(claim);
    this.#lastEvent = claim.lastEvent;
    this.#phases.hearClaim(claim);
  }

  #setGate(): void {
    const { gate } = this.#run;
    if (this.#isPauseRequested || this.#isDraining || this.#isLeaving) gate.close();
    else if (!gate.isOpen) gate.open();
  }

  #askForClaim(): void {
    if (this.wantsClaim) this.#parts.onReclaim(this);
  }

  /** Looks at what to do once everything that is ready now has run. */
  #requestTurn(): void {
    if (this.#state === "parked") this.#askForClaim();
    if (this.#isTurnPending || this.#state !== "active") return;
    this.#isTurnPending = true;
    this.#parts.clock.nextTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnPending = false;
    if (this.#state === "active" && !this.#isWriting) this.#takeTurn();
  };

  #takeTurn(): void {
    if (this.#phases.advance()) this.#setGate();
    const run = this.#run;
    if (!run.result && !run.settleWaits()) this.#wantsNews = true;
    const nextWaitMs = this.#phases.nextWaitMs(false);
    const isKept = this.#background?.isHolding ?? false;
    const around = { isPauseRequested: this.#isPauseRequested, isKept, nextWaitMs };
    const decision = this.#phases.decide(around, this.#wantsNews);
    this.#reminder.set(decision === "idle" ? nextWaitMs : undefined);
    if (decision === "rollBack") stageRollbackStart(run);
    if (decision !== "idle") this.#write(decision);
  }

  #keepFor(work: Promise<unknown>): void {
    this.#parts.waitUntil(work, this);
    this.#background ??= new Background(this.#parts.clock, () => this.#requestTurn());
    this.#background.add(work);
  }

  #write(decision: Exclude<TurnDecision, "idle">): void {
    this.#isWriting = true;
    this.#wantsNews = false;
    this.#isLeaving = decision !== "commit" && decision !== "rollBack";
    this.#setGate();
    try {
      const endBarrier = decision === "finish" ? this.#parts.definition.barrier : undefined;
      this.#carryOut(decision, this.#run.journal.peek(endBarrier));
    } catch (error) {
      this.#onFailed(error);
    }
  }

  #onAnswered(): void {
    this.#isWriting = false;
    this.#requestTurn();
  }

  readonly #onFailed = (error: unknown): void => {
    // If only the size of the write is wrong, a smaller one takes its place, with the next turn.
    if (!makeSmaller(this.#run, error, this.#isLeaving)) this.#fail(error);
    this.#isLeaving = false;
    this.#onAnswered();
  };

  /** Nothing is lost: the lease runs out and another activation replays what was committed. */
  #fail(error: unknown): void {
    logFailure(this.#parts, this.instanceId, error);
    this.#end("The activation failed");
  }

  #carryOut(decision: Exclude<TurnDecision, "idle">, batch: Batch): void {
    switch (decision) {
      case "commit":
        return this.#send(batch, commitOf(batch), (outcome) => this.#onCommitted(batch, outcome));
      case "suspend":
        return this.#suspend(batch);
      case "finish":
        return this.#finish(batch);
      case "rollBack":
        return this.#send(batch, startRollback, (outcome) => this.#onCommitted(batch, outcome));
      case "pause":
        return this.#send(batch, settlePause, (outcome) => this.#onPauseSettled(batch, outcome));
      case "release":
        return this.#send(batch, release, (outcome) => {
          this.#end("The worker is closing");
          if (outcome?.type === "released") this.#parts.onRequests(outcome.requests);
        });
    }
  }

  #onCommitted(batch: Batch, outcome: CommitOutcome | undefined): void {
    if (outcome?.type === "committed") this.#goOn(batch, outcome);
    else this.#end("The lease was lost");
  }

  #finish(batch: Batch): void {
    this.#run.checkEnd();
    if (rollbackOf(this.#run) !== "none") return this.#onAnswered();
    const ending = endingOf(this.#run.result, this.#parts);
    this.#send(batch, ending.write, (outcome) => {
      this.#end("The instance has ended");
      if (outcome?.type !== "finished") return;
      logEnding(this.#parts, this.instanceId, ending);
      this.#parts.onRequests(outcome.requests);
    });
    this.#parts.onEnding(this);
  }

  #onPauseSettled(batch: Batch, outcome: SettlePauseOutcome | undefined): void {
    if (outcome?.type === "resumed") {
      this.#isLeaving = false;
      return this.#goOn(batch, outcome);
    }
    this.#end("The instance was paused");
    if (outcome?.type === "paused") this.#parts.onRequests(outcome.requests);
  }

  #suspend(batch: Batch): void {
    const ending = { ...batch, entries: sayWaiting(batch.entries) };
    this.#send(ending, suspendFor(this.#run.waits), (outcome) =>
      this.#onSuspended(batch, ending, outcome),
    );
  }

  #onSuspended(batch: Batch, ending: Batch, outcome: SuspendOutcome | undefined): void {
    if (outcome?.type === "arrived") {
      this.#isLeaving = false;
      return this.receive(outcome.news);
    }
    if (outcome?.type !== "suspended") return this.#end("The lease was lost");
    this.#parts.onRequests(outcome.requests);
    // It may have ended meanwhile: a renewal that overtook this answer found the claim gone.
    if (this.#state !== "active") return;
    this.#run.journal.drop(batch);
    this.#phases.hearWritten(ending, outcome.at);
    this.#state = "parked";
    this.#parts.onLetGo(this);
    this.#askForClaim();
  }

  /** Goes on with the answer, or without one if the claim ended while nobody gave any. */
  #send<Outcome extends Answer>(
    batch: Batch,
    write: Write<Outcome>,
    goOn: (outcome: Outcome | undefined) => void,
  ): void {
    const onAnswer = (outcome: Outcome | undefined): void => {
      try {
        goOn(outcome);
      } catch (error) {
        this.#fail(error);
      }
      this.#onAnswered();
    };
    this.#writer.send(batch, this.#lastEvent, write).then(onAnswer, this.#onFailed);
  }

  /** The batch was written, and the claim is kept. */
  #goOn(batch: Batch, { at, news }: { readonly at: number; readonly news: News }): void {
    this.#run.journal.drop(batch);
    this.#phases.hearWritten(batch, at);
    this.receive(news);
    this.#run.waits.hearUntil(at);
  }

  #end(reason: string): void {
    if (this.#state === "over") return;
    const wasActive = this.#state === "active";
    this.#state = "over";
    this.#writer.end();
    this.#reminder.set(undefined);
    this.#background?.end();
    this.#run.stop(reason);
    if (wasActive) this.#parts.onLetGo(this);
  }
}
