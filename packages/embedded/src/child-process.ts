/** A server's process as its parent sees it: what it printed, when it ended, how to end it. */
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { ServerExit } from "./embedded-server.ts";

/** Characters of output kept to explain a failure. */
const OUTPUT_LIMIT = 8_000;
const OUTPUT_LINES_SHOWN = 12;
/** How long a server may take to write everything down before it is killed. */
const STOP_TIMEOUT_MS = 30_000;

export class ServerChild {
  readonly exited: Promise<ServerExit>;
  readonly #child: ChildProcess;
  #output = "";
  #exit: ServerExit | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.#exit ??= { exitCode, signal };
        resolve(this.#exit);
      };
      child.once("exit", end);
      // A program that cannot be started at all reports this instead of an exit.
      child.on("error", (error) => {
        this.#keep(error.message);
        if (child.pid === undefined) end(127, null);
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => this.#keep(chunk.toString()));
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** The last lines the server printed, indented for quoting. */
  get lastOutput(): string {
    const lines = this.#output.trimEnd().split("\n").slice(-OUTPUT_LINES_SHOWN);
    return lines.map((line) => `  ${line}`).join("\n");
  }

  /** From now on the process does not keep its parent alive. */
  release(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    unrefStream(this.#child.stdout);
    unrefStream(this.#child.stderr);
  }

  /** Asks for an orderly end by `ask`, and insists with SIGKILL when it takes too long. */
  async stop(ask: (child: ChildProcess) => void): Promise<ServerExit> {
    this.#child.ref();
    if (!this.hasExited) ask(this.#child);
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_LIMIT);
  }
}

function unrefStream(stream: Readable | null): void {
  (stream as Socket | null)?.unref();
}
