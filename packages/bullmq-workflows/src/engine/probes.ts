/**
 * Probes: named moments before and after every write that the engine asks of its store and dispatcher.
 *
 * Production has none. A test wraps the two ports and is called at each moment, to wait there or to let
 * something terrible happen. The list is made of the ports' own verbs: one that is added to a port must
 * be added to its table here, and with that has its probes, and its place in the crash matrix.
 */
import type { Dispatcher } from "./ports/dispatcher.ts";
import { overlay } from "./overlay.ts";
import type { Store, StoreParts } from "./ports/store.ts";

/** `serves`: a write of a server's, for which the engine never asks. */
type Kind = "writes" | "reads" | "serves";

const STORE_VERBS: {
  readonly [Part in keyof StoreParts]: Readonly<Record<keyof StoreParts[Part], Kind>>;
} = {
  instances: {
    create: "writes",
    get: "reads",
    history: "reads",
    readHistory: "reads",
    counts: "reads",
    list: "reads",
  },
  activations: {
    claim: "writes",
    commit: "writes",
    suspend: "writes",
    finish: "writes",
    startRollback: "writes",
    finishRollback: "writes",
    settlePause: "writes",
    release: "writes",
    renew: "writes",
    reassert: "writes",
  },
  commands: {
    sendEvent: "writes",
    pause: "writes",
    resume: "writes",
    terminate: "writes",
    rollBack: "writes",
    restart: "writes",
    restartFrom: "writes",
    delete: "writes",
  },
  sweeps: { wakeDue: "writes", adoptOrphans: "writes", redispatch: "writes", expire: "writes" },
  streams: {
    writeChunk: "writes",
    readChunk: "reads",
    checkStreams: "reads",
    discardStream: "writes",
    sweepStreams: "writes",
  },
  schedules: {
    declareSchedules: "writes",
    putSchedules: "serves",
    fire: "writes",
    inForce: "reads",
  },
  insights: { whereabouts: "reads", queue: "reads", survey: "reads" },
  notices: { onControl: "reads", onFinished: "reads", onHistory: "reads", onConnection: "reads" },
};

const OWN_VERBS: Readonly<Record<Exclude<keyof Store, keyof StoreParts>, Kind>> = {
  configure: "writes",
  close: "reads",
};

const DISPATCHER_VERBS: Readonly<Record<keyof Dispatcher, Kind>> = {
  dispatch: "writes",
  setAlarms: "writes",
  consume: "reads",
  waiting: "reads",
  close: "reads",
};

type StoreVerb = { [Part in keyof StoreParts]: keyof StoreParts[Part] }[keyof StoreParts];

type ProbedVerb = StoreVerb | keyof typeof OWN_VERBS | keyof Dispatcher;

type ProbePhase = "before" | "after";

export type ProbeName = `${ProbePhase}:${ProbedVerb}`;

/** What happens at a probe. */
export interface ProbeMoment {
  readonly name: ProbeName;
  readonly verb: ProbedVerb;
  /** The instance it is about; absent for sweeps and settings. Of several, the first. */
  readonly instanceId?: string;
  /** What the port answered, after the write. There is no "after" when it threw. */
  readonly outcome?: unknown;
}

/** The engine goes on when it resolves. */
export type Probe = (moment: ProbeMoment) => void | Promise<void>;

/** Every probe there is. */
export const PROBES: readonly ProbeName[] = [
  ...Object.values(STORE_VERBS).flatMap((verbs) => writingVerbs<StoreVerb>(verbs)),
  ...writingVerbs(OWN_VERBS),
  ...writingVerbs(DISPATCHER_VERBS),
].flatMap((verb): ProbeName[] => [`before:${verb}`, `after:${verb}`]);

export function probedStore(store: Store, probe: Probe): Store {
  const parts: StoreParts = {
    instances: probed(store.instances, STORE_VERBS.instances, probe),
    activations: probed(store.activations, STORE_VERBS.activations, probe),
    commands: probed(store.commands, STORE_VERBS.commands, probe),
    sweeps: probed(store.sweeps, STORE_VERBS.sweeps, probe),
    streams: probed(store.streams, STORE_VERBS.streams, probe),
    schedules: probed(store.schedules, STORE_VERBS.schedules, probe),
    insights: probed(store.insights, STORE_VERBS.insights, probe),
    notices: probed(store.notices, STORE_VERBS.notices, probe),
  };
  return overlay(probed(store, OWN_VERBS, probe), parts);
}

export function probedDispatcher(dispatcher: Dispatcher, probe: Probe): Dispatcher {
  return probed(dispatcher, DISPATCHER_VERBS, probe);
}

function writingVerbs<Verb extends string>(
  table: Readonly<Partial<Record<Verb, Kind>>>,
): readonly Verb[] {
  return (Object.keys(table) as Verb[]).filter((verb) => table[verb] === "writes");
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

function probed<Port extends object, Verb extends keyof Port & ProbedVerb>(
  port: Port,
  table: Readonly<Record<Verb, Kind>>,
  probe: Probe,
): Port {
  const verbs = writingVerbs(table).map((verb) => [verb, probedMethod(port, verb, probe)]);
  return overlay(port, Object.fromEntries(verbs) as Partial<Port>);
}

function probedMethod<Port>(port: Port, verb: ProbedVerb & keyof Port, probe: Probe): Method {
  return async (...parameters) => {
    const instanceId = instanceOf(parameters[0]);
    const facts = { verb, ...(instanceId !== undefined && { instanceId }) };
    await probe({ ...facts, name: `before:${verb}` });
    const outcome = await (port[verb] as Method).apply(port, parameters);
    await probe({ ...facts, name: `after:${verb}`, outcome });
    return outcome;
  };
}

/** Verbs take an instance's id, or a record or a list of records that have it. */
function instanceOf(parameter: unknown): string | undefined {
  if (typeof parameter === "string") return parameter;
  if (Array.isArray(parameter)) return instanceOf(parameter[0]);
  if (typeof parameter !== "object" || parameter === null) return undefined;
  const { instanceId, id } = parameter as { readonly instanceId?: unknown; readonly id?: unknown };
  const found = instanceId ?? id;
  return typeof found === "string" ? found : undefined;
}
