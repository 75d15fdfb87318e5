/** The worker processes: starts them, kills one when asked to, and puts another in its place. */
import type { ChildProcess } from "node:child_process";
import { startChild, stopChild } from "./child-process.ts";
import type { WorkerSettings } from "./worker.ts";

export class WorkerPool {
  readonly #settings: WorkerSettings;
  readonly #onAccident: (error: unknown) => void;
  readonly #workers = new Set<ChildProcess>();
  /** Those that have said they are ready, and are not being killed. */
  readonly #ready = new Set<ChildProcess>();
  #crashCount = 0;
  #isStopping = false;

  /** `onAccident` hears of a worker that ended without being killed, which none should. */
  constructor(settings: WorkerSettings, onAccident: (error: unknown) => void) {
    this.#settings = settings;
    this.#onAccident = onAccident;
  }

  /** Workers that died by SIGKILL. */
  get crashCount(): number {
    return this.#crashCount;
  }

  async start(size: number): Promise<void> {
    await Promise.all(Array.from({ length: size }, () => this.#startOne()));
  }

  /** Kills one of the workers at work; `pick` in [0, 1) says which. Answers its pid, if there is one. */
  kill(pick: number): number | undefined {
    const victim = [...this.#ready][Math.floor(pick * this.#ready.size)];
    if (victim === undefined) return undefined;
    this.#ready.delete(victim);
    victim.kill("SIGKILL");
    return victim.pid;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#workers].map((worker) => stopChild(worker)));
  }

  async #startOne(): Promise<void> {
    const worker = startChild("./worker.ts", this.#settings);
    this.#workers.add(worker.process);
    worker.process.once("exit", (code, signal) => this.#onExit(worker.process, signal ?? code));
    await worker.ready;
    this.#ready.add(worker.process);
  }

  #onExit(worker: ChildProcess, reason: NodeJS.Signals | number | null): void {
    this.#workers.delete(worker);
    this.#ready.delete(worker);
    if (this.#isStopping) return;
    if (reason !== "SIGKILL") {
      this.#onAccident(new Error(`A worker ended by itself (${reason})`));
      return;
    }
    this.#crashCount += 1;
    this.#startOne().catch((error: unknown) => {
      if (!this.#isStopping) this.#onAccident(error);
    });
  }
}
