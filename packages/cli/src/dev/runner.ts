/** A process that runs one version of the code, as `dev` sees it. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Failure, FromRunner, LoadedProgram, LoadRequest, ToRunner } from "./messages.ts";

/** What a forced close may take. */
const KILL_AFTER_MS = 2_000;

/** The code could not be loaded; the version before may go on. */
export class LoadFailedError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Runner {
  readonly exited: Promise<Exit>;
  readonly #warm: Promise<void>;
  /** What its code is made of, as far as it could be told. */
  files: readonly string[] = [];
  readonly #child: ChildProcess;
  #isClosing = false;

  constructor() {
    this.#child = fork(fileURLToPath(scriptUrl()), {
      // Its own session: Ctrl-C in a terminal reaches only this process, which says what happens then.
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.#warm = new Promise((resolve) => {
      this.#child.on("message", ({ type }: FromRunner) => {
        if (type === "warm") resolve();
      });
    });
    this.#child.on("error", () => {
      // What cannot be sent or started shows in the exit.
    });
  }

  /** Whether its end was asked for. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Resolves when its workflows take instances. @throws {@link LoadFailedError} */
  async load(request: LoadRequest): Promise<LoadedProgram> {
    const settled = new Promise<LoadedProgram>((resolve, reject) => {
      this.#child.on("message", (message: FromRunner) => {
        if (message.type === "bundled") this.files = message.files;
        if (message.type === "loaded") resolve(message.program);
        if (message.type === "failed") reject(new LoadFailedError(message.failure));
      });
    });
    const ended = this.#failAtEnd();
    // What was said before somebody listens might be lost.
    await Promise.race([this.#warm, ended]);
    this.#send({ type: "load", request });
    return await Promise.race([settled, ended]);
  }

  /** Also when it has ended before it was asked to load anything. */
  async #failAtEnd(): Promise<never> {
    const { code, signal } = await this.exited;
    const how = signal ?? `exit code ${code}`;
    throw new LoadFailedError({ message: `The process ended while it loaded (${how})` });
  }

  /** Lets its steps end for so long, then drops them, and ends it when it does not end by itself. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#send({ type: "close", isForced: false });
    const force = setTimeout(() => this.#send({ type: "close", isForced: true }), graceMs);
    const kill = setTimeout(() => this.kill(), graceMs + KILL_AFTER_MS);
    await this.exited;
    clearTimeout(force);
    clearTimeout(kill);
  }

  kill(): void {
    this.#isClosing = true;
    this.#child.kill("SIGKILL");
  }

  #send(message: ToRunner): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

/** This file runs as it was written or as it was built; its neighbor alike. */
function scriptUrl(): URL {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./runner-process${ending}`, import.meta.url);
}
