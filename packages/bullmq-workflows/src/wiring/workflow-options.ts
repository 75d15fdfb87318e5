/** What a workflow is registered with, checked and with defaults filled in. */
import { toRetention } from "../client/create-options.ts";
import type { WorkflowRetention } from "../client/create-options.ts";
import type { Determinism, RunnableWorkflow, WorkflowDefinition } from "../engine/definition.ts";
import type { Barrier } from "../model/barrier.ts";
import { ERROR_FORMS } from "../model/error-folding.ts";
import type { ErrorForm } from "../model/error-folding.ts";
import type { ErrorClass } from "../model/error-value.ts";
import { InvalidOptionError } from "../model/errors.ts";
import { isValidFieldPath } from "../model/labels.ts";
import {
  DEFAULT_RETENTION_MS,
  DEFAULT_STATE_SIZE_LIMIT,
  DEFAULT_STEP_LIMIT,
  SEARCHABLE_LIMIT,
} from "../model/limits.ts";
import { isValidEventType, isValidWorkflowName } from "../model/names.ts";
import { createWorkflowCodec } from "../model/payload.ts";
import { isSchema } from "../model/validation.ts";
import type { Schema } from "../model/validation.ts";
import type { ExecutionContext, WorkflowStep } from "../model/workflow.ts";
import { checkBarrier } from "./durability-config.ts";
import { toDeclaration } from "./schedule-options.ts";
import type { WorkflowSchedules } from "./schedule-options.ts";
import { checkCount, checkKeys } from "./option-checks.ts";

export interface WorkflowOptions<
  Params extends Schema = Schema,
  Events extends EventSchemas = EventSchemas,
> {
  /** At most 64 letters, digits, - and _, not starting with -. Instances belong to it by this name. */
  readonly name: string;
  readonly concurrency?: {
    /** Instances that run at once over all workers; others are `queued`. @defaultValue no limit */
    readonly limit?: number;
  };
  readonly limits?: {
    /** `step.do` calls in one run. @defaultValue 10000 */
    readonly steps?: number;
    /** Bytes that the streams of one instance may take in the store. @defaultValue 1073741824 (1 GiB) */
    readonly state?: number;
  };
  /** For instances that do not say. @defaultValue "7 days" each */
  readonly retention?: WorkflowRetention;
  /**
   * What to do when the code asks for other steps than an instance's history has. `log` reports it and
   * goes on, as Cloudflare allows steps to move; `strict` fails the instance. @defaultValue "log"
   */
  readonly determinism?: Determinism;
  /**
   * When instances start by themselves: cron expressions in Cloudflare's dialect, or objects that say more.
   * At most 100.
   */
  readonly schedules?: WorkflowSchedules;
  /**
   * What `params` have to be: a Standard Schema, of zod, valibot, arktype, yup or any other library. What it
   * makes of them is what is stored, and what `run` gets. @defaultValue no check
   */
  readonly params?: Params;
  /** The same for the payloads of events, by their type. Those of other types are not checked. */
  readonly events?: Events;
  /**
   * Fields of `params` by which instances can be found, such as `["customerId", "plan"]`, with dots for what is inside: at most 10.
   * Their values are in the names of keys in Redis. @defaultValue none
   */
  readonly searchable?: readonly string[];
  /**
   * What creating, commanding, and every outcome wait for once Redis has it, before anyone is told.
   * A step may ask for another. @defaultValue the engine's `durability.barrier`
   */
  readonly durability?: Barrier;
  /**
   * How errors reach the code that catches them, and `status()`. `native`: as they were thrown.
   * `cloudflare`: folded as at Cloudflare, where an error of another class than JavaScript's own arrives
   * as an `Error` with the message `Name: message`. Every engine that registers the workflow has to say
   * the same. @defaultValue "native"
   */
  readonly errors?: ErrorForm;
  /** Classes whose errors come back from steps as instances of them; told apart by class name. */
  readonly errorClasses?: readonly ErrorClass[];
}

/** What `sendEvent` takes by type, from the schemas of the events. */
export type EventSchemas = Readonly<Record<string, Schema>>;

/** A class that extends {@link WorkflowEntrypoint}, whatever its params and environment. */
export type WorkflowClass = abstract new (...parameters: never[]) => {
  run(event: never, step: WorkflowStep): Promise<unknown>;
};

type Instantiate = new (context: ExecutionContext, env: unknown) => RunnableWorkflow;

