/**
 * The `step` object that user code gets: checks what it is given, then asks the run.
 *
 * Nothing here throws synchronously; a bad call rejects its promise with an error that user code may
 * catch. Order of checks and texts are Cloudflare's. The object is plain, so that libraries can add
 * methods to it, and its methods work detached from it.
 */
import { parseDuration } from "../model/duration.ts";
import { WorkflowFatalError } from "../model/errors.ts";
import {
  DEFAULT_EVENT_TIMEOUT_MS,
  MAX_EVENT_TIMEOUT_MS,
  MIN_EVENT_TIMEOUT_MS,
  SLEEP_LIMIT_MS,
} from "../model/limits.ts";
import { isValidEventType, isValidStepName } from "../model/names.ts";
import { CONFIG_DOCS, parseStepConfig, whyInvalidDurability } from "../model/step-config.ts";
import type { WorkflowStepConfig } from "../model/step-config.ts";
import { isSchema } from "../model/validation.ts";
import type { WorkflowStep, WorkflowStepContext } from "../model/workflow.ts";
import { parseRollbackOptions } from "./rollback-options.ts";
import type { Run } from "./run.ts";
import { askDo } from "./steps/do.ts";
import { askRace } from "./steps/race.ts";
import type { RaceCall } from "./steps/race.ts";
import { askSleep } from "./steps/sleep.ts";
import { askWaitForEvent } from "./steps/wait-for-event.ts";

/** Makes the `step` object of one run. */
export function createStep(run: Run): WorkflowStep {
  const step = {
    do: (name: unknown, ...rest: unknown[]) => guard(run, () => doStep(run, name, rest)),
    sleep: (name: unknown, duration: unknown) => guard(run, () => sleepStep(run, name, duration)),
    sleepUntil: (name: unknown, at: unknown) => guard(run, () => sleepUntilStep(run, name, at)),
    waitForEvent: (name: unknown, options: unknown) =>
      guard(run, () => waitStep(run, name, options)),
    race: (...parameters: unknown[]) => guard(run, () => raceStep(run, parameters)),
  };
  return step as WorkflowStep;
}

/**
 * Turns a throw into a rejection, which nobody has to handle: a step that is not awaited must not bring
 * the process down. What is called in vain neither begins anything nor settles (I7).
 */
function guard(run: Run, ask: () => Promise<unknown>): Promise<unknown> {
  if (run.isCalledInVain) return new Promise(() => {});
  try {
    return ask();
  } catch (error) {
    const rejected = Promise.reject<unknown>(run.definition.codec.cross(error));
    rejected.catch(() => {});
    return rejected;
  }
}

function doStep(run: Run, given: unknown, rest: readonly unknown[]): Promise<unknown> {
  const hasConfig = typeof rest[0] !== "function";
  const [givenConfig, callback, givenRollback] = hasConfig ? rest : [undefined, ...rest];
  if (typeof callback !== "function") {
    throw fatal("step.invalid_callback", `Step "${toText(given)}" requires a callback function`);
  }
  const rollback = parseRollbackOptions(toText(given), givenRollback);
  run.refuseRolledBack();
  if (!run.calls.countDo()) {
    const limit = `The limit of ${run.definition.stepLimit} steps has been reached.`;
    const advice = "This limit can be changed in your worker configuration.";
    throw fatal("step.limit_reached", `${limit} ${advice}`);
  }
  const name = checkName(given);
  const config = parseStepConfig(givenConfig);
  if (!config) {
    const message =
      whyInvalidDurability(name, givenConfig) ??
      `Step config for "${name}" is in a invalid format. See ${CONFIG_DOCS}`;
    throw fatal("step.invalid_config", message);
  }
  return askDo(run, {
    name,
    config,
    givenConfig: givenConfig as WorkflowStepConfig | undefined,
    callback: callback as (context: WorkflowStepContext) => unknown,
    rollback,
  });
}

function sleepStep(run: Run, given: unknown, duration: unknown): Promise<unknown> {
  const name = checkName(given);
  const durationMs = toDuration(duration);
  if (Number.isNaN(durationMs)) {
    const given = `got \`${String(duration)}\``;
    const rule = 'a number of ms or a duration string like "30 seconds"';
    throw fatal("workflow.invalid_sleep_duration", `Sleep "${name}" needs ${rule}, ${given}`);
  }
  checkLongest(name, durationMs);
  return askSleep(run, name, { durationMs: Math.max(0, durationMs) });
}

