/**
 * Acts out one journey on a lane: the victim carries out what a client asks for and runs what it can, the
 * survivor joins when the victim was struck or lets go. Whatever the victim may not have carried out, the
 * test does itself, as a caller would who got no answer.
 */
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import type { Workflow } from "../../../src/client/workflow.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { decodeEntry } from "../../../src/model/history.ts";
import type { WorkflowEngineError } from "../../../src/model/errors.ts";
import { encodePayload } from "../../../src/model/payload.ts";
import { RedisBackend } from "../../../src/wiring/redis-backend.ts";
import { WorkflowEngine } from "../../../src/wiring/workflow-engine.ts";
import { toDefinition } from "../../../src/wiring/workflow-options.ts";
import { eventually } from "../../support/eventually.ts";
import {
  DONE_ALREADY,
  GONE,
  Journey,
  OPTIONS,
  OUTPUTS,
  paramsOf,
  perform,
  ROLLED_BACK,
  SCHEDULED,
  WORKFLOW,
} from "./journey.ts";
import type { Lane } from "./lane.ts";
import type { Cell, Command, CommandVerb, Hits } from "./messages.ts";

/** For each thing that is waited for. */
const PATIENCE_MS = 10_000;

const KEPT_MS = 3_600_000;

export class Stage {
  readonly store: Store;
  readonly #lane: Lane;
  readonly #cell: Cell;
  readonly #backend: RedisBackend;
  readonly #engine: WorkflowEngine;
  readonly #workflow: Workflow;
  readonly #redis: Redis;
  readonly #queue: Queue;
  #isVictimOpen = false;
  #isVictimLeaving = false;
  #wasStruck = false;
  #survivor: Promise<boolean> | undefined;
  #pause: Promise<void> | undefined;
  #hits: Promise<Hits | undefined> | undefined;

