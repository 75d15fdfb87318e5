/**
 * How user values are stored: params, event payloads, step results, outputs and errors.
 *
 * A payload is always a JSON text, so it can be put verbatim into a larger one and read by people. A value
 * that is plain JSON is stored as exactly its JSON. Any other is stored as an object with one reserved key,
 * which names the format and its version: `{"$rich/1":[…]}`, where the list is devalue's. A plain object
 * that would look like that is stored the rich way too, so there is never a doubt.
 *
 * A value comes back as it went in, types, identities and cycles included, or it is refused with the path
 * of what could not be kept. The exceptions, chosen and tested: properties that are not enumerable are
 * ignored (except an error's), and so are symbols on anything but objects and arrays, a RegExp's
 * `lastIndex`, and properties set on a typed array; getters are read; a view of part of a buffer comes
 * back with a buffer of its own.
 */
import { stringify, unflatten } from "devalue";
import * as engineErrors from "./errors.ts";
import { ErrorFallback } from "./error-fallback.ts";
import { foldError } from "./error-folding.ts";
import type { ErrorForm } from "./error-folding.ts";
import { ErrorTypes } from "./error-value.ts";
import type { ErrorClasses } from "./error-value.ts";
import { STEP_RESULT_SIZE_LIMIT } from "./limits.ts";
import { assertSerializable, describeThrown } from "./payload-check.ts";
import { isPlainJson, isPlainNumber } from "./payload-plain.ts";
import { createReducers, createRevivers } from "./payload-types.ts";
import { sizeOf } from "./payload-size.ts";
import { StoreUnavailableError } from "./store-errors.ts";
import * as streamErrors from "./stream-errors.ts";
import { UnserializableValueError } from "./unserializable-value-error.ts";
import { UnsupportedFormatError } from "./unsupported-format-error.ts";
import { ValidationError } from "./validation-error.ts";
import { WriteTooLargeError } from "./write-too-large-error.ts";

/** A stored value: a JSON text. */
export type Payload = string;

/** Turns values into payloads and back. */
export interface PayloadCodec {
  readonly form: ErrorForm;
  /** @throws {@link UnserializableValueError} when the value would not come back as it is. */
  readonly encode: (value: unknown) => Payload;
  /** @throws {@link UnsupportedFormatError} when a newer version of the library wrote the payload. */
  readonly decode: (payload: Payload) => unknown;
  /**
   * Like `decode`, for a payload that was part of a larger JSON text and is parsed already. A plain value
   * is returned as it is, not copied, so whoever revives a payload twice shares it.
   */
  readonly revive: (parsed: unknown) => unknown;
  /**
   * Like `encode` for a thrown value, but never throws: what cannot be kept of it is left out. One that is
   * too large is stored as little more than name, message and stack.
   */
  readonly encodeError: (thrown: unknown) => Payload;
  /** The thrown value as it was, as far as it could be kept, whatever the error form. */
  readonly decodeError: (payload: Payload) => unknown;
  /** Like `decodeError`, for a payload that is parsed already. */
  readonly reviveError: (parsed: unknown) => unknown;
  /** A thrown value as the workflow's code gets to see it. */
  readonly cross: (thrown: unknown) => unknown;
}

const RICH_FORMAT = "$rich/1";
const RICH_PREFIX = `{"${RICH_FORMAT}":`;
// What a step without a result returns: common enough for a shortcut.
const UNDEFINED: Payload = `${RICH_PREFIX}-1}`;
// Reserved as a whole, so that formats yet to come cannot be mistaken for data written today.
const FORMAT_KEY = /^\$[a-z]+\/\d+$/;

export interface PayloadCodecOptions {
  /** Errors of these classes, beside JavaScript's own, come back as instances of them. */
  readonly errors?: ErrorClasses;
  /** @defaultValue "native" */
  readonly form?: ErrorForm;
}

export function createPayloadCodec(options: PayloadCodecOptions = {}): PayloadCodec {
  const errors = new ErrorTypes(options.errors ?? {});
  const reducers = createReducers(errors);

  function encode(value: unknown): Payload {
    return encodePlain(value) ?? encodeRich(value, reducers);
  }

  function revive(parsed: unknown): unknown {
    const format = formatOf(parsed);
    return format === undefined ? parsed : reviveRich(parsed as object, format, errors);
  }

  function decode(payload: Payload): unknown {
    return payload === UNDEFINED ? undefined : revive(JSON.parse(payload));
  }

  function encodeError(thrown: unknown): Payload {
    const payload = encodeThrown(thrown);
    // Every attempt of a step stores its error, so what hangs on one (a response) is stored many times.
    const size = sizeOf(payload);
    if (size <= STEP_RESULT_SIZE_LIMIT) return payload;
    return encodeThrown(new ErrorFallback(errors).summarize(thrown, size));
  }

  function encodeThrown(thrown: unknown): Payload {
    try {
      return encode(thrown);
    } catch {
      return encodeReduced(thrown);
    }
  }

  function encodeReduced(thrown: unknown): Payload {
    try {
      return encode(new ErrorFallback(errors).reduce(thrown));
    } catch {
      // Whatever it is answers differently every time it is read; that it was thrown is all we know.
      return encode(new Error("An error was thrown that could not be described"));
    }
  }

  const { form = "native" } = options;
  const cross = form === "cloudflare" ? foldError : (thrown: unknown): unknown => thrown;
  const reading = { decode, revive, decodeError: decode, reviveError: revive };
  return { form, encode, encodeError, ...reading, cross };
}

