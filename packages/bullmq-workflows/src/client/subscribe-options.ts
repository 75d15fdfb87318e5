/** What `subscribe` may be told. */
import { InvalidArgumentError } from "../model/errors.ts";
import { INSTANCE_EVENT_TYPES } from "../model/instance-event-types.ts";
import type { WorkflowInstanceEventType } from "../model/instance-event-types.ts";

/** Options of one subscription. Cloudflare's names and rules. */
export interface WorkflowInstanceSubscribeOptions {
  /** The `eventId` to go on after. @defaultValue 0, which is before the first event */
  cursor?: number;
  /** The types to be told of. @defaultValue all */
  filter?: readonly WorkflowInstanceEventType[];
}

export interface ResolvedSubscribeOptions {
  readonly cursor: number;
  /** `undefined` for all. */
  readonly filter: ReadonlySet<WorkflowInstanceEventType> | undefined;
}

const KEYS = ["cursor", "filter"];

/** @throws {@link InvalidArgumentError} (`subscribe.invalid`), whose cause says what is wrong. */
export function resolveSubscribeOptions(options: unknown): ResolvedSubscribeOptions {
  if (options === undefined) return { cursor: 0, filter: undefined };
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalid("the options", "an object", options);
  }
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw invalid("a key", KEYS.join(" or "), unknown);
  const { cursor = 0, filter } = options as Record<string, unknown>;
  if (!Number.isSafeInteger(cursor) || (cursor as number) < 0) {
    throw invalid("`cursor`", "an integer of at least 0", cursor);
  }
  return { cursor: cursor as number, filter: resolveFilter(filter) };
}

function resolveFilter(filter: unknown): ResolvedSubscribeOptions["filter"] {
  if (filter === undefined) return undefined;
  if (!Array.isArray(filter)) throw invalid("`filter`", "a list of event types", filter);
  const types: readonly unknown[] = INSTANCE_EVENT_TYPES;
  const unknown: unknown = filter.find((type) => !types.includes(type));
  if (unknown !== undefined || filter.includes(undefined)) {
    throw invalid("each type in `filter`", `one of ${types.join(", ")}`, unknown);
  }
  return new Set(filter as WorkflowInstanceEventType[]);
}

/** Cloudflare's text. What is wrong stands in the cause. */
function invalid(what: string, rule: string, given: unknown): InvalidArgumentError {
  return new InvalidArgumentError("subscribe.invalid", "Invalid Workflow subscription options", {
    cause: new TypeError(`Expected ${what} to be ${rule}, got \`${String(given)}\``),
  });
}
