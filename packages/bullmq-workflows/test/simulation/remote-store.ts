/**
 * The store as a process sees it: calls take time each way, get lost, or have an effect that is never
 * heard of. Every verb that arrives is audited.
 */
import type { ClaimOutcome, FencedWrite } from "../../src/engine/ports/activations.ts";
import type {
  ConnectionListener,
  ControlMessage,
  Unsubscribe,
} from "../../src/engine/ports/notices.ts";
import type { KnownInstance } from "../../src/engine/ports/reassertion.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { StoreUnavailableError } from "../../src/model/store-errors.ts";
import type { Audit, Fenced } from "./audit.ts";
import type { VirtualClock } from "../../src/memory/virtual-clock.ts";
import type { Chance } from "./chance.ts";
import type { Confirmation, Losses } from "./losses.ts";
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
  /** The claim that the worker was given last, by instance. */
  readonly claims: Map<string, GivenClaim>;
  /** The worker was told that a write is on record. */
  readonly onConfirmed: (confirmation: Confirmation) => void;
  readonly onConnection: (listener: ConnectionListener) => void;
  readonly losses: Losses;
}

export interface GivenClaim {
  readonly fence: number;
  readonly generation: number;
  readonly isContinuation: boolean;
  readonly isRollingBack: boolean;
}

export interface RemoteProcess {
  readonly isIsolated: boolean;
  readonly isolatedForMs: number;
  readonly hasOutage: boolean;
  enter(callback: () => void): void;
}

type Call = (...parameters: unknown[]) => Promise<unknown>;

/** What can be asked of a store: a verb of one of its parts, or of its own. */
interface Asked {
  readonly verb: string;
  readonly call: Call;
}

export function createRemoteStore(process: RemoteProcess, parts: RemoteParts): Store {
  const remote = new Remote(process, parts);
  const { store } = parts.audit;
  const far = <Part extends object>(part: Part): Part => {
    const verbs = Object.entries(part).map(([verb, call]) => [verb, remote.bind({ verb, call })]);
    return Object.fromEntries(verbs) as Part;
  };
  return {
    instances: far(store.instances),
    activations: far(store.activations),
    commands: far(store.commands),
    sweeps: far(store.sweeps),
    streams: far(store.streams),
    schedules: far(store.schedules),
    insights: far(store.insights),
    notices: {
      onControl: async (workerId, listener) => await remote.onControl(workerId, listener),
      onFinished: async () => () => {},
      onHistory: async () => () => {},
      onConnection: (listener) => {
        parts.onConnection(listener);
        return () => {};
      },
    },
    configure: remote.bind({
      verb: "configure",
      call: store.configure.bind(store) as Call,
    }) as Store["configure"],
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

  bind(asked: Asked): Call {
    return async (...parameters) => await this.#call(asked, parameters);
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    return await this.#parts.audit.store.notices.onControl(workerId, (message) => {
      if (this.#process.isIsolated || this.#process.hasOutage) return;
      this.#travel(() => this.#process.enter(() => listener(message)));
    });
  }

  async #call(asked: Asked, parameters: unknown[]): Promise<unknown> {
    const { losses } = this.#parts;
    const { era } = losses;
    // A store that was set back is another server: what was on its way to or from the first is lost.
    const isCut = (): boolean => losses.era !== era;
    const takeUp =
      asked.verb === "reassert" ? this.#asking(parameters[0] as KnownInstance) : undefined;
    return await new Promise((resolve, reject) => {
      const fail = (): void => reject(unavailable());
      const isLostOnTheWay = this.#fails(50);
      if (isLostOnTheWay) this.#straggle(asked, parameters);
      this.#travel(() => {
        if (isLostOnTheWay || isCut()) return this.#answer(() => fail);
        const isAnswerLost = this.#fails(100);
        this.#apply(asked, parameters).then(
          (hand) =>
            this.#answer(() => {
              if (isAnswerLost || isCut()) return fail;
              return () => {
                takeUp?.();
                resolve(hand());
              };
            }),
          (error: unknown) => this.#answer(() => () => reject(error)),
        );
      });
    });
  }

  /** What the caller was told is lost may arrive all the same, after its repeat. */
  #straggle(asked: Asked, parameters: unknown[]): void {
    const { chance, clock, losses } = this.#parts;
    if (chance.hits(50)) return;
    const { era } = losses;
    clock.after(chance.upTo(STRAGGLING_MS), () => {
      if (losses.era === era) this.#apply(asked, parameters).catch(() => {});
    });
  }

  #fails(percentInOutage: number): boolean {
    const { chance, network } = this.#parts;
    return chance.hits(this.#process.hasOutage ? percentInOutage : network.failing);
  }

  /** Calls the verb; the memory store has done it when the call returns. Resolves with the answer. */
  async #apply({ verb, call }: Asked, parameters: unknown[]): Promise<() => unknown> {
    const { audit } = this.#parts;
    const [first] = parameters as [Partial<Fenced> | undefined];
    const isWrite = first?.fence !== undefined && verb !== "reassert";
    const fenced = isWrite ? (first as Fenced) : undefined;
    const applied = audit.run(verb, () => call(...parameters), fenced);
    if (verb !== "claim") {
      const confirmation = fenced && this.#onWritten(first);
      const outcome = await applied;
      return () => {
        // Who is told "stale" has not been told that a first try of the same write is on record.
        const isConfirmed = (outcome as { readonly at?: number } | undefined)?.at !== undefined;
        if (confirmation && isConfirmed) this.#parts.onConfirmed(confirmation);
        return outcome;
      };
    }
    const { instanceId } = first as { instanceId: string };
    const generation = audit.fold(instanceId).number;
    const isRollingBack = audit.state(instanceId)?.status === "rollingBack";
    const outcome = (await applied) as ClaimOutcome;
    return () => {
      this.#onClaim(instanceId, { generation, isRollingBack }, outcome);
      return outcome;
    };
  }

  /** What the write's answer confirms: its entries are the last ones now, whatever the store adds. */
  #onWritten(write: Partial<FencedWrite> | undefined): Confirmation | undefined {
    const { instanceId, entries } = write ?? {};
    if (instanceId === undefined || entries === undefined || entries.length === 0) return undefined;
    const { audit } = this.#parts;
    const history = audit.state(instanceId)?.history ?? [];
    const last = history.findLastIndex(({ text }) => text === entries.at(-1));
    const generation = audit.fold(instanceId).number;
    return last < 0 ? undefined : { instanceId, generation, entries: last + 1 };
  }

  /** A claim that raised a doubt is taken up when that is dispelled, though older ones came meanwhile. */
  #asking({ instanceId }: KnownInstance): () => void {
    const { claims } = this.#parts;
    const doubted = claims.get(instanceId);
    return () => {
      if (doubted && doubted.fence > (claims.get(instanceId)?.fence ?? 0))
        claims.set(instanceId, doubted);
    };
  }

  #onClaim(
    instanceId: string,
    given: Pick<GivenClaim, "generation" | "isRollingBack">,
    outcome: ClaimOutcome,
  ): void {
    if (outcome.type !== "claimed") return;
    const { fence, isContinuation } = outcome.claim;
    this.#parts.claims.set(instanceId, { ...given, fence, isContinuation });
  }

  /** What comes of it is decided when the answer arrives, and happens when the process takes notice. */
  #answer(arrive: () => () => void): void {
    if (this.#process.isIsolated) return;
    this.#travel(() => this.#process.enter(arrive()));
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