/** `undefined` when the value needs the rich form. */
function encodePlain(value: unknown): Payload | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return isPlainNumber(value) ? String(value) : undefined;
    case "boolean":
      return String(value);
    case "undefined":
      return UNDEFINED;
    case "object":
      return value === null ? "null" : encodePlainObject(value);
    default:
      return undefined;
  }
}

function encodePlainObject(value: object): Payload | undefined {
  try {
    const isPlain = formatOf(value) === undefined && isPlainJson(value);
    return isPlain ? JSON.stringify(value) : undefined;
  } catch {
    // Something threw while it was read: the careful walk of the rich form will tell where.
    return undefined;
  }
}

function encodeRich(value: unknown, reducers: ReturnType<typeof createReducers>): Payload {
  assertSerializable(value);
  try {
    return `${RICH_PREFIX}${stringify(value, reducers, { operations: { viewInfo } })}}`;
  } catch (error) {
    throw new UnserializableValueError("$", `could not be written: ${describeThrown(error)}`, {
      cause: error,
    });
  }
}

/** Only the bytes that a view shows are kept: it may be a small window on a large or secret buffer. */
function viewInfo(view: Uint8Array): {
  buffer: ArrayBufferLike;
  byteOffset: number;
  byteLength: number;
  length: number;
  bufferByteLength: number;
} {
  const { byteLength, length, byteOffset } = view;
  const isWhole = byteLength === view.buffer.byteLength && view.buffer instanceof ArrayBuffer;
  const buffer = isWhole
    ? view.buffer
    : new Uint8Array(new Uint8Array(view.buffer, byteOffset, byteLength)).buffer;
  return { buffer, byteOffset: 0, byteLength, length, bufferByteLength: byteLength };
}

function reviveRich(parsed: object, format: string, errors: ErrorTypes): unknown {
  if (format !== RICH_FORMAT) throw new UnsupportedFormatError(format, RICH_FORMAT);
  const flat: unknown = Reflect.get(parsed, format);
  // A value without parts (`undefined`, `NaN`) is a number there.
  if (typeof flat === "number") return unflatten(flat);
  const { revivers, finish } = createRevivers(errors);
  const value: unknown = unflatten(flat as unknown[], revivers);
  finish();
  return value;
}

/** The format that an object names by its only key, or `undefined` when it is data. */
function formatOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // The first key tells almost always, and enumerating stops there.
  for (const key in value) {
    if (!key.startsWith("$")) return undefined;
    return FORMAT_KEY.test(key) && Object.keys(value).length === 1 ? key : undefined;
  }
  return undefined;
}

/** Every error of this library comes back as itself. */
const ENGINE_ERRORS: ErrorClasses = {
  ...engineErrors,
  ...streamErrors,
  StoreUnavailableError,
  UnserializableValueError,
  UnsupportedFormatError,
  ValidationError,
  WriteTooLargeError,
};

/** The codec of a workflow that has errors of its own, or another error form than `native`. */
export function createWorkflowCodec(classes: ErrorClasses, form: ErrorForm): PayloadCodec {
  if (form === "native" && Object.keys(classes).length === 0) return codec;
  return createPayloadCodec({ errors: { ...classes, ...ENGINE_ERRORS }, form });
}

const codec = createPayloadCodec({ errors: ENGINE_ERRORS });

/** Stores a value. @throws {@link UnserializableValueError} when it would not come back as it is. */
export const encodePayload: PayloadCodec["encode"] = codec.encode;

/** Reads a stored value. @throws {@link UnsupportedFormatError} when a newer library wrote it. */
export const decodePayload: PayloadCodec["decode"] = codec.decode;

/** Reads a stored value that was part of a larger JSON text and is parsed already. */
export const revivePayload: PayloadCodec["revive"] = codec.revive;

/** Stores a thrown value, as much of it as can be kept. Never throws. */
export const encodeError: PayloadCodec["encodeError"] = codec.encodeError;

/** Reads a thrown value that {@link encodeError} stored. */
export const decodeError: PayloadCodec["decodeError"] = codec.decodeError;

/** Reads a thrown value that was part of a larger JSON text and is parsed already. */
export const reviveError: PayloadCodec["reviveError"] = codec.reviveError;
