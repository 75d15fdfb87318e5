/**
 * The store as a process sees it: calls take time each way, get lost, or have an effect that is never
 * heard of. Every verb that arrives is audited.
 */
import type { ClaimOutcome, ControlMessage, Store, Unsubscribe } from "../../src/engine/ports.ts";
import { StoreUnavailableError } from "../../src/model/store-errors.ts";
import type { Audit, Fenced } from "./audit.ts";
import type { VirtualClock } from "../../src/memory/virtual-clock.ts";
import type { Chance } from "./chance.ts";
import type { Network } from "./schedule.ts";

/** An isolated process's calls arrive up to this late, and only those that it made soon enough. */
const LATEST_MS = 30_000;
const LAST_WORDS_MS = 10_000;

/** A lost call arrives up to this late, if it does. */
const STRAGGLING_MS = 4_000;

export interface RemoteParts {
  readonly workerId: string;
  readonly clock: VirtualClock;
  readonly audit: Audit;
  readonly network: Network;
  readonly chance: Chance;
  /** The worker was given a claim. */
  readonly onClaimed: (instanceId: string, claim: GivenClaim) => void;
}

export interface GivenClaim {
  readonly fence: number;
  readonly generation: number;
  readonly isContinuation: boolean;
}

export interface RemoteProcess {
  readonly isIsolated: boolean;
  readonly isolatedForMs: number;
  readonly hasOutage: boolean;
  enter(callback: () => void): void;
}

const VERBS = [
  "configure",
  "create",
  "get",
  "history",
  "counts",
  "list",
  "claim",
  "commit",
  "suspend",
  "finish",
  "settlePause",
  "release",
  "renew",
  "reassert",
  "sendEvent",
  "pause",
  "resume",
  "terminate",
  "restart",
  "delete",
  "wakeDue",
  "adoptOrphans",
  "redispatch",
  "expire",
] as const satisfies readonly (keyof Store)[];

type Verb = (typeof VERBS)[number];
type Call = (...parameters: unknown[]) => Promise<unknown>;

export function createRemoteStore(process: RemoteProcess, parts: RemoteParts): Store {
  const remote = new Remote(process, parts);
  const verbs = VERBS.map((verb) => [verb, remote.bind(verb)]);
  return {
    ...(Object.fromEntries(verbs) as Pick<Store, Verb>),
    onControl: async (workerId, listener) => await remote.onControl(workerId, listener),
    onFinished: async () => () => {},
    onConnection: () => () => {},
    close: async () => {},
  };
}

class Remote {
  readonly #process: RemoteProcess;
  readonly #parts: RemoteParts;

  constructor(process: RemoteProcess, parts: RemoteParts) {
    this.#process = process;
    this.#parts = parts;
  }

  bind(verb: Verb): Call {
    return async (...parameters) => await this.#call(verb, parameters);
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    return await this.#parts.audit.store.onControl(workerId, (message) => {
      if (this.#process.isIsolated || this.#process.hasOutage) return;
      this.#travel(() => this.#process.enter(() => listener(message)));
    });
  }

  async #call(verb: Verb, parameters: unknown[]): Promise<unknown> {
    return await new Promise((resolve, reject) => {
      const isLostOnTheWay = this.#fails(50);
      if (isLostOnTheWay) this.#straggle(verb, parameters);
      this.#travel(() => {
        if (isLostOnTheWay) return this.#answer(() => reject(unavailable()));
        const isAnswerLost = this.#fails(100);
        this.#apply(verb, parameters).then(
          (hand) => this.#answer(() => (isAnswerLost ? reject(unavailable()) : resolve(hand()))),
          (error: unknown) => this.#answer(() => reject(error)),
        );
      });
    });
  }

  /** What the caller was told is lost may arrive all the same, after its repeat. */
  #straggle(verb: Verb, parameters: unknown[]): void {
    const { chance, clock } = this.#parts;
    if (chance.hits(50)) return;
    clock.after(chance.upTo(STRAGGLING_MS), () => {
      this.#apply(verb, parameters).catch(() => {});
    });
  }

  #fails(percentInOutage: number): boolean {
    const { chance, network } = this.#parts;
    return chance.hits(this.#process.hasOutage ? percentInOutage : network.failing);
  }

  /** Calls the verb; the memory store has done it when the call returns. Resolves with the answer. */
  async #apply(verb: Verb, parameters: unknown[]): Promise<() => unknown> {
    const { audit } = this.#parts;
    const [first] = parameters as [Partial<Fenced> | undefined];
    const fenced = first?.fence === undefined ? undefined : (first as Fenced);
    const call = audit.store[verb].bind(audit.store) as Call;
    const applied = audit.run(verb, () => call(...parameters), fenced);
    if (verb !== "claim") {
      const outcome = await applied;
      return () => outcome;
    }
    const { instanceId } = first as { instanceId: string };
    const generation = audit.fold(instanceId).number;
    const outcome = (await applied) as ClaimOutcome;
    return () => {
      this.#onClaim(instanceId, generation, outcome);
      return outcome;
    };
  }

  #onClaim(instanceId: string, generation: number, outcome: ClaimOutcome): void {
    if (outcome.type !== "claimed") return;
    const { fence, isContinuation } = outcome.claim;
    this.#parts.onClaimed(instanceId, { fence, isContinuation, generation });
  }

  #answer(settle: () => void): void {
    if (this.#process.isIsolated) return;
    this.#travel(() => this.#process.enter(settle));
  }

  #travel(arrive: () => void): void {
    if (this.#process.isIsolated && this.#process.isolatedForMs > LAST_WORDS_MS) return;
    const delayMs = this.#chooseDelay();
    if (delayMs === 0) arrive();
    else this.#parts.clock.after(delayMs, arrive);
  }

  #chooseDelay(): number {
    const { chance, network } = this.#parts;
    if (this.#process.isIsolated) return chance.upTo(LATEST_MS);
    return network.isSteady ? network.latencyMs : chance.upTo(network.latencyMs);
  }
}

function unavailable(): StoreUnavailableError {
  return new StoreUnavailableError(new Error("simulated"));
}
