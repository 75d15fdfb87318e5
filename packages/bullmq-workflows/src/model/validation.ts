/**
 * Checking a value with a Standard Schema, whatever library it is of.
 *
 * A schema is the user's code or a library's: it may throw, take for ever, or answer nonsense, and what it
 * says of a value may contain all of it. Messages are cut; nothing of a value that was refused is stored.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { VALIDATION_TIMEOUT_MS } from "./limits.ts";
import { describeThrown } from "./payload-check.ts";
import { ValidationError } from "./validation-error.ts";
import type { ValidationIssue, ValidationSubject } from "./validation-error.ts";

/** A schema of any library that follows the Standard Schema, version 1: zod, valibot, arktype, yup … */
export type Schema<Input = unknown, Output = unknown> = StandardSchemaV1<Input, Output>;

/** Calls back after this many milliseconds, unless it is cancelled. */
type After = (delayMs: number, callback: () => void) => () => void;

/** Characters that are kept of what a schema says of one place. */
const MESSAGE_LIMIT = 500;

/** Places that are told of. What is wrong in ten thousand lines is wrong in the first hundred as well. */
const ISSUE_LIMIT = 100;

const INDEX = /^(?:0|[1-9]\d{0,8})$/;

export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as Partial<Schema>)["~standard"] as
    | Partial<Schema["~standard"]>
    | undefined;
  return standard?.version === 1 && typeof standard.validate === "function";
}

/**
 * What the schema makes of the value; a promise only if the schema's answer is one.
 *
 * @throws {@link ValidationError} when it has something against the value, or cannot tell.
 */
export function validate(
  schema: Schema,
  value: unknown,
  subject: ValidationSubject,
  after: After,
): unknown {
  let result: unknown;
  try {
    result = schema["~standard"].validate(value);
  } catch (error) {
    throw thrown(subject, error);
  }
  return isThenable(result)
    ? awaitOutput(Promise.resolve(result), subject, after)
    : outputOf(result, subject);
}

async function awaitOutput(
  answer: Promise<unknown>,
  subject: ValidationSubject,
  after: After,
): Promise<unknown> {
  let cancel = (): void => {};
  const expiry = new Promise<never>((_, reject) => {
    cancel = after(VALIDATION_TIMEOUT_MS, () => {
      reject(broken(subject, `did not answer within ${VALIDATION_TIMEOUT_MS / 1_000} seconds`));
    });
  });
  const settled = answer.catch((error: unknown) => {
    throw thrown(subject, error);
  });
  return outputOf(await Promise.race([settled, expiry]).finally(cancel), subject);
}

function outputOf(result: unknown, subject: ValidationSubject): unknown {
  if (typeof result !== "object" || result === null) {
    throw broken(subject, "answered neither a value nor issues");
  }
  const { issues, value } = result as { readonly issues?: unknown; readonly value?: unknown };
  if (!issues) return value;
  throw new ValidationError(subject, { issues: toIssues(issues) });
}

function toIssues(given: unknown): readonly ValidationIssue[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.slice(0, ISSUE_LIMIT).map(toIssue);
}

function toIssue(given: unknown): ValidationIssue {
  const { message, path } = Object(given) as {
    readonly message?: unknown;
    readonly path?: unknown;
  };
  // Plain, whatever kind of array a library has for it.
  const keys = Array.isArray(path) ? Array.from<unknown>(path).map(toKey) : [];
  return { message: cut(describeThrown(message)), path: keys };
}

/** Some libraries say an index as a text. */
function toKey(segment: unknown): string | number {
  const key: unknown =
    typeof segment === "object" && segment !== null ? (segment as { key?: unknown }).key : segment;
  const text = cut(describeThrown(key));
  return INDEX.test(text) ? Number(text) : text;
}

function thrown(subject: ValidationSubject, error: unknown): ValidationError {
  return broken(subject, `threw an error: ${cut(describeThrown(error))}`, { cause: error });
}

function broken(
  subject: ValidationSubject,
  failure: string,
  options?: ErrorOptions,
): ValidationError {
  return new ValidationError(subject, { failure }, options);
}

function cut(text: string): string {
  return text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT)}…` : text;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
