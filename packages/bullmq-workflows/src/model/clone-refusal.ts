/**
 * What Cloudflare makes of a value that cannot be stored.
 *
 * There a step's result crosses to the engine first and is cloned for the record second. What cannot even
 * cross fails the attempt, and may be retried and caught; what can cross and cannot be cloned ends the
 * instance at once.
 */
import { classNameOf } from "./payload-kind.ts";
import type { UnserializableValueError } from "./unserializable-value-error.ts";

/** Classes whose objects cross there as stubs. */
const STUB_CLASSES: ReadonlySet<string> = new Set([
  "Headers",
  "ReadableStream",
  "Request",
  "Response",
  "RpcTarget",
  "WritableStream",
]);

/** Whether such a result of a step ends the instance there. */
export function endsInstance({ offender }: UnserializableValueError): boolean {
  return typeof offender === "function" || isStub(offender);
}

/** The error that says so there. */
export function toCloneError(error: UnserializableValueError): DOMException {
  return new DOMException(toMessage(error), "DataCloneError");
}

function toMessage({ offender, message }: UnserializableValueError): string {
  if (typeof offender === "function") return "RpcStub cannot be serialized in this context.";
  if (typeof offender === "symbol") return `${String(offender)} could not be cloned.`;
  if (isStub(offender)) return "ReadableStream can only be serialized for RPC.";
  const type = isObject(offender) ? classNameOf(offender) : undefined;
  if (type === undefined) return message;
  return `Could not serialize object of type "${type}". This type does not support serialization.`;
}

function isStub(offender: unknown): boolean {
  return isObject(offender) && STUB_CLASSES.has(classNameOf(offender) ?? "");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