  constructor(lane: Lane, cell: Cell) {
    this.#lane = lane;
    this.#cell = cell;
    const config = { connection: lane.redisUrl, prefix: cell.prefix, mode: "client" } as const;
    this.#backend = new RedisBackend(config, {
      telemetry: { log: () => {}, count: () => {} },
      leaseMs: cell.leaseMs,
    });
    this.store = this.#backend.open(WORKFLOW).store;
    this.#engine = new WorkflowEngine(config);
    this.#workflow = this.#engine.register(Journey, { name: WORKFLOW });
    this.#redis = new Redis(lane.redisUrl, { retryStrategy: () => 20 });
    this.#redis.on("error", () => undefined);
    this.#queue = new Queue("activations", { connection: this.#redis, prefix: this.#tag });
    this.#queue.on("error", () => undefined);
    const listener = {
      onStruck: () => this.#onStruck(),
      onDeath: () => void this.#openSurvivor(),
      onCheckpoint: (name: string, go: () => void) => {
        // When this fails, what waits for it says so better.
        this.#onCheckpoint(name, go).catch(() => undefined);
      },
    };
    lane.victim.listener = listener;
    lane.survivor.listener = listener;
  }

  get wasStruck(): boolean {
    return this.#wasStruck;
  }

  /** Resolves when everything has come to its end and nothing is left over. */
  async act(): Promise<void> {
    await this.#prepare();
    this.#isVictimOpen = await this.#lane.victim.open(this.#cell);
    for (const instanceId of ["brief", "again", "deleted", "failing", "abandoned", "main"]) {
      await this.#call("create", instanceId);
    }
    await this.#call("delete", "deleted");
    await Promise.all([this.#followRepeated(), this.#followAbandoned(), this.#followMain()]);
    await eventually(async () => await this.#assertAtRest(), PATIENCE_MS);
  }

  /** How often the victim passed each probe. */
  async leave(): Promise<Hits> {
    const hits = await soon("the victim's close", this.#closeVictim());
    await soon("the survivor's close", this.#lane.survivor.close());
    this.#lane.victim.listener = undefined;
    this.#lane.survivor.listener = undefined;
    return hits ?? {};
  }

  async dispose(): Promise<void> {
    await this.#engine.close();
    await this.#backend.close();
    await this.#queue.close();
    this.#redis.disconnect();
  }

  /** What the store says of the instances, for who looks for the cause of a failure. */
  async describe(): Promise<string> {
    const lines: string[] = [];
    for (const id of [...Object.keys(OUTPUTS), ...Object.keys(ROLLED_BACK), ...GONE]) {
      lines.push(`${id}: ${(await this.store.instances.get(id))?.status}`);
      for (const { at, text } of await this.store.instances.history(id)) {
        lines.push(`  ${new Date(at).toISOString()} ${text}`);
      }
    }
    return lines.join("\n");
  }

  get #tag(): string {
    return `{${this.#cell.prefix}:${WORKFLOW}:0}`;
  }

  /** Leaves what crashes left behind before: an instance of a dead worker, and one nobody asked for. */
  async #prepare(): Promise<void> {
    await this.#redis.flushall();
    const retention = { successMs: KEPT_MS, errorMs: KEPT_MS };
    const common = { priority: 1, delayMs: 0, retention };
    await this.store.instances.create(
      ["orphan", "lost"].map((id) => {
        return { ...common, id, nonce: id, params: encodePayload(paramsOf(id)) };
      }),
    );
    await this.#letScheduleBeDue();
    const dead = { workerId: "dead", nonce: "dead", leaseMs: 0 };
    await this.store.activations.claim({ ...dead, instanceId: "orphan" });
  }

  /** As if no worker had run since before its time. */
  async #letScheduleBeDue(): Promise<void> {
    const { schedules } = toDefinition(Journey, OPTIONS, {});
    const { states } = await this.store.schedules.declareSchedules(await schedules);
    for (const { schedule } of states) {
      await this.#redis.hset(`${this.#tag}:schedules`, `f:${schedule.key}`, 0);
    }
  }

  async #followRepeated(): Promise<void> {
    await eventually(async () => await this.#assertStatus("again", "waiting"), PATIENCE_MS);
    await this.#call("terminate", "again");
    await this.#call("restart", "again");
    await eventually(async () => await this.#assertStatus("again", "waiting"), PATIENCE_MS);
    await this.#call("restartFrom", "again");
    await this.#call("sendEvent", "again");
  }

  async #followAbandoned(): Promise<void> {
    await eventually(async () => await this.#assertStatus("abandoned", "waiting"), PATIENCE_MS);
    await this.#call("rollBack", "abandoned");
  }

  async #followMain(): Promise<void> {
    await eventually(async () => {
      const entries = (await this.store.instances.history("main")).map(({ text }) =>
        decodeEntry(text),
      );
      if (entries.every(({ type }) => type !== "wait_started")) throw new Error("No wait yet");
    }, PATIENCE_MS);
    await this.#call("sendEvent", "main");
    await eventually(async () => {
      if (!this.#pause) throw new Error("main has not come to its pause");
    }, PATIENCE_MS);
    await this.#pause;
    await eventually(async () => await this.#assertStatus("main", "paused"), PATIENCE_MS);
    await this.#call("resume", "main");
  }

  async #onCheckpoint(name: string, go: () => void): Promise<void> {
    if (name === "hold") await (this.#pause ??= this.#call("pause", "main"));
    else await this.#beforeDrain();
    go();
  }

  /** The victim leaves when it has seen to all others, and so passed everything that they bring about. */
  async #beforeDrain(): Promise<void> {
    await eventually(
      async () => await this.#assertEnded(["again", "orphan", "lost", SCHEDULED]),
      PATIENCE_MS,
    );
    void this.#closeVictim();
  }

  #onStruck(): void {
    this.#wasStruck = true;
    void this.#openSurvivor();
  }

  async #openSurvivor(): Promise<boolean> {
    const { target: _, adversity: __, ...cell } = this.#cell;
    return await (this.#survivor ??= this.#lane.survivor.open(cell));
  }

  async #closeVictim(): Promise<Hits | undefined> {
    this.#isVictimLeaving = true;
    void this.#openSurvivor();
    return await (this.#hits ??= this.#lane.victim.close());
  }

  async #call(verb: CommandVerb, instanceId: string): Promise<void> {
    const command = { verb, instanceId };
    const { victim } = this.#lane;
    if (this.#isVictimOpen && !this.#isVictimLeaving && !victim.isDead) {
      const isDone = await victim.call(command).then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
    await eventually(async () => await this.#callMyself(command), PATIENCE_MS);
  }

  async #callMyself(command: Command): Promise<void> {
    try {
      await perform(this.#workflow, command);
    } catch (error) {
      const { code } = error as WorkflowEngineError;
      if (code === undefined || code !== DONE_ALREADY[command.verb]) throw error;
    }
  }

  async #assertStatus(instanceId: string, expected: string): Promise<void> {
    const status = (await this.store.instances.get(instanceId))?.status;
    if (status !== expected) throw new Error(`${instanceId} is ${status}, not ${expected}`);
  }

  /** And that those are gone that are not to last. */
  async #assertEnded(instanceIds: readonly string[]): Promise<void> {
    for (const instanceId of instanceIds) await this.#assertStatus(instanceId, "complete");
    for (const [instanceId, { status }] of Object.entries(ROLLED_BACK)) {
      await this.#assertStatus(instanceId, status);
    }
    for (const instanceId of GONE) {
      if (await this.store.instances.get(instanceId))
        throw new Error(`${instanceId} is still there`);
    }
  }

  async #assertAtRest(): Promise<void> {
    await this.#assertEnded(Object.keys(OUTPUTS));
    const places = ["pending", "backlog", "leases", "timers"] as const;
    const left: Record<string, number> = await this.#queue.getJobCounts();
    // The next alarm.
    left["delayed"] = (left["delayed"] ?? 0) - (await this.#queue.getJobSchedulersCount());
    left["unfinished"] = await this.#redis.zcard(`${this.#tag}:active:${OPTIONS.schedules.cron}`);
    for (const place of places) left[place] = await this.#redis.zcard(`${this.#tag}:${place}`);
    const isEmpty = Object.values(left).every((count) => count === 0);
    if (!isEmpty) throw new Error(`Left over: ${JSON.stringify(left)}`);
  }
}

async function soon<Result>(what: string, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes too long`)), PATIENCE_MS);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
