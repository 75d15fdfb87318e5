/** What `create` may be told, checked and with defaults filled in. */
import { randomUUID } from "node:crypto";
import { InvalidArgumentError, LimitExceededError } from "../model/errors.ts";
import { parseDuration } from "../model/duration.ts";
import type { WorkflowRetentionDuration, WorkflowSleepDuration } from "../model/duration.ts";
import { isValidTag, toLabels } from "../model/labels.ts";
import { PARAMS_SIZE_LIMIT, SLEEP_LIMIT_MS, TAG_LENGTH_LIMIT, TAG_LIMIT } from "../model/limits.ts";
import { isReservedInstanceId, isValidInstanceId } from "../model/names.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { sizeOf } from "../model/payload-size.ts";
import { nonceFor } from "../model/trigger.ts";
import type { Trigger } from "../model/trigger.ts";
import type { NewInstance, Retention } from "../engine/ports/instances.ts";

/** How long a finished instance is kept, by how it ended. Cloudflare's names. */
export interface WorkflowRetention {
  /** For `complete`. @defaultValue "7 days" */
  successRetention?: WorkflowRetentionDuration | number;
  /** For `errored` and `terminated`. @defaultValue "7 days" */
  errorRetention?: WorkflowRetentionDuration | number;
}

/** Options of one new instance: Cloudflare's, and `priority`, `delay` and `tags`, which are ours. */
export interface WorkflowInstanceCreateOptions<Params = unknown> {
  /** At most 100 letters, digits, - and _, not starting with -. @defaultValue a random UUID */
  id?: string;
  /** What `run` gets as `event.payload`. @defaultValue `{}` */
  params?: Params;
  retention?: WorkflowRetention;
  /** Accepted and ignored: where instances run is where their workers are. */
  locationHint?: string;
  /** Ours. Among new instances a lower number goes first; 1 to 2,000,000. @defaultValue 1000 */
  priority?: number;
  /** Ours. Starts it this much later: milliseconds or a duration. @defaultValue 0 */
  delay?: WorkflowSleepDuration | number;
  /**
   * Ours. What it can be found by, besides id and status: at most 10, of 1 to 64 letters, digits and
   * `_ . : @ / = + -` each. They cannot be changed. @defaultValue none
   */
  tags?: readonly string[];
}

const DEFAULT_PRIORITY = 1_000;
const MAX_PRIORITY = 2_000_000;

/** Characters of a bad value that a message shows. */
const SHOWN_LENGTH = 100;

/** What Cloudflare says of a bad id. */
const INVALID_ID = "Workflow instance has invalid id";

/** What an instance has from its workflow. */
export interface CreateDefaults {
  readonly retention: Retention;
  readonly codec: PayloadCodec;
  /** Paths of the fields of params by which instances can be found. @defaultValue none */
  readonly searchable?: readonly string[] | undefined;
  /** @defaultValue "binding" */
  readonly trigger?: Trigger | undefined;
  /** What is said of a bad id, which elsewhere than in `create` has other words. */
  readonly invalidId?: string | undefined;
}

/** @throws {@link InvalidArgumentError}, {@link LimitExceededError}, {@link UnserializableValueError} */
export function toNewInstance(
  options: WorkflowInstanceCreateOptions,
  defaults: CreateDefaults,
): NewInstance {
  if (typeof options !== "object" || options === null) {
    const message = "(body) The options of an instance must be an object";
    throw new InvalidArgumentError("instance.invalid_options", message);
  }
  const { retention, codec, trigger = "binding", invalidId = INVALID_ID } = defaults;
  const { id = randomUUID(), params = {}, priority = DEFAULT_PRIORITY } = options;
  if (!isValidInstanceId(id) || isReservedInstanceId(id)) {
    const message = `(instance.invalid_id) ${invalidId}: \`${String(id)}\``;
    throw new InvalidArgumentError("instance.invalid_id", message);
  }
  const labels = labelsOf(options, defaults.searchable);
  const encoded = codec.encode(params);
  if (sizeOf(encoded) > PARAMS_SIZE_LIMIT)
    throw new LimitExceededError("`params`", PARAMS_SIZE_LIMIT);
  return {
    id,
    params: encoded,
    priority: checkPriority(priority),
    delayMs: checkDelay(options.delay ?? 0),
    retention: toRetention(options.retention, retention),
    nonce: nonceFor(trigger, randomUUID()),
    ...(labels && { labels }),
  };
}

/** Most have neither tags nor searchable fields, and pay for neither. */
function labelsOf(
  { tags, params }: WorkflowInstanceCreateOptions,
  searchable: readonly string[] = [],
): readonly string[] | undefined {
  if (tags === undefined && searchable.length === 0) return undefined;
  const labels = toLabels(checkTags(tags ?? []), params, searchable);
  return labels.length > 0 ? labels : undefined;
}

/** Retention in ms, what is not said taken from the defaults. */
export function toRetention(given: WorkflowRetention | undefined, defaults: Retention): Retention {
  return {
    successMs: checkRetention(given?.successRetention, defaults.successMs),
    errorMs: checkRetention(given?.errorRetention, defaults.errorMs),
  };
}

function checkRetention(given: string | number | undefined, defaultMs: number): number {
  if (given === undefined) return defaultMs;
  const ms = parseDuration(given);
  if (Number.isFinite(ms) && ms > 0) return Math.ceil(ms);
  const form = "'{{number}} {{unit}}' where unit is second(s), minute(s), etc.";
  throw new InvalidArgumentError(
    "instance.invalid_retention",
    `(body) Duration must be a number or a string in format ${form}`,
  );
}

function checkPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 1 && priority <= MAX_PRIORITY) return priority;
  const rule = `an integer from 1 to ${MAX_PRIORITY}`;
  throw new InvalidArgumentError(
    "instance.invalid_priority",
    `Expected \`priority\` to be ${rule}, got \`${String(priority)}\``,
  );
}

function checkTags(tags: readonly string[]): readonly string[] {
  const isList = Array.isArray(tags) && tags.length <= TAG_LIMIT;
  if (isList && tags.every(isValidTag)) return tags;
  const rule = `at most ${TAG_LIMIT} texts of 1 to ${TAG_LENGTH_LIMIT} letters, digits and _ . : @ / = + -`;
  const wrong: unknown = isList ? tags.find((tag) => !isValidTag(tag)) : tags;
  throw new InvalidArgumentError(
    "instance.invalid_tags",
    `Expected \`tags\` to be ${rule}, got \`${String(wrong).slice(0, SHOWN_LENGTH)}\``,
  );
}

function checkDelay(delay: string | number): number {
  const ms = parseDuration(delay);
  if (ms >= 0 && ms <= SLEEP_LIMIT_MS) return Math.ceil(ms);
  throw new InvalidArgumentError(
    "instance.invalid_delay",
    `Expected \`delay\` to be a duration of at most 365 days, got \`${String(delay)}\``,
  );
}
