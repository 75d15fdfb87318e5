/**
 * Plays one schedule: programs run on simulated workers over the memory store, in virtual time, while
 * adversities happen. Then everything is put right, and all that is not finished must finish (I3).
 */
import { toDefinition } from "../../src/wiring/workflow-options.ts";
import type { CommandOutcome } from "../../src/engine/ports/commands.ts";
import { MemoryDispatcher } from "../../src/memory/memory-dispatcher.ts";
import type { InstanceState } from "../../src/memory/instance-state.ts";
import { MemoryQueue } from "../../src/memory/memory-queue.ts";
import { MemoryStore } from "../../src/memory/memory-store.ts";
import { VirtualClock } from "../../src/memory/virtual-clock.ts";
import { decodeError, decodePayload, encodePayload } from "../../src/model/payload.ts";
import { isFinished } from "../../src/model/status.ts";
import { Audit } from "./audit.ts";
import { Chance } from "./chance.ts";
import { SimulatedWorkflow } from "./interpreter.ts";
import { Ledger } from "./ledger.ts";
import { SimulatedProcess } from "./process.ts";
import { predict } from "./model.ts";
import { Losses } from "./losses.ts";
import { hasOutside, hasUndoThatFails, longestMs } from "./program.ts";
import type { Program } from "./program.ts";
import type { Adversity, Network, Schedule } from "./schedule.ts";
import { circumstancesOf, isCalm, losesWork } from "./schedule.ts";
import { newStatistics } from "./statistics.ts";
import type { Statistics } from "./statistics.ts";
import { Violations } from "./violations.ts";

/** Everything that can hold an instance up after the last adversity: leases, lost requests, isolation. */
const SLACK_MS = 120_000;
const LATEST_MS = 100;
const AFTERMATH_MS = 6_000;
/** How long it takes to accept that a flagged instance repeats what was lost. */
const DECISION_MS = 500;
const RETENTION_MS = 30 * 86_400_000;
const PEACE: Network = {
  latencyMs: 0,
  isSteady: true,
  failing: 0,
  lost: 0,
  doubled: 0,
  late: 0,
  chance: 0,
};

