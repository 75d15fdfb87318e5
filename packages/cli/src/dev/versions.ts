/**
 * The versions of the code: one that runs, and one in the making when its files have changed.
 *
 * A new version replaces the one before only once its workflows take instances. Until then, and for good
 * if it cannot be loaded, the one before goes on. Instances notice nothing: whatever the old version has
 * not finished is taken over from the record by the new one.
 */
import { LoadFailedError, Runner } from "./runner.ts";
import type { Failure, LoadedProgram, LoadRequest } from "./messages.ts";

/** How long steps of a replaced version may still run. */
const GRACE_MS = 10_000;

/** A version that ended by itself sooner than that would do so again. */
const STEADY_MS = 5_000;

/** As long as a timer can be. */
const NEVER_MS = 2 ** 31 - 10_000;

export interface VersionEvents {
  readonly onLoaded: (program: LoadedProgram, tookMs: number, cause: string | undefined) => void;
  readonly onFailed: (failure: Failure, isRunning: boolean) => void;
  /** The version ended by itself. `isBack`: it is started again. */
  readonly onCrashed: (how: string, isBack: boolean) => void;
  /** What the version last tried is made of; nothing when that is not known. */
  readonly onFiles: (files: readonly string[] | undefined) => Promise<void>;
}

interface Version {
  readonly runner: Runner;
  readonly program: LoadedProgram;
  readonly startedAt: number;
}

export class Versions {
  readonly #request: LoadRequest;
  readonly #events: VersionEvents;
  /** Warm, and waiting for the next change. */
  #spare = new Runner();
  #current: Version | undefined;
  /** Those whose last steps still run. */
  readonly #leaving = new Map<Runner, Promise<void>>();
  #loading: Promise<void> | undefined;
  #isStale = false;
  /** What changed last. */
  #cause: string | undefined;
  #hasTried = false;
  #isClosed = false;

  constructor(request: LoadRequest, events: VersionEvents) {
    this.#request = request;
    this.#events = events;
  }

  /** The version that runs; nothing while there is none. */
  get current(): LoadedProgram | undefined {
    return this.#current?.program;
  }

  /** Whether the first version is in the making: nobody knows yet what there is. */
  get isStarting(): boolean {
    return !this.#hasTried;
  }

  /** Loads what the files are now. What changes meanwhile is loaded after. */
  async load(cause?: string): Promise<void> {
    this.#isStale = true;
    this.#cause = cause;
    this.#loading ??= this.#loadUntilFresh().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  /** Lets running steps end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#spare.kill();
    await this.#loading;
    const current = this.#current?.runner.close(NEVER_MS);
    await Promise.all([current, ...this.#leaving.values()]);
  }

  /** Ends everything at once. */
  kill(): void {
    this.#isClosed = true;
    for (const runner of [this.#spare, this.#current?.runner, ...this.#leaving.keys()]) {
      runner?.kill();
    }
  }

  async #loadUntilFresh(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      await this.#loadOne(this.#cause);
    }
  }

  async #loadOne(cause: string | undefined): Promise<void> {
    const startedAt = performance.now();
    const runner = this.#spare;
    try {
      const program = await runner.load(this.#request);
      await this.#events.onFiles(runner.files);
      this.#replace({ runner, program, startedAt });
      this.#hasTried = true;
      this.#events.onLoaded(program, performance.now() - startedAt, cause);
    } catch (error) {
      if (!(error instanceof LoadFailedError)) throw error;
      runner.kill();
      if (this.#isClosed) return;
      this.#hasTried = true;
      await this.#events.onFiles(runner.files.length > 0 ? runner.files : undefined);
      this.#events.onFailed(error.failure, this.#current !== undefined);
    }
    if (!this.#isClosed) this.#spare = new Runner();
  }

  #replace(version: Version): void {
    const before = this.#current;
    this.#current = version;
    void this.#watch(version);
    if (!before) return;
    const { runner } = before;
    const left = runner.close(GRACE_MS).finally(() => this.#leaving.delete(runner));
    this.#leaving.set(runner, left);
  }

  async #watch(version: Version): Promise<void> {
    const { code, signal } = await version.runner.exited;
    if (this.#isClosed || version.runner.isClosing || version !== this.#current) return;
    this.#current = undefined;
    const isBack = performance.now() - version.startedAt > STEADY_MS;
    this.#events.onCrashed(signal ?? `exit code ${code}`, isBack);
    if (isBack) await this.load();
  }
}
