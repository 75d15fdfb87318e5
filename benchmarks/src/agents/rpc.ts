/**
 * Calls between the benchmark and its processes, over the channel that `fork` opens.
 *
 * Everything that is measured runs in a process of its own; the benchmark itself only tells them what
 * to do, and reads meters.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

interface Call {
  readonly call: number;
  readonly method: string;
  readonly parameter: unknown;
}

interface Answer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What a process can be asked to do. */
export type Methods = Readonly<Record<string, (parameter: never) => unknown>>;

type Parameter<Method> = Method extends (parameter: infer P) => unknown ? P : never;
type Value<Method> = Method extends (parameter: never) => infer V ? Awaited<V> : never;

/** Serves calls until the parent is gone. */
export function serve(methods: Methods): void {
  process.on("message", (message: Call) => void answer(methods, message));
  process.on("disconnect", () => process.exit());
  // Ctrl-C reaches every process of the terminal; the parent decides in which order they stop.
  process.on("SIGINT", () => undefined);
}

async function answer(methods: Methods, { call, method, parameter }: Call): Promise<void> {
  try {
    const value = await methods[method]?.(parameter as never);
    process.send?.({ call, value });
  } catch (error) {
    process.send?.({ call, error: error instanceof Error ? error.message : String(error) });
  }
}

const CLOSE_GRACE_MS = 5_000;

/** A process that serves `M`. */
export class Agent<M extends Methods> {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  #output = "";

  constructor(entry: URL) {
    this.#process = fork(entry, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on(
        "data",
        (chunk) => (this.#output = `${this.#output}${String(chunk)}`.slice(-4_000)),
      );
    }
    this.#process.on("message", (answer: Answer) => this.#settle(answer));
    this.#process.once("exit", (code, signal) => {
      const error = `The process ended (${signal ?? code}). It had printed:\n${this.#output}`;
      for (const call of this.#pending.keys()) this.#settle({ call, error });
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async ask<Name extends keyof M & string>(
    method: Name,
    parameter: Parameter<M[Name]>,
  ): Promise<Value<M[Name]>> {
    if (!this.#process.connected) throw new Error(`The process has ended. ${this.#output}`);
    const call = ++this.#calls;
    const answered = new Promise<Answer>((resolve) => this.#pending.set(call, resolve));
    this.#process.send({ call, method, parameter } satisfies Call, (failure) => {
      if (failure) this.#settle({ call, error: failure.message });
    });
    const { value, error } = await answered;
    if (error !== undefined) throw new Error(error);
    return value as Value<M[Name]>;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Ends it, however busy it is. */
  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#process, "exit");
    const impatience = setTimeout(() => this.kill(), CLOSE_GRACE_MS);
    this.#process.disconnect();
    await exit;
    clearTimeout(impatience);
  }

  #settle(answer: Answer): void {
    const resolve = this.#pending.get(answer.call);
    this.#pending.delete(answer.call);
    resolve?.(answer);
  }
}