/** @throws {@link InvalidOptionError} */
export function toDefinition(
  workflowClass: WorkflowClass,
  options: WorkflowOptions,
  env: unknown,
  defaultBarrier: Barrier = "memory",
): WorkflowDefinition {
  checkShape(workflowClass, options);
  const { name, concurrency, limits, params, determinism = "log" } = options;
  if (!isValidWorkflowName(name)) {
    throw new InvalidOptionError(
      "name",
      "1 to 64 letters, digits, - and _, not starting with -",
      name,
    );
  }
  if (determinism !== "log" && determinism !== "strict") {
    throw new InvalidOptionError("determinism", '"log" or "strict"', determinism);
  }
  const { errors = "native", errorClasses = [] } = options;
  if (!ERROR_FORMS.includes(errors)) {
    throw new InvalidOptionError("errors", '"cloudflare" or "native"', errors);
  }
  const instantiable = workflowClass as unknown as Instantiate;
  const searchable = checkSearchable(options.searchable ?? []);
  const longest = { successMs: DEFAULT_RETENTION_MS, errorMs: DEFAULT_RETENTION_MS };
  const retention = toRetention(options.retention, longest);
  const codec = createWorkflowCodec(toErrorClasses(errorClasses), errors);
  return {
    name,
    determinism,
    errors,
    codec,
    barrier: checkBarrier("durability", options.durability ?? defaultBarrier),
    stateSizeLimit: checkCount("limits.state", limits?.state ?? DEFAULT_STATE_SIZE_LIMIT, 1),
    stepLimit: checkCount("limits.steps", limits?.steps ?? DEFAULT_STEP_LIMIT, 1),
    retention,
    searchable,
    schedules: toDeclaration(options.schedules, {
      workflow: name,
      searchable,
      retention,
      codec,
      schema: params,
    }),
    concurrencyLimit:
      concurrency?.limit === undefined ? 0 : checkCount("concurrency.limit", concurrency.limit, 1),
    instantiate: (context) => new instantiable(context, env),
  };
}

/** By the names under which their errors are stored. */
function toErrorClasses(classes: readonly ErrorClass[]): Record<string, ErrorClass> {
  const byName: Record<string, ErrorClass> = {};
  for (const each of classes as readonly unknown[]) {
    const isClass = typeof each === "function" && each.prototype instanceof Error;
    const isNew = isClass && each.name !== "" && !Object.hasOwn(byName, each.name);
    if (!isNew) {
      const rule = "a list of error classes, each with a name of its own";
      throw new InvalidOptionError("errorClasses", rule, isClass ? each.name : each);
    }
    byName[each.name] = each;
  }
  return byName;
}

function checkShape(workflowClass: unknown, options: WorkflowOptions): void {
  // An arrow function has no prototype, so it cannot be made an object of.
  if (typeof workflowClass !== "function" || workflowClass.prototype === undefined) {
    throw new InvalidOptionError(
      "workflowClass",
      "a class that extends WorkflowEntrypoint",
      workflowClass,
    );
  }
  // As at Cloudflare: what an object is only given when it is made cannot be called there.
  if (typeof (workflowClass.prototype as Partial<RunnableWorkflow>).run !== "function") {
    const rule = "a class with a method `run(event, step)`, which is not an arrow function";
    throw new InvalidOptionError("workflowClass", rule, workflowClass.name || "class {}");
  }
  checkKeys("options", options, [
    "name",
    "concurrency",
    "limits",
    "retention",
    "determinism",
    "durability",
    "errors",
    "errorClasses",
    "schedules",
    "params",
    "events",
    "searchable",
  ]);
  const { concurrency, limits, retention, params, events } = options;
  if (concurrency !== undefined) checkKeys("concurrency", concurrency, ["limit"]);
  if (limits !== undefined) checkKeys("limits", limits, ["steps", "state"]);
  checkSchema("params", params);
  if (events !== undefined) checkEvents(events);
  const lengths = ["successRetention", "errorRetention"];
  if (retention !== undefined) checkKeys("retention", retention, lengths);
}

function checkSchema(option: string, value: unknown): void {
  if (value === undefined || isSchema(value)) return;
  const rule = "a Standard Schema, version 1, as zod, valibot, arktype and yup make them";
  throw new InvalidOptionError(option, rule, value);
}

function checkSearchable(paths: readonly string[]): readonly string[] {
  const isList = Array.isArray(paths) && paths.length <= SEARCHABLE_LIMIT;
  const isRight = isList && paths.every(isValidFieldPath) && new Set(paths).size === paths.length;
  if (isRight) return paths;
  const rule = `at most ${SEARCHABLE_LIMIT} different paths of fields, such as \`order.total\``;
  throw new InvalidOptionError("searchable", rule, paths);
}

function checkEvents(events: unknown): void {
  if (typeof events !== "object" || events === null) {
    throw new InvalidOptionError("events", "an object with a schema for each type", events);
  }
  for (const [type, schema] of Object.entries(events)) {
    if (!isValidEventType(type)) {
      const rule = "by types of letters, digits, - and _, at most 100, not starting with -";
      throw new InvalidOptionError("events", rule, type);
    }
    checkSchema(`events.${type}`, schema);
  }
}
