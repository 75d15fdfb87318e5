/** What observers of an instance get to see of the values on record. */
import { toInstanceError, toNamedMessage } from "./error-folding.ts";
import type { ErrorForm, NamedMessage } from "./error-folding.ts";
import { NonRetryableDelayError } from "./errors.ts";
import type { CompletedStep, PayloadJson, StreamReference } from "./history.ts";
import { observedOutput, observedStream } from "./observed-output.ts";
import { decodePayload, reviveError, revivePayload } from "./payload.ts";
import type { Payload, PayloadCodec } from "./payload.ts";

export interface ObservedValues {
  /** Params, or what `run` returned. */
  readonly ofPayload: (payload: Payload) => unknown;
  readonly ofStep: (entry: CompletedStep) => unknown;
  readonly ofError: (stored: PayloadJson) => NamedMessage;
  /** Of an attempt: what it threw, though its step may have failed because of the delay function. */
  readonly ofAttempt: (stored: PayloadJson) => NamedMessage;
}

export interface ObservedValuesParts {
  /** Of the workflow, for errors of its own classes. @defaultValue the library's */
  readonly codec?: Pick<PayloadCodec, "decode" | "revive" | "reviveError">;
  /** @defaultValue "native" */
  readonly errors?: ErrorForm;
  /** Without it a stream is seen as its preview. */
  readonly openStream?: (stream: StreamReference, step: string) => unknown;
}

const LIBRARY_CODEC = { decode: decodePayload, revive: revivePayload, reviveError };

export function observeValues(parts: ObservedValuesParts = {}): ObservedValues {
  const { codec = LIBRARY_CODEC, errors = "native", openStream } = parts;
  const describe = errors === "cloudflare" ? toInstanceError : toNamedMessage;
  return {
    ofPayload: (payload) => codec.decode(payload),
    ofStep: (entry) => {
      const stream = openStream && observedStream(entry);
      return stream ? openStream(stream, entry.step) : observedOutput(entry, codec.revive);
    },
    ofError: (stored) => describe(codec.reviveError(stored)),
    ofAttempt: (stored) => describe(thrownBy(codec.reviveError(stored))),
  };
}

function thrownBy(error: unknown): unknown {
  return error instanceof NonRetryableDelayError ? (error.cause ?? error) : error;
}
