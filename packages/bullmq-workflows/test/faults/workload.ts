/**
 * What clients do while faults happen: create instances at a steady rate, send each its events, pause
 * and resume some, terminate some. Everything goes to the ledger: before it is tried, and how it ended.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { Workflow } from "../../src/client/workflow.ts";
import { WorkflowEngineError } from "../../src/model/errors.ts";
import { seededRandom } from "../chaos/support/random.ts";
import { monotonicNow } from "./ledger.ts";
import type { Ledger } from "./ledger.ts";
import { EVENT_TYPES, planOf } from "./worker/trial.ts";
import type { Plan } from "./worker/trial.ts";

export interface WorkloadParts {
  readonly workflow: Workflow;
  readonly ledger: Ledger;
  readonly seed: string;
  readonly perSecond: number;
  /** Unfinished at once at most, so that a slow machine is not buried in work. */
  readonly inFlightLimit: number;
}

const GONE: ReadonlySet<string> = new Set(["instance.not_found", "instance.lost"]);

const RETRY_MS = 200;
const LOOK_EVERY_MS = 100;

export class Workload {
  readonly #parts: WorkloadParts;
  readonly #dealings: Promise<void>[] = [];
  #inFlight = 0;
  #count = 0;
  #isStopped = false;
  #creating: Promise<void> | undefined;

  constructor(parts: WorkloadParts) {
    this.#parts = parts;
  }

  get instanceIds(): readonly string[] {
    return Array.from({ length: this.#count }, (_, number) => idOf(number));
  }

  start(): void {
    this.#creating = this.#create();
    void this.#watch();
  }

  /** Creates nothing more. Resolves when all has been sent that belongs to what was created. */
  async end(): Promise<void> {
    this.#isStopped = true;
    await this.#creating;
    await Promise.all(this.#dealings);
  }

  /** Stops at once. What is under way may fail, and nobody is told. */
  abandon(): void {
    this.#isStopped = true;
    for (const task of [this.#creating, ...this.#dealings]) task?.catch(() => undefined);
  }

  /** Sends the last events again, and what else an instance may wait for whose Redis forgot it. */
  async revive(unfinished: readonly string[]): Promise<void> {
    await Promise.all(
      unfinished.map(async (id) => {
        const dealing = await this.#dealingWith(Number(id.split("-")[1]));
        await dealing?.revive();
      }),
    );
  }

  async #create(): Promise<void> {
    const { perSecond, inFlightLimit } = this.#parts;
    for (let at = performance.now(); !this.#isStopped; at += 1_000 / perSecond) {
      await sleep(Math.max(0, at - performance.now()));
      if (this.#inFlight >= inFlightLimit) continue;
      const number = this.#count++;
      this.#inFlight++;
      const dealing = this.#deal(number).finally(() => void this.#inFlight--);
      // Told by `end`, also when it fails long before.
      dealing.catch(() => undefined);
      this.#dealings.push(dealing);
    }
  }

  /** Looks at instances now and then, for statuses that should not follow each other. */
  async #watch(): Promise<void> {
    const { workflow, ledger, seed } = this.#parts;
    const random = seededRandom(`${seed} looks`);
    while (!this.#isStopped) {
      await sleep(LOOK_EVERY_MS);
      const id = idOf(Math.floor(random() * this.#count));
      const askedAt = monotonicNow();
      try {
        const { status } = await (await workflow.get(id)).status();
        ledger.write({ type: "status", instance: id, status, askedAt });
      } catch (error) {
        if (!WorkflowEngineError.is(error)) throw error;
      }
    }
  }

  async #deal(number: number): Promise<void> {
    const { workflow, ledger } = this.#parts;
    const instance = idOf(number);
    ledger.write({ type: "creating", instance });
    await insist(async () => {
      await workflow.create({ id: instance, params: { number } }).catch(unlessExists);
    });
    ledger.write({ type: "created", instance });
    const dealing = await this.#dealingWith(number);
    await dealing?.act();
  }

  async #dealingWith(number: number): Promise<Dealing | undefined> {
    const { workflow, ledger, seed } = this.#parts;
    const id = idOf(number);
    const random = seededRandom(`${seed} dealing ${number}`);
    const instance = await insist(async () => await workflow.get(id));
    return instance && new Dealing({ instance, ledger, plan: planOf(seed, number), random });
  }
}

interface DealingParts {
  readonly instance: WorkflowInstance;
  readonly ledger: Ledger;
  readonly plan: Plan;
  readonly random: () => number;
}

/** All that is done to one instance. */
class Dealing {
  readonly #parts: DealingParts;

  constructor(parts: DealingParts) {
    this.#parts = parts;
  }

  async act(): Promise<void> {
    const { plan } = this.#parts;
    await Promise.all([this.#sendAll(), plan.isPaused && this.#pauseAndResume()]);
    if (plan.end === "terminated") await this.#terminate();
  }

  async revive(): Promise<void> {
    const { instance, plan } = this.#parts;
    await insist(async () => await instance.resume().catch(unlessRefused));
    for (const type of EVENT_TYPES) {
      if (plan.events[type] > 0) await this.#send(type, plan.events[type], true);
    }
    if (plan.end === "terminated") await this.#terminate();
  }

  async #sendAll(): Promise<void> {
    const { plan, random } = this.#parts;
    await Promise.all(
      EVENT_TYPES.map(async (type) => {
        for (let number = 1; number <= plan.events[type]; number++) {
          await sleep(random() ** 2 * 1_000);
          await this.#send(type, number);
        }
      }),
    );
  }

  /** Again and again, under a new id each time, until it is known to have arrived. */
  async #send(eventType: string, number: number, isRevival = false): Promise<void> {
    const { instance, ledger } = this.#parts;
    for (let sending = 1; ; sending++) {
      const id = `${eventType} ${number}.${sending}${isRevival ? " again" : ""}`;
      const facts = { instance: instance.id, eventType, id };
      ledger.write({ type: "sending", ...facts, ...(isRevival && { isRevival }) });
      try {
        await instance.sendEvent({ type: eventType, payload: { number, id } });
        return ledger.write({ type: "sent", ...facts });
      } catch (error) {
        if (!isUnavailable(error)) return ledger.write({ type: "refused", ...facts });
        ledger.write({ type: "unsure", ...facts });
        await sleep(RETRY_MS);
      }
    }
  }

  async #pauseAndResume(): Promise<void> {
    const { instance, random } = this.#parts;
    await sleep(random() * 1_000);
    await insist(async () => await instance.pause().catch(unlessRefused));
    await sleep(200 + random() * 1_000);
    await insist(async () => await instance.resume().catch(unlessRefused));
  }

  async #terminate(): Promise<void> {
    const { instance } = this.#parts;
    await insist(async () => await instance.terminate().catch(unlessRefused));
  }
}

function idOf(number: number): string {
  return `trial-${number}`;
}

/** Repeats what Redis could not be asked; answers undefined when the instance is not there. */
async function insist<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (GONE.has(codeOf(error))) return undefined;
      if (!isUnavailable(error)) throw error;
      await sleep(RETRY_MS);
    }
  }
}

function codeOf(error: unknown): string {
  return WorkflowEngineError.is(error) ? error.code : "";
}

/** Redis is away, or so full that nothing new is taken. */
function isUnavailable(error: unknown): boolean {
  return ["store.unavailable", "store.low_memory"].includes(codeOf(error));
}

function unlessExists(error: unknown): void {
  if (codeOf(error) !== "instance.already_exists") throw error;
}

function unlessRefused(error: unknown): void {
  if (!codeOf(error).startsWith("instance.cannot_")) throw error;
}
