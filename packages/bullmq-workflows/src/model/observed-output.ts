/**
 * What observers get to see of a step's result: status pages, logs, event streams, REST, the test kit.
 *
 * They all ask here, so that nobody shows what a step keeps to its workflow's code. Errors are never hidden.
 */
import type { CompletedStep, StreamReference } from "./history.ts";
import { revivePayload } from "./payload.ts";
import type { PayloadCodec } from "./payload.ts";

/** Stands for the output of a step with `sensitive: "output"`. Cloudflare's text. */
const REDACTED = "[REDACTED]";

/** The value that the step returned; of a stream the preview; {@link REDACTED} when it is not to be seen. */
export function observedOutput(
  entry: CompletedStep,
  revive: PayloadCodec["revive"] = revivePayload,
): unknown {
  if (entry.sensitive !== undefined) return REDACTED;
  return entry.stream ? entry.stream.preview : revive(entry.output);
}

/** Where an observer may read the bytes of a stream; `undefined` for any other output, and a hidden one. */
export function observedStream(entry: CompletedStep): StreamReference | undefined {
  return entry.sensitive === undefined ? entry.stream : undefined;
}
