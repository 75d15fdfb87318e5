/**
 * The store on Redis: one method per verb, one script per method.
 *
 * What a verb does, and that it does all of it or nothing, is said in Lua: see scripts/ and
 * docs/store.md. Here arguments are named and answers decoded. The client belongs to whoever made it.
 */
import type { IncomingEvent, OnceMark } from "../engine/command-ports.ts";
import type { InsightStore } from "../engine/insight-ports.ts";
import { isSearch } from "../engine/list-ports.ts";
import type { InstancePage, ListRequest } from "../engine/list-ports.ts";
import type {
  ActivationRequest,
  ClaimOutcome,
  ClaimRequest,
  CommandOutcome,
  CommitOutcome,
  CommitRequest,
  CreateOutcome,
  DueOutcome,
  FencedWrite,
  FinishOutcome,
  FinishRequest,
  HistoryPage,
  HistoryRequest,
  InstanceRecord,
  KnownInstance,
  NewInstance,
  ReassertOutcome,
  ReleaseOutcome,
  RenewOutcome,
  RestartOutcome,
  RestartRequest,
  SettlePauseOutcome,
  Store,
  StoredEntry,
  SuspendOutcome,
  SuspendRequest,
} from "../engine/ports.ts";
import type { FinishRollbackRequest } from "../engine/rollback-ports.ts";
import type { ScheduleStore } from "../engine/schedule-ports.ts";
import type { Barrier } from "../model/barrier.ts";
import { isFinished, STATUSES } from "../model/status.ts";
import type { InstanceStatus } from "../model/status.ts";
import type { BarrierLine } from "./barrier-line.ts";
import type { Barriers } from "./barriers.ts";
import { createInsightStore } from "./redis-insights.ts";
import { createScheduleStore } from "./redis-schedules.ts";
import * as decode from "./decode.ts";
import { decodePage, decodeSearch } from "./decode-list.ts";
import {
  encodeClaim,
  encodeKnown,
  encodeRestart,
  encodeStreams,
  encodeList,
  encodeOnce,
  encodeRollbackEnd,
  encodeSearch,
  encodeWrite,
} from "./encode.ts";
import { RedisStreams } from "./redis-streams.ts";
import { Notices } from "./notices.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Decode } from "./script-batches.ts";
import type { Script } from "./script.ts";
import * as scripts from "./scripts.generated.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface RedisStoreParts {
  readonly client: RedisClient;
  readonly subscriptions: Subscriptions;
  /** The hash tag that all keys of the workflow's partition start with, braces included. */
  readonly tag: string;
  /** Without it nothing waits for more than Redis's answer. */
  readonly barriers?: Barriers;
  /** What creating and commanding wait for, and who reads how an instance ended. @defaultValue "memory" */
  readonly barrier?: Barrier;
}

export class RedisStore implements Store {
  readonly declareSchedules: ScheduleStore["declareSchedules"] = (declaration) =>
    this.#schedules.declareSchedules(declaration);
  readonly putSchedules: ScheduleStore["putSchedules"] = (declaration) =>
    this.#schedules.putSchedules(declaration);
  readonly fire: ScheduleStore["fire"] = (request) => this.#schedules.fire(request);
  readonly schedules: ScheduleStore["schedules"] = () => this.#schedules.schedules();
  readonly whereabouts: Store["whereabouts"] = (id) => this.#insights.whereabouts(id);
  readonly queue: Store["queue"] = () => this.#insights.queue();
  readonly writeChunk: Store["writeChunk"] = (write) => this.#streams.write(write);
  readonly readChunk: Store["readChunk"] = (chunk) => this.#streams.read(chunk);
  readonly checkStreams: Store["checkStreams"] = (...these) => this.#streams.check(...these);
  readonly discardStream: Store["discardStream"] = (stream) => this.#streams.discard(stream);
  readonly sweepStreams: Store["sweepStreams"] = (request) => this.#streams.sweep(request);
  readonly onControl: Store["onControl"] = (...parameters) =>
    this.#notices.onControl(...parameters);
  readonly onFinished: Store["onFinished"] = (...parameters) =>
    this.#notices.onFinished(...parameters);
  readonly onHistory: Store["onHistory"] = (...parameters) =>
    this.#notices.onHistory(...parameters);
  readonly onConnection: Store["onConnection"] = (listener) => this.#notices.onConnection(listener);
  readonly survey: Store["survey"] = (request) => this.#insights.survey(request);
  readonly #scripts: ScriptRunner;
  readonly #streams: RedisStreams;
  readonly #notices: Notices;
  readonly #tag: string;
  readonly #barriers: Barriers | undefined;
  readonly #barrier: Barrier;
  readonly #schedules: ScheduleStore;
  readonly #insights: InsightStore;

