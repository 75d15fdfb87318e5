/** A workflow that an engine has registered: all of it that has to be started, looked at and closed. */
import type { HistoryWatches } from "../client/history-watches.ts";
import type { ResultWaiter } from "../client/result-waiter.ts";
import type { SchemaChecks } from "../client/schema-checks.ts";
import type { WorkerLoad } from "../engine/ports/directory.ts";
import type { WorkflowWorker } from "../worker/workflow-worker.ts";
import type { WorkflowBackend } from "./backend.ts";

export interface RegistrationParts {
  readonly name: string;
  readonly backend: WorkflowBackend;
  readonly results: ResultWaiter;
  readonly watches: HistoryWatches;
  readonly checks: SchemaChecks;
  /** Absent in a client. */
  readonly worker: WorkflowWorker | undefined;
  readonly started: Promise<void>;
}

export class Registration {
  readonly started: Promise<void>;
  readonly checks: SchemaChecks;
  /** Of the version that its code is, once it is known. */
  versionId: string | undefined;
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
    this.started = parts.started;
    this.checks = parts.checks;
  }

  /** What of it runs here; nothing in a client. */
  load(concurrency: number): WorkerLoad | undefined {
    const { name, worker } = this.#parts;
    if (!worker) return undefined;
    const load = { name, concurrency, active: worker.activeCount };
    return this.versionId === undefined ? load : { ...load, versionId: this.versionId };
  }

  /** Drops running steps at once. */
  abandon(): void {
    this.#parts.worker?.abandon();
  }

  /** Lets running steps end, and gives the instances back. */
  async closeWorker(): Promise<void> {
    await this.#parts.worker?.close();
  }

  /** Nobody is told any more how an instance ends or changes. */
  stopTelling(): void {
    this.#parts.results.close();
    this.#parts.watches.close();
  }

  async disconnect(): Promise<void> {
    const { dispatcher, store } = this.#parts.backend;
    await dispatcher.close();
    await store.close();
  }

  /** As {@link disconnect}, for who cannot wait. */
  cutOff(): void {
    this.#parts.backend.dispatcher.close().catch(() => undefined);
  }
}