function sleepUntilStep(run: Run, given: unknown, at: unknown): Promise<unknown> {
  const name = checkName(given);
  const until = at instanceof Date ? at.getTime() : at;
  if (typeof until !== "number" || Number.isNaN(until)) {
    const message = `Sleep "${name}" needs a Date or epoch milliseconds, got \`${String(at)}\``;
    throw fatal("workflow.invalid_sleep_duration", message);
  }
  // By a clock that stands still: a replay has to come to the same answer.
  checkLongest(name, until - run.createdAt);
  return askSleep(run, name, { until });
}

function waitStep(run: Run, given: unknown, options: unknown): Promise<unknown> {
  const name = checkName(given);
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`waitForEvent "${name}" needs options with the \`type\` of the event`);
  }
  const { type, timeout, schema } = options as Readonly<
    Record<"type" | "timeout" | "schema", unknown>
  >;
  if (typeof type !== "string" || !isValidEventType(type)) {
    const rule = "letters, digits, - and _, at most 100, not starting with -";
    const message = `(workflow.invalid_event_type) Event type \`${String(type)}\` is invalid: ${rule}`;
    throw fatal("workflow.invalid_event_type", message);
  }
  const timeoutMs = timeout ? toDuration(timeout) : DEFAULT_EVENT_TIMEOUT_MS;
  if (!(timeoutMs >= MIN_EVENT_TIMEOUT_MS && timeoutMs <= MAX_EVENT_TIMEOUT_MS)) {
    const message = `Timeout of "${name}" must be between 1 second and 365 days, got \`${String(timeout)}\``;
    throw fatal("workflow.invalid_event_timeout", message);
  }
  if (schema !== undefined && !isSchema(schema)) {
    const rule = "a Standard Schema, version 1, as zod, valibot, arktype and yup make them";
    throw fatal("step.invalid_schema", `The schema of "${name}" must be ${rule}`);
  }
  return askWaitForEvent(run, { name, eventType: type, timeoutMs, schema });
}

function raceStep(run: Run, parameters: readonly unknown[]): Promise<unknown> {
  const hasName = typeof parameters[0] === "string";
  const name = hasName ? checkName(parameters[0]) : "race";
  const branches = hasName ? parameters[1] : parameters[0];
  if (typeof branches !== "object" || branches === null || Object.keys(branches).length === 0) {
    throw fatal("step.invalid_race", `Race "${name}" needs an object with at least one branch`);
  }
  const race = askRace(run, { name, branches: toBranches(run, name, branches) });
  race.catch(() => {});
  return race;
}

function toBranches(run: Run, race: string, branches: object): RaceCall["branches"] {
  return new Map(
    Object.entries(branches).map(([name, promise]) => {
      const key = promise instanceof Promise ? run.calls.keyOf(promise) : undefined;
      if (key !== undefined) return [name, { key, promise: promise as Promise<unknown> }];
      const message = `Branch "${name}" of race "${race}" must be the promise that a step of this run returned`;
      throw fatal("step.invalid_race", message);
    }),
  );
}

function toDuration(value: unknown): number {
  return typeof value === "number" || typeof value === "string" ? parseDuration(value) : NaN;
}

function checkLongest(name: string, durationMs: number): void {
  if (durationMs <= SLEEP_LIMIT_MS) return;
  throw fatal("workflow.invalid_sleep_duration", `Sleep "${name}" is longer than 365 days`);
}

/** The name as a text; as at Cloudflare a number is one too. */
function checkName(given: unknown): string {
  if (given === undefined) throw new TypeError("A step needs a name");
  const name: string = toText(given);
  const isValid: boolean = isValidStepName(name);
  if (isValid) return name;
  throw fatal(
    "step.invalid_name",
    `Step name "${name}" exceeds max length (256 chars) or invalid characters found`,
  );
}

/** Whatever was given, for a name or a message. */
function toText(given: unknown): string {
  return String(given);
}

function fatal(code: string, message: string): WorkflowFatalError {
  return new WorkflowFatalError(code, message);
}
