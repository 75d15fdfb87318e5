/**
 * A store that lives in this process, on any clock.
 *
 * It keeps the rules of the Redis store, which one conformance suite checks on both. A store made on
 * the partition of another shares its instances, as two processes share one Redis.
 */
import type { Whereabouts } from "../engine/insight-ports.ts";
import type { InstancePage, ListRequest } from "../engine/list-ports.ts";
import type {
  ActivationRequest,
  ClaimOutcome,
  ClaimRequest,
  Clock,
  CommandOutcome,
  CommitOutcome,
  CommitRequest,
  ConnectionListener,
  ControlMessage,
  CreateOutcome,
  DueOutcome,
  EndNotice,
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
  Unsubscribe,
} from "../engine/ports.ts";
import type { FinishRollbackRequest } from "../engine/rollback-ports.ts";
import type {
  ChunkOutcome,
  ChunkWrite,
  StoredChunk,
  StoredStream,
  StreamSweep,
} from "../engine/stream-ports.ts";
import type { StreamReference } from "../model/history.ts";
import type {
  FireOutcome,
  FireRequest,
  ScheduleDeclaration,
  SchedulesInForce,
} from "../engine/schedule-ports.ts";
import type { InstanceStatus } from "../model/status.ts";
import { configure } from "./admission.ts";
import { claim } from "./claim.ts";
import {
  pause,
  remove,
  restart,
  restartFrom,
  resume,
  rollBack,
  sendEvent,
  terminate,
} from "./commands.ts";
import { createInstance } from "./creation.ts";
import { fire } from "./firing.ts";
import {
  commit,
  finish,
  finishRollback,
  release,
  renew,
  settlePause,
  startRollback,
  suspend,
} from "./fenced-writes.ts";
import type { RenewRequest } from "./fenced-writes.ts";
import { checkInvariants, toSnapshot } from "./inspection.ts";
import type { InstanceSnapshot } from "./inspection.ts";
import { toRecord } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { counts, list } from "./listing.ts";
import { queueState, whereabouts } from "./insight.ts";
import { MemoryPartition } from "./memory-partition.ts";
import { readHistory } from "./history-page.ts";
import { reassert } from "./reassertion.ts";
import { discardStream, isThere, readChunk, sweepStreams, writeChunk } from "./streams.ts";
import { survey } from "./survey.ts";
import { adoptOrphans, expire, redispatch, wakeDue } from "./sweeping.ts";

type Command = (partition: MemoryPartition, state: InstanceState) => CommandOutcome;

export class MemoryStore implements Store {
  readonly queue: Store["queue"] = () => this.#run(queueState);
  readonly survey: Store["survey"] = (request) => this.#run((each) => survey(each, request));
  readonly pause: Store["pause"] = (id) => this.#command(id, pause);
  readonly resume: Store["resume"] = (id) => this.#command(id, resume);
  readonly terminate: Store["terminate"] = (id) => this.#command(id, terminate);
  readonly restart: Store["restart"] = (id, once) =>
    this.#command(id, (partition, state) => restart(partition, state, once));
  readonly sendEvent: Store["sendEvent"] = (id, event, once) =>
    this.#command(id, (partition, state) => sendEvent(partition, state, event, once));
  readonly rollBack: Store["rollBack"] = (id) => this.#command(id, rollBack);
  readonly partition: MemoryPartition;
  readonly #subscriptions = new Set<Unsubscribe>();
  #state: "open" | "closed" | "killed" = "open";

  constructor(on: Pick<Clock, "now"> | MemoryPartition) {
    this.partition = on instanceof MemoryPartition ? on : new MemoryPartition(on);
  }

  async configure(settings: {
    readonly concurrencyLimit: number;
  }): Promise<readonly ActivationRequest[]> {
    return await this.#run((partition) => configure(partition, settings.concurrencyLimit));
  }

