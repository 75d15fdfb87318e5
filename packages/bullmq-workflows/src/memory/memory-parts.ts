/** The parts of the store: each verb as what it does to a partition, and how a process asks for it. */
import type { StoredEntry } from "../engine/ports/history.ts";
import type { CreateOutcome, InstanceRecord, NewInstance } from "../engine/ports/instances.ts";
import type { ScheduleDeclaration, SchedulesInForce } from "../engine/ports/schedules.ts";
import type { StoreParts } from "../engine/ports/store.ts";
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
import { fire } from "./firing.ts";
import { readHistory } from "./history-page.ts";
import { queue, whereabouts } from "./insight.ts";
import { toRecord } from "./instance-state.ts";
import type { InstanceState } from "./instance-state.ts";
import { counts, list } from "./listing.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { MemoryProcess } from "./memory-process.ts";
import { reassert } from "./reassertion.ts";
import { checkStreams, discardStream, readChunk, sweepStreams, writeChunk } from "./streams.ts";
import { survey } from "./survey.ts";
import { adoptOrphans, expire, redispatch, wakeDue } from "./sweeping.ts";

const INSTANCE_VERBS = { create, get, history, readHistory, counts, list };

const ACTIVATION_VERBS = {
  claim,
  commit,
  suspend,
  finish,
  startRollback,
  finishRollback,
  settlePause,
  release,
  renew,
  reassert,
};

const COMMAND_VERBS = {
  sendEvent: onInstance(sendEvent),
  pause: onInstance(pause),
  resume: onInstance(resume),
  terminate: onInstance(terminate),
  rollBack: onInstance(rollBack),
  restart: onInstance(restart),
  restartFrom,
  delete: onInstance(remove),
};

const SWEEP_VERBS = { wakeDue, adoptOrphans, redispatch, expire };

const STREAM_VERBS = { writeChunk, readChunk, checkStreams, discardStream, sweepStreams };

const SCHEDULE_VERBS = { declareSchedules, putSchedules, fire, inForce };

const INSIGHT_VERBS = { whereabouts, queue, survey };

export function createParts(process: MemoryProcess, { notices }: MemoryPartition): StoreParts {
  return {
    instances: partOf(INSTANCE_VERBS, process),
    activations: partOf(ACTIVATION_VERBS, process),
    commands: partOf(COMMAND_VERBS, process),
    sweeps: partOf(SWEEP_VERBS, process),
    streams: partOf(STREAM_VERBS, process),
    schedules: partOf(SCHEDULE_VERBS, process),
    insights: partOf(INSIGHT_VERBS, process),
    notices: {
      onControl: async (workerId, listener) =>
        await process.run(() => process.keep(notices.addControl(workerId, listener))),
      onFinished: async (onFinished, onGap) =>
        await process.run(() => process.keep(notices.addFinished({ onFinished, onGap }))),
      onHistory: async (instanceId, onChange) =>
        await process.run(() => process.keep(notices.addHistory(instanceId, onChange))),
      onConnection: (listener) => process.keep(notices.addConnection(listener)),
    },
  };
}

type Verb = (partition: MemoryPartition, ...parameters: never[]) => unknown;

/** A part of the store whose verbs these are. */
type Part<Verbs> = {
  readonly [Name in keyof Verbs]: Verbs[Name] extends (
    partition: MemoryPartition,
    ...parameters: infer Parameters
  ) => infer Outcome
    ? (...parameters: Parameters) => Promise<Outcome>
    : never;
};

/** The part as a process has it. */
function partOf<Verbs extends Readonly<Record<string, Verb>>>(
  verbs: Verbs,
  process: MemoryProcess,
): Part<Verbs> {
  const part = Object.entries(verbs).map(([name, verb]) => [
    name,
    async (...parameters: never[]) =>
      await process.run((partition) => verb(partition, ...parameters)),
  ]);
  return Object.fromEntries(part) as Part<Verbs>;
}

/** What is asked of an instance by its id, and answered when it is not there. */
function onInstance<Parameters extends readonly unknown[], Outcome>(
  verb: (partition: MemoryPartition, state: InstanceState, ...parameters: Parameters) => Outcome,
) {
  return (
    partition: MemoryPartition,
    instanceId: string,
    ...parameters: Parameters
  ): Outcome | { readonly type: "missing" } => {
    const state = partition.instances.get(instanceId);
    return state === undefined ? { type: "missing" } : verb(partition, state, ...parameters);
  };
}

function create(
  partition: MemoryPartition,
  instances: readonly NewInstance[],
): readonly CreateOutcome[] {
  return instances.map((instance) => createInstance(partition, instance));
}

function get({ instances }: MemoryPartition, instanceId: string): InstanceRecord | undefined {
  const state = instances.get(instanceId);
  return state && toRecord(state);
}

function history({ instances }: MemoryPartition, instanceId: string): readonly StoredEntry[] {
  return [...(instances.get(instanceId)?.history ?? [])];
}

function declareSchedules(
  partition: MemoryPartition,
  declaration: ScheduleDeclaration,
): SchedulesInForce {
  return partition.schedules.declare(declaration, partition.now());
}

function putSchedules(
  partition: MemoryPartition,
  declaration: ScheduleDeclaration | undefined,
): SchedulesInForce {
  return partition.schedules.put(declaration, partition.now());
}

function inForce(partition: MemoryPartition): SchedulesInForce {
  return partition.schedules.inForce(partition.now());
}
