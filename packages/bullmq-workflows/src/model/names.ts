/**
 * Which identifiers are acceptable. The rules are Cloudflare's, so that a name which works here works
 * there; each function only answers, and the caller chooses the error.
 */
import {
  ADDRESSABLE_INSTANCE_ID_LENGTH_LIMIT,
  EVENT_TYPE_LENGTH_LIMIT,
  INSTANCE_ID_LENGTH_LIMIT,
  STEP_NAME_LENGTH_LIMIT,
  WORKFLOW_NAME_LENGTH_LIMIT,
} from "./limits.ts";

const IDENTIFIER = /^[a-zA-Z0-9_][a-zA-Z0-9-_]*$/;
// A cron's instance is named after its expression: "*/30 * * * *-1786001400000".
const ADDRESSABLE_ID = /^[a-zA-Z0-9, */#_-]+$/;
const NAMESPACE = /^[a-zA-Z0-9_-]{1,64}$/;
const SYSTEM_ID = /^cf_[0-9a-f]{64}$/;
// oxlint-disable-next-line no-control-regex -- control characters are what this pattern is about
const CONTROL_CHARACTER = /[\u0000-\u001f]/;

// As an id, each of these would collide with a path of the REST API.
const PATH_WORDS: ReadonlySet<string> = new Set(["batch", "terminate", "terminateAll"]);

/** Whether an instance may be created under this id (see also {@link isReservedInstanceId}). */
export function isValidInstanceId(id: unknown): id is string {
  return isIdentifier(id, INSTANCE_ID_LENGTH_LIMIT);
}

/** Whether this id is kept for the system, so that a user's instance cannot have it. */
export function isReservedInstanceId(id: string): boolean {
  return PATH_WORDS.has(id) || SYSTEM_ID.test(id);
}

/** Whether an instance with this id could exist: wider than what users may create, as crons name theirs. */
export function isAddressableInstanceId(id: unknown): id is string {
  return (
    typeof id === "string" &&
    id.length <= ADDRESSABLE_INSTANCE_ID_LENGTH_LIMIT &&
    ADDRESSABLE_ID.test(id)
  );
}

/** Whether a workflow may be registered under this name. */
export function isValidWorkflowName(name: unknown): name is string {
  return isIdentifier(name, WORKFLOW_NAME_LENGTH_LIMIT);
}

/** Whether a namespace may have this name: what `wrangler` takes for an account's id. */
export function isValidNamespace(name: unknown): name is string {
  return typeof name === "string" && NAMESPACE.test(name);
}

/** Whether an event may have this type. A `.` is the classic mistake: it is not allowed. */
export function isValidEventType(type: unknown): type is string {
  return isIdentifier(type, EVENT_TYPE_LENGTH_LIMIT);
}

/** Whether a step may have this name: any text without control characters, the empty one included. */
export function isValidStepName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    name.length <= STEP_NAME_LENGTH_LIMIT &&
    !CONTROL_CHARACTER.test(name)
  );
}

function isIdentifier(value: unknown, lengthLimit: number): value is string {
  return typeof value === "string" && value.length <= lengthLimit && IDENTIFIER.test(value);
}