  async create(instances: readonly NewInstance[]): Promise<readonly CreateOutcome[]> {
    return await this.#run((partition) =>
      instances.map((instance) => createInstance(partition, instance)),
    );
  }

  async get(instanceId: string): Promise<InstanceRecord | undefined> {
    return await this.#run(({ instances }) => {
      const state = instances.get(instanceId);
      return state && toRecord(state);
    });
  }

  async history(instanceId: string): Promise<readonly StoredEntry[]> {
    return await this.#run(({ instances }) => [...(instances.get(instanceId)?.history ?? [])]);
  }

  async readHistory(request: HistoryRequest): Promise<HistoryPage | undefined> {
    return await this.#run((partition) => readHistory(partition, request));
  }

  async counts(): Promise<Readonly<Record<InstanceStatus, number>>> {
    return await this.#run(counts);
  }

  async list(request: ListRequest): Promise<InstancePage> {
    return await this.#run((partition) => list(partition, request));
  }

  async whereabouts(instanceId: string): Promise<Whereabouts | undefined> {
    return await this.#run((partition) => {
      const state = partition.instances.get(instanceId);
      return state && whereabouts(partition, state);
    });
  }

  async claim(request: ClaimRequest): Promise<ClaimOutcome> {
    return await this.#run((partition) => claim(partition, request));
  }

  async commit(write: CommitRequest): Promise<CommitOutcome> {
    return await this.#run((partition) => commit(partition, write));
  }

  async suspend(write: SuspendRequest): Promise<SuspendOutcome> {
    return await this.#run((partition) => suspend(partition, write));
  }

  async finish(write: FinishRequest): Promise<FinishOutcome> {
    return await this.#run((partition) => finish(partition, write));
  }

  async startRollback(write: FencedWrite): Promise<CommitOutcome> {
    return await this.#run((partition) => startRollback(partition, write));
  }

  async finishRollback(write: FinishRollbackRequest): Promise<FinishOutcome> {
    return await this.#run((partition) => finishRollback(partition, write));
  }

  async settlePause(write: FencedWrite): Promise<SettlePauseOutcome> {
    return await this.#run((partition) => settlePause(partition, write));
  }

  async release(write: FencedWrite): Promise<ReleaseOutcome> {
    return await this.#run((partition) => release(partition, write));
  }

  async renew(request: RenewRequest): Promise<RenewOutcome> {
    return await this.#run((partition) => renew(partition, request));
  }

  async writeChunk(write: ChunkWrite): Promise<ChunkOutcome> {
    return await this.#run((partition) => writeChunk(partition, write));
  }

  async readChunk({ instanceId, stream, index }: StoredChunk): Promise<Uint8Array | undefined> {
    return await this.#run(({ instances }) => {
      const state = instances.get(instanceId);
      return state && readChunk(state, stream, index);
    });
  }

  async checkStreams(
    instanceId: string,
    streams: readonly StreamReference[],
  ): Promise<readonly boolean[]> {
    return await this.#run(({ instances }) => {
      const state = instances.get(instanceId);
      return streams.map((stream) => state !== undefined && isThere(state, stream));
    });
  }

  async discardStream(stream: StoredStream): Promise<void> {
    return await this.#run((partition) => discardStream(partition, stream));
  }

  async reassert(known: KnownInstance): Promise<ReassertOutcome> {
    return await this.#run((partition) => reassert(partition, known));
  }

  async delete(instanceId: string): Promise<CommandOutcome> {
    return await this.#command(instanceId, remove);
  }

  async restartFrom(request: RestartRequest): Promise<RestartOutcome> {
    return await this.#run((partition): RestartOutcome => {
      const state = partition.instances.get(request.instanceId);
      return state === undefined ? { type: "missing" } : restartFrom(partition, state, request);
    });
  }

  async wakeDue(limit: number): Promise<DueOutcome> {
    return await this.#run((partition) => wakeDue(partition, limit));
  }

  async adoptOrphans(limit: number): Promise<readonly ActivationRequest[]> {
    return await this.#run((partition) => adoptOrphans(partition, limit));
  }

  async redispatch(request: {
    readonly olderThanMs: number;
    readonly limit: number;
  }): Promise<readonly ActivationRequest[]> {
    return await this.#run((partition) => redispatch(partition, request));
  }

  async expire(limit: number): Promise<number> {
    return await this.#run((partition) => expire(partition, limit));
  }

  async sweepStreams(request: StreamSweep): Promise<boolean> {
    return await this.#run((partition) => sweepStreams(partition, request));
  }

  async declareSchedules(declaration: ScheduleDeclaration): Promise<SchedulesInForce> {
    return await this.#run((partition) =>
      partition.schedules.declare(declaration, partition.now()),
    );
  }

  async putSchedules(declaration: ScheduleDeclaration | undefined): Promise<SchedulesInForce> {
    return await this.#run((partition) => partition.schedules.put(declaration, partition.now()));
  }

  async fire(request: FireRequest): Promise<FireOutcome> {
    return await this.#run((partition) => fire(partition, request));
  }

  async schedules(): Promise<SchedulesInForce> {
    return await this.#run((partition) => partition.schedules.inForce(partition.now()));
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    return await this.#run(({ notices }) => this.#keep(notices.addControl(workerId, listener)));
  }

  async onFinished(listener: (notice: EndNotice) => void, onGap: () => void): Promise<Unsubscribe> {
    return await this.#run(({ notices }) =>
      this.#keep(notices.addFinished({ onFinished: listener, onGap })),
    );
  }

  async onHistory(instanceId: string, onChange: () => void): Promise<Unsubscribe> {
    return await this.#run(({ notices }) => this.#keep(notices.addHistory(instanceId, onChange)));
  }

  onConnection(listener: ConnectionListener): Unsubscribe {
    return this.#keep(this.partition.notices.addConnection(listener));
  }

  async close(): Promise<void> {
    this.#leave("closed");
  }

  /** For tests: what a crash of the process does. No call settles any more, no notice arrives. */
  kill(): void {
    this.#leave("killed");
  }

  /** For tests: everything there is of one instance. */
  inspect(instanceId: string): InstanceSnapshot | undefined {
    const state = this.partition.instances.get(instanceId);
    return state && toSnapshot(this.partition, state);
  }

  /** For tests: everything there is, in the order of creation. */
  snapshot(): readonly InstanceSnapshot[] {
    return [...this.partition.instances.values()].map((state) => toSnapshot(this.partition, state));
  }

  /** For tests: throws when status, place, index and slots do not agree. */
  checkInvariants(): void {
    checkInvariants(this.partition);
  }

  async #command(instanceId: string, command: Command): Promise<CommandOutcome> {
    return await this.#run((partition): CommandOutcome => {
      const state = partition.instances.get(instanceId);
      return state === undefined ? { type: "missing" } : command(partition, state);
    });
  }

  async #run<T>(verb: (partition: MemoryPartition) => T): Promise<T> {
    switch (this.#state) {
      case "killed":
        return await new Promise<T>(() => undefined);
      case "closed":
        throw new Error("The store is closed");
      default:
        return verb(this.partition);
    }
  }

  #keep(unsubscribe: Unsubscribe): Unsubscribe {
    this.#subscriptions.add(unsubscribe);
    return () => {
      this.#subscriptions.delete(unsubscribe);
      unsubscribe();
    };
  }

  #leave(state: "closed" | "killed"): void {
    this.#state = state;
    this.#subscriptions.forEach((unsubscribe) => unsubscribe());
    this.#subscriptions.clear();
  }
}