export class Simulation {
  readonly clock = new VirtualClock();
  readonly violations: Violations = new Violations(this.clock);
  readonly store: MemoryStore = new MemoryStore(this.clock);
  readonly #schedule: Schedule;
  readonly #audit: Audit;
  readonly #ledger: Ledger;
  readonly #losses: Losses;
  readonly #queue = new MemoryQueue(this.clock);
  readonly #dispatcher = new MemoryDispatcher(this.#queue);
  readonly #chance: Chance;
  readonly #processes: SimulatedProcess[] = [];
  /** Changed in place when peace comes. */
  readonly #network: Network;
  readonly logs: string[] = [];
  readonly statistics: Statistics = newStatistics();
  #eventCount = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#network = { ...schedule.network };
    this.#chance = new Chance(schedule.network.chance);
    // Nothing is late that nothing holds up. Code outside steps may hold up a replay.
    const hasNoCause = isCalm(schedule) && !schedule.programs.some((p) => hasOutside(p.statements));
    this.#audit = new Audit({
      store: this.store,
      violations: this.violations,
      statistics: this.statistics,
      latestMs: hasNoCause ? LATEST_MS : Infinity,
    });
    this.#losses = new Losses(this.#audit);
    this.#losses.onFlagged = (instanceId) => this.#decide(instanceId);
    this.#ledger = new Ledger({
      audit: this.#audit,
      losses: this.#losses,
      losesWork: losesWork(schedule),
      expectsPromptness: isCalm(schedule) && schedule.warmLimit > 1,
    });
  }

  /** Resolves with what was violated, in the order in which it was noticed. */
  async play(): Promise<readonly string[]> {
    this.#queue.interfere(() => this.#interfere());
    for (let i = 0; i < this.#schedule.workers; i++) this.#start();
    await this.#createAll();
    const startedAt = this.clock.now();
    for (const { at, happen } of this.#moments()) {
      await this.clock.advance(startedAt + at - this.clock.now());
      if (this.violations.found.length > 0) return this.violations.found;
      await happen();
    }
    await this.clock.advance(this.#schedule.lastsMs);
    if (this.violations.found.length > 0) return this.violations.found;
    await this.#makePeace();
    await this.clock.settle();
    await this.#finishAll();
    return this.violations.found;
  }

  /** The history of every instance, for a report. */
  describe(): string {
    return this.store
      .snapshot()
      .map(({ id, status, history }) => {
        const lines = history.map(({ at, text }) => `  ${at - this.#epoch} ${text.slice(0, 200)}`);
        return `${id} is ${status}\n${lines.join("\n")}`;
      })
      .join("\n");
  }

  readonly #epoch: number = this.clock.now();

  async #createAll(): Promise<void> {
    const instances = this.#schedule.programs.map(({ delayMs }, index) => ({
      id: idOf(index),
      params: encodePayload({ program: index }),
      priority: 0,
      delayMs,
      retention: { successMs: RETENTION_MS, errorMs: RETENTION_MS },
      nonce: idOf(index),
    }));
    const outcomes = await this.#audit.run(
      "create",
      async () => await this.store.instances.create(instances),
    );
    for (const outcome of outcomes)
      if (outcome.type === "created") await this.#dispatcher.dispatch(outcome.requests);
  }

  /** What happens, in order. To what a loss leads has to be kept when it comes by. */
  #moments(): readonly { readonly at: number; readonly happen: () => Promise<void> }[] {
    const moments = this.#schedule.adversities.flatMap(({ at, what }) => {
      if (what.type !== "loss") return [{ at, happen: async () => await this.#happen(what) }];
      let setBack = (): void => {};
      const keep = async (): Promise<void> => void (setBack = this.store.partition.capture());
      const lose = async (): Promise<void> => this.#losses.happen(() => setBack(), this.#processes);
      return [
        { at: Math.max(0, at - what.lostMs), happen: keep },
        { at, happen: lose },
      ];
    });
    return moments.toSorted((a, b) => a.at - b.at);
  }

  #start(): void {
    const { concurrencyLimit, warmLimit, programs } = this.#schedule;
    const options = {
      name: "simulated",
      ...(concurrencyLimit > 0 && { concurrency: { limit: concurrencyLimit } }),
    };
    const process: SimulatedProcess = new SimulatedProcess({
      workerId: `worker-${this.#processes.length}`,
      clock: this.clock,
      audit: this.#audit,
      losses: this.#losses,
      queue: this.#queue,
      network: this.#network,
      chance: this.#chance,
      warmLimit,
      define: (process) =>
        toDefinition(SimulatedWorkflow, options, { ledger: this.#ledger, process, programs }),
      onLog: (level, message, facts) => this.#onLog(level, message, facts),
    });
    this.#processes.push(process);
    process.start().catch(() => {
      // As a process whose worker cannot start would: it exits, and another takes its place.
      process.crash();
      this.#start();
    });
  }

  #onLog(level: string, message: string, facts: unknown): void {
    const { error } = (facts ?? {}) as { readonly error?: unknown };
    this.logs.push(`${this.clock.now() - this.#epoch} ${level} ${message} ${String(error ?? "")}`);
    if (this.#losses.hear(message, facts)) return;
    if (level === "error") this.violations.report("log", `${message}: ${String(error)}`);
  }

  /** As an operator does who accepts that a flagged instance repeats what was lost. */
  #decide(instanceId: string): void {
    this.clock.after(DECISION_MS, () => {
      const resume = async (): Promise<CommandOutcome> =>
        await this.store.commands.resume(instanceId);
      void this.#command("resume", resume);
    });
  }

  #interfere(): { copies: number; delayMs: number } {
    const { lost, doubled, late } = this.#network;
    const copies = this.#chance.hits(lost) ? 0 : this.#chance.hits(doubled) ? 2 : 1;
    return { copies, delayMs: this.#chance.hits(late) ? this.#chance.upTo(8_000) : 0 };
  }

  async #happen(what: Adversity): Promise<void> {
    const { store } = this;
    switch (what.type) {
      case "crash":
        return this.#pick(what.worker)?.crash();
      case "isolate":
        return this.#pick(what.worker)?.isolate();
      case "freeze":
        return this.#pick(what.worker)?.freeze(what.forMs);
      case "outage":
        return this.#pick(what.worker)?.cutOff(what.forMs);
      case "close":
        return this.#pick(what.worker)?.close();
      case "start":
        return this.#start();
      case "deafen":
        store.partition.notices.disconnect();
        this.clock.after(what.forMs, () => store.partition.notices.reconnect());
        return;
      case "event": {
        const event = { type: what.eventType, payload: encodePayload({ e: ++this.#eventCount }) };
        const send = async () => await store.commands.sendEvent(this.#idOf(what), event);
        return await this.#command("sendEvent", send);
      }
      case "loss":
        return;
      default: {
        const { type } = what;
        return await this.#command(type, async () => await store.commands[type](this.#idOf(what)));
      }
    }
  }

  /** One of the workers that are well. */
  #pick(worker: number): SimulatedProcess | undefined {
    const useful = this.#processes.filter(({ isUseful }) => isUseful);
    return useful[worker % useful.length];
  }

  #idOf({ instance }: { readonly instance: number }): string {
    return idOf(instance % this.#schedule.programs.length);
  }

  async #command(verb: string, command: () => Promise<CommandOutcome>): Promise<void> {
    const outcome = await this.#audit.run(verb, command);
    if (outcome.type === "done") await this.#dispatcher.dispatch(outcome.requests);
  }

  async #makePeace(): Promise<void> {
    Object.assign(this.#network, PEACE);
    this.store.partition.notices.reconnect();
    for (const process of this.#processes) process.recover();
    if (!this.#processes.some(({ isUseful }) => isUseful)) this.#start();
    for (const index of this.#schedule.programs.keys()) {
      await this.#command("resume", async () => await this.store.commands.resume(idOf(index)));
    }
  }

  async #finishAll(): Promise<void> {
    const longest = this.#schedule.programs.map(({ statements }) => longestMs(statements));
    const once = longest.reduce((a, b) => a + b, SLACK_MS);
    const losses = this.#schedule.adversities.filter(({ what }) => what.type === "loss");
    const deadline = this.clock.now() + once * (1 + losses.length);
    while (!this.#isAllFinished() && (this.clock.nextTimerAt ?? Infinity) <= deadline) {
      await this.clock.advanceToNext();
      if (this.violations.found.length > 0) return;
    }
    for (const { created, status } of this.store.partition.instances.values()) {
      const isOver = isFinished(status);
      this.violations.check(isOver, "I3", () => `${created.id} is still ${status}`);
    }
    // What is still on its way arrives, and must not change what is over.
    await this.clock.advance(AFTERMATH_MS);
    this.#checkOutputs();
    this.#checkProcesses();
    this.#losses.checkEnd();
  }

  #isAllFinished(): boolean {
    return [...this.store.partition.instances.values()].every(({ status }) => isFinished(status));
  }

  #checkOutputs(): void {
    for (const state of this.store.partition.instances.values()) {
      const { created, createdAt, startedAt } = state;
      if (state.status !== "terminated") this.#checkOutput(state);
      const program = this.#schedule.programs[Number(created.id.slice(1))];
      if (program) this.#checkRollback(state, program);
      const isEarly = startedAt !== undefined && startedAt < createdAt + created.delayMs;
      if (isEarly && this.#audit.fold(created.id).number === 1)
        this.violations.report("I5", `${created.id} started early`);
    }
  }

  /** What can be undone is, unless a rollback fails more often than it is tried. */
  #checkRollback({ created, status }: InstanceState, program: Program): void {
    const { rollback } = this.#audit.fold(created.id);
    const canFail = losesWork(this.#schedule) || hasUndoThatFails(program.statements);
    const isRight = rollback.outcome !== "failed" || canFail;
    this.violations.check(isRight, "I3", () => `${created.id} is ${status}, and not rolled back`);
  }

  #checkOutput({ created, status, output, error }: InstanceState): void {
    const program = this.#schedule.programs[Number(created.id.slice(1))];
    if (!program) return;
    const expected = program.throws ? "errored" : "complete";
    if (status !== expected) {
      this.violations.report("I9", `${created.id} is ${status}, not ${expected}`);
      return;
    }
    const foreseen = predict(program, circumstancesOf(this.#schedule));
    if (foreseen === undefined) return;
    this.statistics.predicted++;
    const actual =
      output === undefined
        ? (decodeError(error ?? "null") as Error).message
        : JSON.stringify(decodePayload(output));
    if (actual !== JSON.stringify(foreseen))
      this.violations.report("model", `${actual} instead of ${JSON.stringify(foreseen)}`);
  }

  /** A worker that is well keeps nothing of what is over. */
  #checkProcesses(): void {
    for (const { isUseful, unsettled, workerId } of this.#processes) {
      if (!isUseful || unsettled === 0) continue;
      this.violations.report("I3", `${workerId} still holds ${unsettled} slots`);
    }
  }
}

function idOf(index: number): string {
  return `i${index}`;
}
