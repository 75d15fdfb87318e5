/** The workers of a scenario: real processes, each in a place that another takes when it dies. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ledger } from "./ledger.ts";
import { endWithSuite } from "./processes.ts";
import type { Setup } from "./setups/setup.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./worker/worker.ts";

const PROGRAM = fileURLToPath(new URL("worker/worker.ts", import.meta.url));
const EXEC_ARGV = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];

export interface CrewParts {
  readonly setup: Setup;
  readonly ledger: Ledger;
  readonly size: number;
  readonly common: Pick<WorkerSetup, "folder" | "seed" | "leaseMs" | "sweepMs">;
}

interface Member {
  readonly name: string;
  /** Whether it takes instances. */
  isUp: boolean;
  /** When it last told of a claim, by `performance.now()`. */
  lastClaimAt: number;
  readonly child: ChildProcess;
}

export class Crew {
  readonly #parts: CrewParts;
  readonly #members: Member[] = [];
  #startedCount = 0;
  #isClosing = false;

  constructor(parts: CrewParts) {
    this.#parts = parts;
    for (let place = 0; place < parts.size; place++) this.#fill(place);
  }

  get size(): number {
    return this.#parts.size;
  }

  nameAt(place: number): string {
    return this.#at(place).name;
  }

  /** SIGKILL. Another worker takes the place at once. */
  async kill(place: number): Promise<void> {
    const { child, name } = this.#at(place);
    const exit = once(child, "exit");
    this.#parts.ledger.write({ type: "killed", worker: name });
    child.kill("SIGKILL");
    await exit;
    this.#fill(place);
  }

  signal(place: number, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#at(place).child.kill(signal);
  }

  tell(place: number, message: ToWorker): void {
    const { child } = this.#at(place);
    if (child.connected) child.send(message);
  }

  /** Lets them end as a deployment would; answers the names of those that did not. */
  async close(withinMs: number): Promise<readonly string[]> {
    this.#isClosing = true;
    const alive = this.#members.filter(({ child }) => !hasExited(child));
    const ends = alive.map(async ({ name, child }) => {
      const exit = once(child, "exit");
      if (child.connected) child.send({ type: "close" } satisfies ToWorker);
      const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
      const [code] = (await exit) as [number | null];
      clearTimeout(timer);
      return code === 0 ? [] : [name];
    });
    return (await Promise.all(ends)).flat();
  }

  /** Whether every worker takes instances. */
  get areAllUp(): boolean {
    return this.#members.every(({ isUp }) => isUp);
  }

  /** Whether every worker has claimed an instance since then. */
  haveAllClaimedSince(at: number): boolean {
    return this.#members.every(({ lastClaimAt }) => lastClaimAt > at);
  }

  #fill(place: number): void {
    const { setup, common } = this.#parts;
    const name = `worker-${++this.#startedCount}`;
    const worker: WorkerSetup = { ...common, name, connection: setup.way(place + 1) };
    const child = fork(PROGRAM, [JSON.stringify(worker)], { execArgv: EXEC_ARGV });
    endWithSuite(child);
    child.on("error", () => undefined);
    // One that ends by itself is a finding: the checker reads it from the ledger.
    child.on("exit", (code, signal) => {
      if (this.#isClosing || signal === "SIGKILL") return;
      this.#parts.ledger.write({ type: "worker_failed", worker: name, code: code ?? -1 });
      this.#fill(place);
    });
    const member: Member = { name, child, isUp: false, lastClaimAt: -Infinity };
    child.on("message", (message: FromWorker) => {
      if (message === "claimed") member.lastClaimAt = performance.now();
      else member.isUp = true;
    });
    this.#members[place] = member;
  }

  #at(place: number): Member {
    const member = this.#members[place];
    if (!member) throw new Error(`There is no worker ${place}`);
    return member;
  }
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
