/**
 * What becomes of an error on its way from a step to the code that catches it.
 *
 * At Cloudflare the two sit on different sides of a boundary that only text crosses: an error arrives as
 * one of JavaScript's own classes or, when its name is another, as an `Error` whose message begins with
 * that name. Code written for Cloudflare looks for such messages. Folding takes place when an error is
 * handed out, not when it is stored, so the record keeps all of it for whoever looks for the fault.
 */
import { setOwn } from "./error-value.ts";
import { LimitExceededError, StepsTerminatedError, WorkflowEngineError } from "./errors.ts";
import { classNameOf, isError } from "./payload-kind.ts";

/**
 * How errors reach the code of a workflow, and those who ask for its status: `native` as they were
 * thrown, with class, name, `cause` and properties; `cloudflare` folded as at Cloudflare.
 */
export type ErrorForm = "cloudflare" | "native";

export const ERROR_FORMS: readonly ErrorForm[] = ["cloudflare", "native"];

/** An error as statuses, logs and event streams show it. */
export interface NamedMessage {
  readonly name: string;
  readonly message: string;
}

/** The classes that cross as themselves. They are told by the error's name, as only text crosses. */
const CROSSING_CLASSES: ReadonlyMap<string, new (message: string) => Error> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((each) => [
    each.name,
    each,
  ]),
);

const NON_RETRYABLE = "NonRetryableError";

/** The error as it would arrive at Cloudflare. Cause and properties are gone; the stack is kept. */
export function foldError(thrown: unknown): Error {
  const { name, message, stack } = readThere(thrown);
  if (thrown instanceof DOMException) return withStack(new DOMException(message, name), stack);
  if (name === "AggregateError") return withStack(new AggregateError([], message), stack);
  const Class = CROSSING_CLASSES.get(name);
  return withStack(Class ? new Class(message) : new Error(joined(name, message)), stack);
}

/**
 * The error of an instance as Cloudflare's `status()` has it. One of the engine's classes is what ended
 * the instance itself: on its way through the workflow's code it would have been folded.
 */
export function toInstanceError(thrown: unknown): NamedMessage {
  if (WorkflowEngineError.is(thrown)) {
    const { name, message } = readThere(thrown);
    return { name, message };
  }
  const { name, message } = foldError(thrown);
  if (!message.startsWith(NON_RETRYABLE)) return { name, message };
  return { name: NON_RETRYABLE, message: message.replace(/^NonRetryableError(: |:|$)/, "") };
}

/** An error as it is, in the words that a status has for it. */
export function toNamedMessage(thrown: unknown): NamedMessage {
  const { name, message } = read(thrown);
  return { name, message };
}

function joined(name: string, message: string): string {
  if (message === "") return name;
  return name === "" ? message : `${name}: ${message}`;
}

/** As {@link read}, under the name that Cloudflare has for an error of ours. */
function readThere(thrown: unknown): ErrorTexts {
  const texts = read(thrown);
  // Made on the side of the code that sees it, so that no name is folded in.
  if (thrown instanceof StepsTerminatedError) return { ...texts, name: "Error" };
  return thrown instanceof LimitExceededError ? { ...texts, name: "WorkflowInternalError" } : texts;
}

interface ErrorTexts extends NamedMessage {
  readonly stack: string | undefined;
}

function read(thrown: unknown): ErrorTexts {
  if (typeof thrown !== "object" || thrown === null || !isError(thrown)) {
    return { name: "Error", message: labelOf(thrown), stack: undefined };
  }
  return {
    name: textOf(thrown, "name") ?? "Error",
    message: textOf(thrown, "message") ?? "",
    stack: textOf(thrown, "stack"),
  };
}

function textOf(error: Error, key: "name" | "message" | "stack"): string | undefined {
  try {
    const value: unknown = error[key];
    return value === undefined ? undefined : String(value);
  } catch {
    // A getter that throws hides one text, not the failure.
    return undefined;
  }
}

/** The words in which JavaScript engines speak of a thrown value that is not an error: `#<Object>`. */
function labelOf(thrown: unknown): string {
  if (typeof thrown === "function" || typeof thrown !== "object" || thrown === null) {
    return String(thrown);
  }
  const hasOwnText = Array.isArray(thrown) || thrown instanceof Date || thrown instanceof RegExp;
  if (hasOwnText) return Object.prototype.toString.call(thrown);
  return `#<${classNameOf(thrown) ?? "Object"}>`;
}

/** Nothing in a workflow may depend on a stack, and without one nobody finds the fault. */
function withStack(error: Error, stack: string | undefined): Error {
  if (stack === undefined) delete error.stack;
  else setOwn(error, "stack", stack, false);
  return error;
}
