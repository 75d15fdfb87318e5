/**
 * Everything that one worker runs of one workflow: claims instances, keeps their activations, and brings
 * each what concerns it (news, revocations, renewals).
 */
import { randomUUID } from "node:crypto";
import { insist } from "../engine/insist.ts";
import type { Insistence } from "../engine/insist.ts";
import { Activation } from "../engine/activation.ts";
import type { ActivationParts, HeldClaim } from "../engine/activation-parts.ts";
import { BACKGROUND_GRACE_MS } from "../engine/background.ts";
import type { KnownHistory } from "../engine/known-history.ts";
import type { WorkflowDefinition } from "../engine/definition.ts";
import type { Claim, ClaimOutcome } from "../engine/ports/activations.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { ControlMessage } from "../engine/ports/notices.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import { ActiveActivations } from "./active-activations.ts";
import { KnownHistories } from "./known-histories.ts";
import { WarmCache } from "./warm-cache.ts";
import type { WarmCacheLimits } from "./warm-cache.ts";

/** How long a parked run that wants to go on waits for a slot before it asks again. */
const RECLAIM_AFTER_MS = 1_000;

export interface ActivationHostParts {
  readonly definition: WorkflowDefinition;
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly warm: WarmCacheLimits;
  /** Whether the store has all that is known, or had reason to forget it; `unused` is a claim's fence. */
  readonly confirm: (known: KnownHistory, unused?: number) => Promise<boolean>;
  /** Claims and writes wait for it, if there is one. */
  readonly compared: () => Promise<void> | undefined;
  readonly dispatch: (requests: readonly ActivationRequest[]) => void;
  /** An instance was suspended, and is due in this many ms. */
  readonly onSuspended: (wakesInMs: number) => void;
}

export class ActivationHost {
  readonly #parts: ActivationHostParts;
  readonly #active = new ActiveActivations();
  readonly #warm: WarmCache;
  readonly #known: KnownHistories;
  readonly #background = new Set<Promise<unknown>>();
  readonly #insistence: Insistence;
  readonly #activationParts: ActivationParts;
  #isDraining = false;

