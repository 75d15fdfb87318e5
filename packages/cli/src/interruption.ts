/** Ctrl-C, for a command that goes on until then. */
import { EXIT } from "./exit-codes.ts";

export interface Interruption {
  /** Aborted by the first Ctrl-C. The second ends the process as it always does. */
  readonly signal: AbortSignal;
  /** What to end with: as shells have it when it was interrupted, else that all went well. */
  readonly exitCode: () => number;
  readonly stop: () => void;
}

export function onInterruption(): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => controller.abort();
  process.once("SIGINT", onSignal);
  return {
    signal: controller.signal,
    exitCode: () => (controller.signal.aborted ? EXIT.interrupted : EXIT.ok),
    stop: () => void process.off("SIGINT", onSignal),
  };
}
