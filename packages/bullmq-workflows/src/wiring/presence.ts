/**
 * Lets others know that this process runs workflows, and which: now and then, never for an instance's sake.
 * Whoever is silent for longer than three beats is taken for gone.
 */
import { hostname } from "node:os";
import type { Directory, WorkerLoad } from "../engine/ports/directory.ts";
import type { CancelTimer, Clock } from "../engine/ports/clock.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";

const BEAT_MS = 5_000;
const KEPT_MS = 16_000;
const LEAVE_MS = 1_000;

export interface PresenceParts {
  readonly workerId: string;
  readonly directory: Pick<Directory, "appear" | "disappear">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** What this process runs right now. */
  readonly workflows: () => readonly WorkerLoad[];
}

export class Presence {
  readonly #parts: PresenceParts;
  readonly #startedAt: number;
  #cancel: CancelTimer | undefined;
  #beating: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** Says it now, for there is something new to say. */
  async say(): Promise<void> {
    if (this.#isStopped) return;
    this.#cancel?.();
    const before = this.#beating;
    this.#beating = (async () => {
      await before;
      await this.#beat();
    })();
    await this.#beating;
  }

  /** Others need not wait to hear of it. Resolves within a second, whatever state Redis is in. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    const { clock } = this.#parts;
    let cancel: CancelTimer = () => undefined;
    const late = new Promise<void>((resolve) => (cancel = clock.after(LEAVE_MS, resolve)));
    await Promise.race([this.#leave(), late]).finally(() => cancel());
  }

  async #leave(): Promise<void> {
    if (!this.#beating) return;
    await this.#beating;
    const { directory, workerId } = this.#parts;
    // What was said before is forgotten soon.
    await directory.disappear(workerId).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { directory, clock, telemetry, workerId, workflows } = this.#parts;
    const presence = {
      id: workerId,
      host: hostname(),
      pid: process.pid,
      startedAt: this.#startedAt,
      workflows: workflows(),
    };
    try {
      await directory.appear(presence, KEPT_MS);
    } catch (error) {
      telemetry.log("debug", "could not tell others that this worker is there", { error });
    }
    this.#cancel?.();
    if (!this.#isStopped) this.#cancel = clock.after(BEAT_MS, () => void this.say());
  }
}
