/**
 * Probes: named moments before and after every write that the engine asks of its store and dispatcher.
 *
 * Production has none. A test wraps the two ports and is called at each moment, to wait there or to let
 * something terrible happen. The list is made of the ports' own verbs: one that is added to a port must
 * be added to its table here, and with that has its probes, and its place in the crash matrix.
 */
import type { Dispatcher } from "./ports/dispatcher.ts";
import type { Store } from "./ports/store.ts";

/** `serves`: a write of a server's, for which the engine never asks. */
type Kind = "writes" | "reads" | "serves";

const STORE_VERBS: Readonly<Record<keyof Store, Kind>> = {
  configure: "writes",
  create: "writes",
  get: "reads",
  history: "reads",
  readHistory: "reads",
  counts: "reads",
  list: "reads",
  whereabouts: "reads",
  queue: "reads",
  claim: "writes",
  commit: "writes",
  suspend: "writes",
  finish: "writes",
  startRollback: "writes",
  finishRollback: "writes",
  settlePause: "writes",
  release: "writes",
  renew: "writes",
  writeChunk: "writes",
  readChunk: "reads",
  checkStreams: "reads",
  discardStream: "writes",
  reassert: "writes",
  sendEvent: "writes",
  pause: "writes",
  resume: "writes",
  terminate: "writes",
  rollBack: "writes",
  restart: "writes",
  restartFrom: "writes",
  delete: "writes",
  wakeDue: "writes",
  adoptOrphans: "writes",
  redispatch: "writes",
  expire: "writes",
  sweepStreams: "writes",
  declareSchedules: "writes",
  putSchedules: "serves",
  fire: "writes",
  schedules: "reads",
  survey: "reads",
  onControl: "reads",
  onFinished: "reads",
  onHistory: "reads",
  onConnection: "reads",
  close: "reads",
};

const DISPATCHER_VERBS: Readonly<Record<keyof Dispatcher, Kind>> = {
  dispatch: "writes",
  setAlarms: "writes",
  consume: "reads",
  waiting: "reads",
  close: "reads",
};

type ProbedVerb = keyof Store | keyof Dispatcher;

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
  ...writingVerbs(STORE_VERBS),
  ...writingVerbs(DISPATCHER_VERBS),
].flatMap((verb): ProbeName[] => [`before:${verb}`, `after:${verb}`]);

export function probedStore(store: Store, probe: Probe): Store {
  return wrap(store, writingVerbs(STORE_VERBS), probe);
}

export function probedDispatcher(dispatcher: Dispatcher, probe: Probe): Dispatcher {
  return wrap(dispatcher, writingVerbs(DISPATCHER_VERBS), probe);
}

function writingVerbs<Verb extends string>(table: Readonly<Record<Verb, Kind>>): readonly Verb[] {
  return (Object.keys(table) as Verb[]).filter((verb) => table[verb] === "writes");
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

function wrap<Port extends object>(
  port: Port,
  verbs: readonly (ProbedVerb & keyof Port)[],
  probe: Probe,
): Port {
  const probed = new Map<PropertyKey, Method>();
  for (const verb of verbs) probed.set(verb, probedMethod(port, verb, probe));
  return new Proxy(port, {
    get(target, key) {
      const member = probed.get(key) ?? Reflect.get(target, key);
      // Bound, because a private field is not found through a proxy.
      return typeof member === "function" ? (member as Method).bind(target) : member;
    },
  });
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
