/** Restarting an instance from a step: checks what is asked, decides what is kept, and lets the store do it. */
import { InvalidArgumentError } from "../model/errors.ts";
import { keepBefore, RESTART_TYPES } from "../model/restart-point.ts";
import type { RestartPoint, RestartType } from "../model/restart-point.ts";
import type { CommandOutcome } from "../engine/ports/commands.ts";
import type { Store } from "../engine/ports/store.ts";

/** From where an instance is to be restarted. Cloudflare's shape. */
export interface WorkflowInstanceRestartOptions {
  /** The step to begin anew from; what began before it keeps its result. Without it all is begun anew. */
  from?: {
    /** The step's name. */
    name: string;
    /** The how-manieth step of that name and type that began. @defaultValue 1 */
    count?: number;
    /** @defaultValue "do" */
    type?: RestartType;
  };
}

/** Tries before the instance is paused, so that its history stands still. */
const RUNNING_TRIES = 5;
const TRIES = 50;

/** @throws {@link InvalidArgumentError} (`instance.invalid_restart`) */
export function toRestartPoint(from: unknown): RestartPoint | undefined {
  if (from === undefined) return undefined;
  if (typeof from !== "object" || from === null) throw invalid("from", "an object", from);
  const { name, count = 1, type = "do" } = from as Partial<Record<keyof RestartPoint, unknown>>;
  if (typeof name !== "string") throw invalid("name", "the name of a step", name);
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 1) {
    throw invalid("count", "an integer from 1", count);
  }
  const known = RESTART_TYPES.find((each) => each === type);
  if (!known) throw invalid("type", `one of ${RESTART_TYPES.join(", ")}`, type);
  return { name, count, type: known };
}

/**
 * The history may grow between the look at it and the restart. Then it is looked at again; what an
 * instance that never pauses for breath does meanwhile is halted first.
 *
 * @throws {@link InvalidArgumentError} (`instance.cannot_restart`) when no such step is on record.
 */
export async function restartFrom(
  store: Pick<Store, "commands" | "instances">,
  instanceId: string,
  point: RestartPoint,
): Promise<CommandOutcome> {
  for (let tries = 1; ; tries++) {
    const history = await store.instances.history(instanceId);
    const last = history.at(-1);
    const kept = keepBefore(history, point);
    if (!last || !kept) return await refuse(store, instanceId, point);
    const request = { instanceId, length: history.length, last, ...kept };
    const outcome = await store.commands.restartFrom(request);
    if (outcome.type !== "changed") return outcome;
    if (tries === RUNNING_TRIES) await store.commands.pause(instanceId);
    if (tries === TRIES) throw cannot(`Its history changes faster than it can be read`);
  }
}

async function refuse(
  store: Pick<Store, "commands" | "instances">,
  instanceId: string,
  { name }: RestartPoint,
): Promise<CommandOutcome> {
  if (!(await store.instances.get(instanceId))) return { type: "missing" };
  throw cannot(`Step "${name}" not found in execution history`);
}

function cannot(sentence: string): InvalidArgumentError {
  const code = "instance.cannot_restart";
  return new InvalidArgumentError(code, `(${code}) ${sentence}`);
}

function invalid(option: string, rule: string, value: unknown): InvalidArgumentError {
  const code = "instance.invalid_restart";
  const what = option === "from" ? option : `from.${option}`;
  const given = `got \`${String(value)}\``;
  return new InvalidArgumentError(code, `(${code}) Expected \`${what}\` to be ${rule}, ${given}`);
}