  constructor({ client, subscriptions, tag, barriers, barrier = "memory" }: RedisStoreParts) {
    this.#scripts = new ScriptRunner(client, tag);
    this.#streams = new RedisStreams(this.#scripts);
    this.#notices = new Notices({ client, subscriptions, tag, barrier });
    this.#tag = tag;
    this.#insights = createInsightStore(this.#scripts);
    this.#barriers = barriers;
    this.#barrier = barrier;
    this.#schedules = createScheduleStore(this.#scripts, (script, args, decodeReply) =>
      this.#write(script, args, decodeReply, barrier),
    );
  }

  async configure(
    settings: Parameters<Store["configure"]>[0],
  ): Promise<readonly ActivationRequest[]> {
    return decode.decodeRequests(await this.#scripts.run(scripts.configureWorkflow, settings), 1);
  }

  async create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]> {
    return await Promise.all(instances.map((instance) => this.#createOne(instance)));
  }

  async get(instanceId: string): Promise<InstanceRecord | undefined> {
    const record = await this.#scripts.gather(scripts.readInstance, { id: instanceId }, (reply) =>
      reply[0] === "missing" ? undefined : decode.decodeRecord(instanceId, reply),
    );
    if (!record) return undefined;
    // It was announced before anyone could wait for it. Whoever reads it waits instead.
    if (this.#barrier !== "memory" && isFinished(record.status)) await this.#hold();
    return record;
  }

  async history(instanceId: string): Promise<readonly StoredEntry[]> {
    const reply = await this.#scripts.run(scripts.readHistory, { id: instanceId });
    return decode.decodeEntries(reply.slice(1));
  }

  async readHistory(request: HistoryRequest): Promise<HistoryPage | undefined> {
    const { instanceId: id, from, limit, watchMs = "" } = request;
    const args = { id, from, limit, watchMs };
    const page = await this.#scripts.gather(scripts.pageHistory, args, (reply) =>
      reply[0] === "missing" ? undefined : decode.decodeHistoryPage(reply),
    );
    if (!page) return undefined;
    // Nobody outside is told of what may yet be lost, where that was asked for.
    if (this.#barrier !== "memory" && page.entries.length > 0) await this.#hold();
    return page;
  }

  async counts(): Promise<Readonly<Record<InstanceStatus, number>>> {
    const statuses = STATUSES;
    return decode.decodeCounts(await this.#scripts.run(scripts.countInstances, { statuses }));
  }

  async list(request: ListRequest): Promise<InstancePage> {
    if (isSearch(request)) {
      const found = await this.#scripts.run(scripts.searchInstances, encodeSearch(request));
      return decodeSearch(found, request);
    }
    return decodePage(await this.#scripts.run(scripts.listInstances, encodeList(request)));
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    const args = encodeClaim(request);
    const outcome = await this.#scripts.gather(scripts.claimInstance, args, decode.decodeClaim);
    // Who held it before may have died between a write and its barrier.
    if (outcome.type === "claimed" && outcome.claim.isAfterCrash) await this.#hold();
    return outcome;
  }

  commit(write: CommitRequest): Promise<CommitOutcome> {
    const { barrier, streams } = write;
    const args = encodeWrite(write);
    if (!streams) return this.#write(scripts.commitEntries, args, decode.decodeCommit, barrier);
    const allArgs = { ...args, ...encodeStreams(streams) };
    return this.#write(scripts.commitStreams, allArgs, decode.decodeCommit, barrier);
  }

  suspend(write: SuspendRequest): Promise<SuspendOutcome> {
    const args = {
      ...encodeWrite(write),
      wakeAt: write.wakeAt ?? "",
      wakeInMs: write.wakeInMs ?? "",
      awaits: write.awaits.join("\n"),
    };
    return this.#scripts.gather(scripts.suspendInstance, args, decode.decodeSuspend);
  }

  finish(write: FinishRequest): Promise<FinishOutcome> {
    const { result } = write;
    const args = {
      ...encodeWrite(write),
      status: result.status,
      result: result.status === "complete" ? result.output : result.error,
    };
    return this.#write(scripts.finishInstance, args, decode.decodeFinish, write.barrier);
  }

  startRollback(write: FencedWrite): Promise<CommitOutcome> {
    return this.#write(
      scripts.startRollback,
      encodeWrite(write),
      decode.decodeCommit,
      write.barrier,
    );
  }

  finishRollback(write: FinishRollbackRequest): Promise<FinishOutcome> {
    const args = encodeRollbackEnd(write);
    return this.#write(scripts.finishRollback, args, decode.decodeFinish, write.barrier);
  }

  async settlePause(write: FencedWrite): Promise<SettlePauseOutcome> {
    const reply = await this.#scripts.run(scripts.settlePause, encodeWrite(write));
    return decode.decodeSettledPause(reply);
  }

  async release(write: FencedWrite): Promise<ReleaseOutcome> {
    return decode.decodeRelease(
      await this.#scripts.run(scripts.releaseInstance, encodeWrite(write)),
    );
  }

  renew(request: Parameters<Store["renew"]>[0]): Promise<RenewOutcome> {
    const args = { ...request, id: request.instanceId };
    return this.#scripts.gather(scripts.renewLease, args, decode.decodeRenewal);
  }

  async reassert(known: KnownInstance): Promise<ReassertOutcome> {
    const args = encodeKnown(known);
    return await this.#scripts.gather(scripts.reassertHistory, args, decode.decodeReassertion);
  }

  async sendEvent(
    instanceId: string,
    { type, payload }: IncomingEvent,
    once?: OnceMark,
  ): Promise<CommandOutcome> {
    const text = payload === undefined ? [] : [payload];
    const args = { id: instanceId, type, payload: text, once: encodeOnce(once) };
    return await this.#write(scripts.sendEvent, args, decode.decodeCommand, this.#barrier);
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

  async rollBack(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.rollBackInstance, { id: instanceId });
  }

  async restart(instanceId: string, once?: OnceMark): Promise<CommandOutcome> {
    const args = { id: instanceId, once: encodeOnce(once) };
    return await this.#write(scripts.restartInstance, args, decode.decodeCommand, this.#barrier);
  }

  async restartFrom(request: RestartRequest): Promise<RestartOutcome> {
    const args = encodeRestart(request);
    return await this.#write(scripts.restartFrom, args, decode.decodeRestart, this.#barrier);
  }

  async delete(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(scripts.deleteInstance, { id: instanceId });
  }

  async wakeDue(limit: number): Promise<DueOutcome> {
    return decode.decodeDue(await this.#scripts.run(scripts.wakeDue, { limit }));
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

  async close(): Promise<void> {
    this.#notices.close();
  }

  #createOne(instance: NewInstance): Promise<CreateOutcome> {
    const { retention, labels, ...rest } = instance;
    const args = { ...rest, ...retention };
    if (!labels)
      return this.#write(scripts.createInstance, args, decode.decodeCreation, this.#barrier);
    const allArgs = { ...args, labels };
    return this.#write(scripts.createLabelled, allArgs, decode.decodeCreation, this.#barrier);
  }

  async #command<Args>(script: Script<Args>, args: Args): Promise<CommandOutcome> {
    const line = this.#lineFor(this.#barrier);
    const reply = await (line?.run(this.#tag, script, args) ?? this.#scripts.run(script, args));
    return decode.decodeCommand(reply);
  }

  /** Runs a script with others of its kind, and answers when the barrier holds. */
  #write<Args, Outcome>(
    script: Script<Args>,
    args: Args,
    decodeReply: Decode<Outcome>,
    barrier?: Barrier,
  ): Promise<Outcome> {
    const line = this.#lineFor(barrier);
    if (line) return line.run(this.#tag, script, args).then(decodeReply);
    return this.#scripts.gather(script, args, decodeReply);
  }

  #lineFor(barrier: Barrier = "memory"): BarrierLine | undefined {
    return barrier === "memory" ? undefined : this.#barriers?.lineFor(barrier, this.#tag);
  }

  /** Waits until what was just read is as safe as the workflow's own writes. */
  async #hold(): Promise<void> {
    await this.#lineFor(this.#barrier)?.hold(this.#tag);
  }
}
