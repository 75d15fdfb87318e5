/**
 * What remains of a thrown value that cannot be stored whole: an error that says as much as possible.
 *
 * Whoever threw it must not lose the failure because of what hung on it (a request, a socket, a
 * callback), so nothing in here throws, however hostile the value.
 */
import { fillError, setOwn } from "./error-value.ts";
import type { ErrorRecord, ErrorTypes } from "./error-value.ts";
import { STEP_RESULT_SIZE_LIMIT } from "./limits.ts";
import { assertSerializable } from "./payload-check.ts";
import { classNameOf, isError } from "./payload-kind.ts";

// Far more than any real chain of causes, and far from exhausting the call stack.
const CAUSE_LIMIT = 50;

/** Characters that are kept of each text of an error that is larger. */
const SUMMARY_TEXT_LIMIT = 10_000;

interface ErrorParts {
  readonly type: string;
  readonly message: string;
  readonly name?: string | undefined;
  readonly stack?: string | undefined;
  readonly code?: string | number | undefined;
}

/** Makes storable errors of thrown values that are not. */
export class ErrorFallback {
  readonly #types: ErrorTypes;
  readonly #copies = new Map<object, Error>();

  constructor(types: ErrorTypes) {
    this.#types = types;
  }

  /** A copy of the error without what cannot be stored, or an error that describes any other value. */
  reduce(thrown: unknown): Error {
    if (attempt(() => typeof thrown === "object" && thrown !== null && isError(thrown))) {
      return this.#copy(thrown as Error, 0);
    }
    return describe(thrown);
  }

  /** Little more than name, message and stack of what is too large to be stored, and a note of that. */
  summarize(thrown: unknown, size: number): Error {
    const described = this.#describeParts(thrown);
    const message = described.message ?? "";
    const cut = shorten(message);
    const summary = this.#types.createShell({ type: described.type });
    fillError(summary, { type: described.type, message: cut });
    if (described.name !== undefined && described.name !== summary.name) {
      setOwn(summary, "name", shorten(described.name), false);
    }
    // A stack begins with the message, which would leave no room for the rest.
    const stack = described.stack?.replace(message, () => cut);
    if (stack !== undefined) setOwn(summary, "stack", shorten(stack), false);
    const { code } = described;
    if (code !== undefined) setOwn(summary, "code", code);
    setOwn(
      summary,
      "reduced",
      `This error was too large to be stored (${size} bytes, the limit is ${STEP_RESULT_SIZE_LIMIT}): of its properties only name, message, stack and code are kept, each cut to ${SUMMARY_TEXT_LIMIT} characters`,
    );
    return summary;
  }

  #describeParts(thrown: unknown): ErrorParts {
    const isObject = typeof thrown === "object" && thrown !== null;
    if (!isObject) return { type: "Error", message: label(thrown) };
    const type = attempt(() => (isError(thrown) ? this.#types.typeOf(thrown) : "Error")) ?? "Error";
    const code = attempt((): unknown => Reflect.get(thrown, "code"));
    return {
      type: type === "DOMException" ? "Error" : type,
      name: readText(thrown, "name"),
      message: readText(thrown, "message") ?? label(thrown),
      stack: readText(thrown, "stack"),
      code: typeof code === "string" ? shorten(code) : typeof code === "number" ? code : undefined,
    };
  }

  #copy(error: Error, depth: number): Error {
    const known = this.#copies.get(error);
    if (known !== undefined) return known;
    const type = attempt(() => this.#types.typeOf(error)) ?? "Error";
    // A DOMException's name and message are fixed when it is made; as an ordinary error they can be set.
    const record: ErrorRecord = { type: type === "DOMException" ? "Error" : type };
    const copy = this.#types.createShell(record);
    this.#copies.set(error, copy);
    fillError(copy, { ...record, ...describedParts(error, copy) });
    for (const key of attempt(() => Object.getOwnPropertyNames(error)) ?? []) {
      this.#keep({ error, copy, key, depth });
    }
    return copy;
  }

  #keep(from: { error: Error; copy: Error; key: string; depth: number }): void {
    const { error, copy, key, depth } = from;
    attempt(() => {
      const value = this.#storable(Reflect.get(error, key), depth);
      const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
      setOwn(copy, key, value, enumerable);
    });
  }

  /** Throws for what cannot be kept, so that the property is left out. */
  #storable(value: unknown, depth: number): unknown {
    if (typeof value === "object" && value !== null) {
      if (isError(value) && depth < CAUSE_LIMIT) return this.#copy(value, depth + 1);
      if (Array.isArray(value) && value.some((item) => isErrorValue(item))) {
        return value
          .filter((item) => isErrorValue(item))
          .map((item) => this.#storable(item, depth));
      }
    }
    assertSerializable(value);
    return value;
  }
}

function shorten(text: string): string {
  return text.length <= SUMMARY_TEXT_LIMIT ? text : `${text.slice(0, SUMMARY_TEXT_LIMIT)}…`;
}

function isErrorValue(value: unknown): boolean {
  return typeof value === "object" && value !== null && isError(value);
}

/** Name and message as the error shows them, where they are not what its copy would show anyway. */
function describedParts(error: object, copy: Error): Pick<ErrorRecord, "name" | "message"> {
  const parts: Pick<ErrorRecord, "name" | "message"> = {};
  for (const key of ["name", "message"] as const) {
    const text = readText(error, key);
    if (text !== undefined && text !== copy[key]) parts[key] = text;
  }
  return parts;
}

function describe(thrown: unknown): Error {
  const error = new Error();
  const isObject = typeof thrown === "object" && thrown !== null;
  const message = isObject ? readText(thrown, "message") : undefined;
  const record: ErrorRecord = { type: "Error", message: message ?? label(thrown) };
  const name = isObject ? readText(thrown, "name") : undefined;
  const stack = isObject ? readText(thrown, "stack") : undefined;
  if (name !== undefined && name !== "Error") record.name = name;
  if (stack !== undefined) record.hidden = { stack };
  fillError(error, record);
  return error;
}

/** A thrown value that is not an error in a word: `#<Response>`, `Symbol(x)`, `function retry`. */
function label(thrown: unknown): string {
  const text = attempt(() => {
    if (typeof thrown === "function") return `function ${thrown.name}`.trimEnd();
    if (typeof thrown !== "object" || thrown === null) return String(thrown);
    return `#<${classNameOf(thrown) ?? "Object"}>`;
  });
  return text ?? "#<Object>";
}

function readText(source: object, key: "name" | "message" | "stack"): string | undefined {
  const value = attempt((): unknown => Reflect.get(source, key));
  return typeof value === "string" ? value : undefined;
}

/** The result, or `undefined` when a getter, a proxy or a check on the way throws. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // What cannot be read or kept is left out: the failure itself matters more than its details.
    return undefined;
  }
}
