/**
 * The store on Redis: one method per verb, one script per method.
 *
 * What a verb does, and that it does all of it or nothing, is said in Lua: see scripts/ and
 * docs/store.md. Here arguments are named and answers decoded. The client belongs to whoever made it.
 */
import type {
  ActivationRequest,
  ClaimOutcome,
  ClaimRefusal,
  ClaimRequest,
  CommandOutcome,
  CommitOutcome,
  ConnectionListener,
  ControlMessage,
  CreateOutcome,
  DueOutcome,
  FencedWrite,
  FinishOutcome,
  FinishRequest,
  InstancePage,
  InstanceRecord,
  KnownInstance,
  ListRequest,
  NewInstance,
  ReassertOutcome,
  ReleaseOutcome,
  RenewOutcome,
  SettlePauseOutcome,
  Store,
  StoredEntry,
  SuspendOutcome,
  SuspendRequest,
  Unsubscribe,
} from "../engine/ports.ts";
import type { Payload } from "../model/payload.ts";
import { STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import { finishedChannel, parseControlMessage, workerChannel } from "./channels.ts";
import { watchConnection } from "./connection-watch.ts";
import * as decode from "./decode.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Script } from "./script.ts";
import * as scripts from "./scripts.generated.ts";
import type { Subscriptions } from "./subscriptions.ts";

const STALE = { type: "stale" } as const;

export interface RedisStoreParts {
  readonly client: RedisClient;
  readonly subscriptions: Subscriptions;
  /** The hash tag that all keys of the workflow's partition start with, braces included. */
  readonly tag: string;
}

export class RedisStore implements Store {
  readonly #client: RedisClient;
  readonly #scripts: ScriptRunner;
  readonly #subscriptions: Subscriptions;
  readonly #tag: string;
  readonly #unsubscribes = new Set<Unsubscribe>();

  constructor({ client, subscriptions, tag }: RedisStoreParts) {
    this.#client = client;
    this.#scripts = new ScriptRunner(client, tag);
    this.#subscriptions = subscriptions;
    this.#tag = tag;
  }

  async configure(settings: {
    readonly concurrencyLimit: number;
  }): Promise<readonly ActivationRequest[]> {
    return decode.decodeRequests(await this.#scripts.run(scripts.configureWorkflow, settings), 1);
  }

  async create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]> {
    return await Promise.all(instances.map((instance) => this.#createOne(instance)));
  }

  async get(instanceId: string): Promise<InstanceRecord | undefined> {
    const reply = await this.#scripts.gather(scripts.readInstance, { id: instanceId });
    return reply[0] === "missing" ? undefined : decode.decodeRecord(instanceId, reply);
  }

  async history(instanceId: string): Promise<readonly StoredEntry[]> {
    const reply = await this.#scripts.run(scripts.readHistory, { id: instanceId });
    return decode.decodeEntries(reply.slice(1));
  }

  async counts(): Promise<Readonly<Record<InstanceStatus, number>>> {
    const reply = await this.#scripts.run(scripts.countInstances, { statuses: STATUSES });
    const counts = STATUSES.map((status, index) => [status, Number(reply[index + 1])]);
    return Object.fromEntries(counts) as Record<InstanceStatus, number>;
  }

  async list({ status, limit, cursor }: ListRequest): Promise<InstancePage> {
    const after = decode.parseCursor(cursor);
    // One more than asked for tells whether there is another page.
    const reply = await this.#scripts.run(scripts.listInstances, {
      status,
      limit: limit + 1,
      afterCreatedAt: after.createdAt,
      afterId: after.id,
    });
    return decode.decodePage(reply, limit);
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    const reply = await this.#scripts.gather(scripts.claimInstance, {
      id: request.instanceId,
      worker: request.workerId,
      leaseMs: request.leaseMs,
      nonce: request.nonce,
      heldFence: request.held?.fence ?? "",
      heldEntries: request.held?.entries ?? 0,
      early: request.early ? 1 : 0,
    });
    if (reply[0] === "refused") return { type: "refused", reason: reply[1] as ClaimRefusal };
    return { type: "claimed", claim: decode.decodeClaim(reply) };
  }

  async commit(write: FencedWrite): Promise<CommitOutcome> {
    const reply = await this.#scripts.gather(scripts.commitEntries, toArgs(write));
    if (reply[0] === "stale") return STALE;
    return { type: "committed", at: Number(reply[1]), news: decode.decodeNews(reply, 2) };
  }

  async suspend(write: SuspendRequest): Promise<SuspendOutcome> {
    const reply = await this.#scripts.gather(scripts.suspendInstance, {
      ...toArgs(write),
      wakeAt: write.wakeAt ?? "",
      wakeInMs: write.wakeInMs ?? "",
      awaits: write.awaits.join("\n"),
    });
    if (reply[0] === "stale") return STALE;
    if (reply[0] === "arrived") return { type: "arrived", news: decode.decodeNews(reply, 1) };
    return { type: "suspended", ...decode.decodeEnding(reply) };
  }

  async finish(write: FinishRequest): Promise<FinishOutcome> {
    const { result } = write;
    const reply = await this.#scripts.gather(scripts.finishInstance, {
      ...toArgs(write),
      status: result.status,
      result: result.status === "complete" ? result.output : result.error,
    });
    if (reply[0] === "stale") return STALE;
    return { type: "finished", ...decode.decodeEnding(reply) };
  }

  async settlePause(write: FencedWrite): Promise<SettlePauseOutcome> {
    const reply = await this.#scripts.run(scripts.settlePause, toArgs(write));
    if (reply[0] === "stale") return STALE;
    if (reply[0] === "paused") return { type: "paused", ...decode.decodeEnding(reply) };
    return { type: "resumed", at: Number(reply[1]), news: decode.decodeNews(reply, 2) };
  }

  async release(write: FencedWrite): Promise<ReleaseOutcome> {
    const reply = await this.#scripts.run(scripts.releaseInstance, toArgs(write));
    if (reply[0] === "stale") return STALE;
    return { type: "released", ...decode.decodeEnding(reply) };
  }

  async renew(request: {
    readonly instanceId: string;
    readonly fence: number;
    readonly leaseMs: number;
    readonly seenEvent: number;
  }): Promise<RenewOutcome> {
    const args = { ...request, id: request.instanceId };
    const reply = await this.#scripts.gather(scripts.renewLease, args);
    return reply[0] === "stale" ? STALE : { type: "renewed", news: decode.decodeNews(reply, 1) };
  }

  async reassert(known: KnownInstance): Promise<ReassertOutcome> {
    const reply = await this.#scripts.gather(scripts.reassertHistory, {
      id: known.instanceId,
      fence: known.fence,
      createdAt: known.createdAt ?? "",
      ageMs: known.ageMs,
      lastEvent: known.lastEvent,
      lastEventAt: known.lastEventAt,
      known: known.entries,
      consumed: known.held.flatMap(({ at, consumed }) => consumed.flatMap((seq) => [seq, at])),
      held: known.held.map(({ at, text }) => `${at}${text}`),
    });
    return decode.decodeReassertion(reply);
  }

  async sendEvent(
    instanceId: string,
    { type, payload }: { readonly type: string; readonly payload?: Payload },
  ): Promise<CommandOutcome> {
    return await this.#command(scripts.sendEvent, {
      id: instanceId,
      type,
      payload: payload === undefined ? [] : [payload],
    });
  }

  async pause(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.pauseInstance, { id: instanceId });
  }

  async resume(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.resumeInstance, { id: instanceId });
  }

  async terminate(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.terminateInstance, { id: instanceId });
  }

  async restart(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.restartInstance, { id: instanceId });
  }

  async delete(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.deleteInstance, { id: instanceId });
  }

  async wakeDue(limit: number): Promise<DueOutcome> {
    const reply = await this.#scripts.run(scripts.wakeDue, { limit });
    const [, now, nextAt] = reply;
    return {
      requests: decode.decodeRequests(reply, 3),
      now: Number(now),
      ...(nextAt !== "" && { nextAt: Number(nextAt) }),
    };
  }

  async adoptOrphans(limit: number): Promise<readonly ActivationRequest[]> {
    return decode.decodeRequests(await this.#scripts.run(scripts.adoptOrphans, { limit }), 1);
  }

  async redispatch(request: {
    readonly olderThanMs: number;
    readonly limit: number;
  }): Promise<readonly ActivationRequest[]> {
    return decode.decodeRequests(await this.#scripts.run(scripts.redispatchPending, request), 1);
  }

  async expire(limit: number): Promise<number> {
    const [, count] = await this.#scripts.run(scripts.expireInstances, { limit });
    return Number(count);
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    return this.#keep(
      await this.#subscriptions.listen(
        workerChannel(this.#tag, workerId),
        (message) => listener(parseControlMessage(message)),
        // What a worker may have missed, its next renewal brings.
        () => undefined,
      ),
    );
  }

  async onFinished(
    listener: (instanceId: string) => void,
    onGap: () => void,
  ): Promise<Unsubscribe> {
    return this.#keep(
      await this.#subscriptions.listen(finishedChannel(this.#tag), listener, onGap),
    );
  }

  onConnection(listener: ConnectionListener): Unsubscribe {
    return this.#keep(watchConnection(this.#client, listener));
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#unsubscribes.clear();
  }

  async #createOne(instance: NewInstance): Promise<CreateOutcome> {
    const { retention, ...rest } = instance;
    const reply = await this.#scripts.gather(scripts.createInstance, { ...rest, ...retention });
    if (reply[0] === "exists") return { type: "exists" };
    return { type: "created", requests: decode.decodeRequests(reply, 1) };
  }

  async #command<Args>(script: Script<Args>, args: Args): Promise<CommandOutcome> {
    return decode.decodeCommand(await this.#scripts.run(script, args));
  }

  #keep(unsubscribe: Unsubscribe): Unsubscribe {
    this.#unsubscribes.add(unsubscribe);
    return () => {
      this.#unsubscribes.delete(unsubscribe);
      unsubscribe();
    };
  }
}

function toArgs(write: FencedWrite): FencedWrite & { readonly id: string } {
  return { ...write, id: write.instanceId };
}
