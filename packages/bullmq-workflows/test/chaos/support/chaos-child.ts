/** A process of a test's own, as the test sees it. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Cell, Command, Hits, ToChild, ToParent } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("./chaos-process.ts", import.meta.url));

export interface ChildListener {
  onStruck(): void;
  onDeath(): void;
  onCheckpoint(name: string, go: () => void): void;
}

export class ChaosChild {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, (error: string | undefined) => void>();
  readonly #waiters = new Map<ToParent["type"], (message: ToParent) => void>();
  readonly exited: Promise<unknown>;
  listener: ChildListener | undefined;
  #callCount = 0;
  #isDead = false;

  constructor() {
    this.#process = fork(PROGRAM, {
      execArgv: ["--conditions=@bullmq-workflows/source", "--import", "tsx"],
    });
    this.exited = once(this.#process, "exit");
    this.#process.on("message", (message: ToParent) => this.#hear(message));
    this.#process.once("exit", () => this.#onExit());
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Opens an engine. Resolves with whether the process got that far. */
  async open(cell: Cell): Promise<boolean> {
    return (await this.#ask({ type: "open", cell }, "opened")) !== undefined;
  }

  /** Closes the engine; `undefined` when the process has died. */
  async close(): Promise<Hits | undefined> {
    const message = await this.#ask({ type: "close" }, "closed");
    return message?.type === "closed" ? message.hits : undefined;
  }

  /** @throws {Error} when the command failed or may not have been carried out */
  async call(command: Command): Promise<void> {
    const call = ++this.#callCount;
    const error = await new Promise<string | undefined>((resolve) => {
      this.#answers.set(call, resolve);
      this.#tell({ type: "call", call, command });
    });
    if (error !== undefined) throw new Error(error);
  }

  async stop(): Promise<void> {
    if (this.#isDead) return;
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  async #ask(message: ToChild, answer: ToParent["type"]): Promise<ToParent | undefined> {
    if (this.#isDead) return undefined;
    const answered = new Promise<ToParent>((resolve) => this.#waiters.set(answer, resolve));
    this.#tell(message);
    return (await Promise.race([answered, this.exited.then(() => undefined)])) ?? undefined;
  }

  #tell(message: ToChild): void {
    // A process that dies meanwhile does not hear it, and its exit says so.
    if (this.#process.connected) this.#process.send(message, () => undefined);
    else if (message.type === "call") this.#answers.get(message.call)?.("The process is dead");
  }

  #hear(message: ToParent): void {
    switch (message.type) {
      case "struck":
        return this.listener?.onStruck();
      case "answered":
        return this.#answers.get(message.call)?.(message.error);
      case "checkpoint": {
        const { checkpoint, name } = message;
        return this.listener?.onCheckpoint(name, () => this.#tell({ type: "go", checkpoint }));
      }
      case "opened":
      case "closed":
        return this.#waiters.get(message.type)?.(message);
    }
  }

  #onExit(): void {
    this.#isDead = true;
    for (const answer of this.#answers.values()) answer("The process has died");
    this.listener?.onDeath();
  }
}

/** Keeps some processes started ahead, because starting one takes long. */
export class ChildPool {
  readonly #spares: ChaosChild[] = [];
  readonly #size: number;
  readonly #all = new Set<ChaosChild>();

  constructor(size: number) {
    this.#size = size;
    this.#fill();
  }

  take(): ChaosChild {
    const child = this.#spares.shift() ?? this.#start();
    this.#fill();
    return child;
  }

  async close(): Promise<void> {
    this.#spares.length = 0;
    await Promise.all([...this.#all].map(async (child) => await child.stop()));
  }

  #fill(): void {
    while (this.#spares.length < this.#size) this.#spares.push(this.#start());
  }

  #start(): ChaosChild {
    const child = new ChaosChild();
    this.#all.add(child);
    void child.exited.then(() => this.#all.delete(child));
    return child;
  }
}