  constructor(parts: ActivationHostParts) {
    this.#parts = parts;
    this.#warm = new WarmCache(parts.warm, parts.clock);
    this.#known = new KnownHistories(parts.clock);
    this.#insistence = {
      clock: parts.clock,
      mayRetry: () => !this.#isDraining,
      onFailure: (error) => {
        parts.telemetry.log("warn", "the store did not answer, trying again", { error });
      },
    };
    const { definition, store, clock, telemetry } = parts;
    this.#activationParts = {
      definition,
      store,
      clock,
      telemetry,
      onRequests: (requests) => parts.dispatch(requests),
      onReclaim: (activation) => void this.#reclaim(activation),
      onEnding: (activation) => this.#active.leaveEarly(activation),
      onLetGo: (activation) => this.#onLetGo(activation),
      compared: parts.compared,
      onStale: ({ known }) => void parts.confirm(known),
      waitUntil: (promise, { instanceId }) => this.#keepInBackground(promise, instanceId),
    };
  }

  /** What this worker knows of instances: those it runs, those it keeps parked, those it just let go of. */
  get histories(): readonly KnownHistory[] {
    const newest = new Map(this.#known.all().map((known) => [known.instanceId, known]));
    for (const { known } of [...this.#warm.activations, ...this.activeActivations]) {
      newest.set(known.instanceId, known);
    }
    return [...newest.values()];
  }

  /** What was known of the instance is no measure any more. */
  forget(instanceId: string): void {
    this.#known.forget(instanceId);
    this.#warm.take(instanceId)?.drop("The store went back in time");
  }

  /** What runs now, for the lease keeper. */
  get activeActivations(): readonly Activation[] {
    return this.#active.all;
  }

  /** Runs an instance as far as it goes now. Resolves when this worker has let go of it. */
  async activate(instanceId: string): Promise<void> {
    if (!this.#isDraining) await this.#claim(instanceId, this.#warm.take(instanceId));
  }

  receive(message: ControlMessage): void {
    const activation = this.#active.of(message.instanceId);
    // A message may come late: what it says of an earlier fence is no concern of this one.
    if (activation?.fence !== message.fence) return;
    if (message.type === "news") activation.lookForNews();
    else activation.lose("The instance was revoked");
  }

  /** Begins nothing new, lets running steps end, and gives every instance back. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#warm.clear();
    const ends = this.#active.all.map(async (activation) => {
      const end = this.#active.endOf(activation.instanceId);
      activation.drain();
      await end;
    });
    const graceOver = this.#afterGrace();
    await Promise.all(ends);
    await Promise.race([Promise.all(this.#background), graceOver.promise]);
    graceOver.cancel();
  }

  /** Stops at once. Other workers take over when the leases run out. */
  abandon(): void {
    this.#isDraining = true;
    this.#warm.clear();
    for (const activation of this.activeActivations) activation.drop("The worker was stopped");
  }

  /** Claims, and works until it lets go. `parked` is out of the cache meanwhile, so nothing evicts it. */
  async #claim(instanceId: string, parked?: Activation, early = false): Promise<void> {
    const { store, clock, workerId, leaseMs } = this.#parts;
    const compared = this.#parts.compared();
    if (compared) await compared;
    const request = { instanceId, workerId, leaseMs, nonce: randomUUID(), early };
    const leaseEndsAt = clock.now() + leaseMs;
    let outcome: ClaimOutcome;
    try {
      const continued = parked ? { ...request, held: parked.held } : request;
      outcome = await insist(() => store.activations.claim(continued), this.#insistence);
    } catch (error) {
      if (parked) this.#keepWarm(parked);
      throw error;
    }
    const known = parked?.known ?? this.#knownOf(instanceId);
    const isDoubtful =
      known !== undefined &&
      (outcome.type === "claimed"
        ? known.contradicts(outcome.claim)
        : outcome.reason === "missing");
    // Whoever went on with less than is known here would repeat what is on record.
    if (isDoubtful && !(await this.#dispelsDoubt(known, outcome))) {
      return parked?.drop("The store went back in time");
    }
    if (outcome.type === "claimed" && this.#isDraining) {
      parked?.drop("The worker is closing");
      return await this.#giveBack(instanceId, outcome.claim);
    }
    if (outcome.type === "claimed") {
      return await this.#work(instanceId, { ...outcome.claim, leaseEndsAt }, parked);
    }
    if (!parked) return;
    // Held back by the limit, it is queued now, ahead of all that never ran.
    if (outcome.reason === "limited" && !this.#isDraining) this.#warm.put(parked);
    else if (outcome.reason === "waiting") this.#keepWarm(parked);
    else parked.drop("The instance moved on");
  }

  /** A claim may come before the answer, or the message, by which the one before it ends. */
  #knownOf(instanceId: string): KnownHistory | undefined {
    return this.#active.of(instanceId)?.known ?? this.#known.of(instanceId);
  }

  /** Whether a claim may be worked on that shows less than is known here. */
  async #dispelsDoubt(known: KnownHistory, outcome: ClaimOutcome): Promise<boolean> {
    const { store, leaseMs, confirm } = this.#parts;
    if (outcome.type !== "claimed") return await confirm(known);
    const { instanceId } = known;
    const { fence, lastEvent } = outcome.claim;
    if (!(await confirm(known, fence))) return false;
    // All may be there because it was just put back, by another worker or by a question whose answer got
    // lost. Then the claim is over.
    const renewal = await insist(
      () => store.activations.renew({ instanceId, fence, leaseMs, seenEvent: lastEvent }),
      this.#insistence,
    );
    return renewal.type === "renewed";
  }

  /** Resolves when it has let go; at once if there is nothing to do. */
  #work(instanceId: string, claim: HeldClaim, parked?: Activation): Promise<void> | undefined {
    const current = this.#active.of(instanceId);
    // Of two claims the later one holds, whichever answer comes first.
    if (current && current.fence > claim.fence) {
      parked?.drop("The instance was claimed again");
      return undefined;
    }
    // The claim may come before the answer that ended the one before: the store has the say.
    current?.drop("The instance was claimed again");
    return new Promise<void>((leave) => {
      if (parked && claim.isContinuation) {
        this.#active.add(parked, leave);
        return parked.resume(claim);
      }
      parked?.drop("Another worker ran the instance");
      const activation = new Activation(this.#activationParts, instanceId, claim);
      this.#active.add(activation, leave);
    });
  }

  /** The claim came when the worker had begun to close: no step may begin here any more. */
  async #giveBack(instanceId: string, { fence, lastEvent }: Claim): Promise<void> {
    const outcome = await this.#parts.store.activations.release({
      instanceId,
      fence,
      commit: 1,
      after: 0,
      entries: [],
      consumed: [],
      seenEvent: lastEvent,
    });
    if (outcome.type === "released") this.#parts.dispatch(outcome.requests);
  }

  #onLetGo(activation: Activation): void {
    this.#known.remember(activation.known);
    if (this.#active.remove(activation) && activation.state === "parked")
      this.#keepWarm(activation);
  }

  #keepWarm(activation: Activation): void {
    if (this.#isDraining) return activation.drop("The worker is closing");
    // First, as the cache may have no room: what it drops knows no more what it waits for.
    this.#parts.onSuspended(activation.wakesInMs);
    this.#warm.put(activation);
    if (activation.wantsClaim) this.#reclaimLater(activation);
  }

  /** A parked run goes on by itself: its branch need not wait for its siblings' timers. */
  async #reclaim(activation: Activation): Promise<void> {
    const { instanceId } = activation;
    if (this.#warm.peek(instanceId) !== activation) return;
    this.#warm.take(instanceId);
    try {
      await this.#claim(instanceId, activation, true);
    } catch (error) {
      this.#parts.telemetry.log("warn", "could not claim an instance again", { instanceId, error });
    }
  }

  #reclaimLater(activation: Activation): void {
    this.#parts.clock.after(RECLAIM_AFTER_MS, () => void this.#reclaim(activation));
  }

  #keepInBackground(promise: Promise<unknown>, instanceId: string): void {
    const settled = promise.catch((error: unknown) => {
      this.#parts.telemetry.log("warn", "work given to waitUntil failed", { instanceId, error });
    });
    this.#background.add(settled);
    void settled.finally(() => this.#background.delete(settled));
  }

  /** What goes on in vain, or without an activation, does not keep a worker from closing. */
  #afterGrace(): { readonly promise: Promise<void>; readonly cancel: CancelTimer } {
    let cancel: CancelTimer = () => {};
    const promise = new Promise<void>((resolve) => {
      cancel = this.#parts.clock.after(BACKGROUND_GRACE_MS, resolve);
    });
    return { promise, cancel };
  }
}
