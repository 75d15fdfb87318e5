/**
 * What becomes of a write that is larger than the store takes, however often it is repeated: what can leave
 * in several writes does. What cannot, ends the instance with an error that says so (I12).
 */
import { decodeEntry } from "../model/history.ts";
import { WriteTooLargeError } from "../model/write-too-large-error.ts";
import type { Run } from "./run.ts";

/** Answers false when nothing can be made smaller any more. */
export function makeSmaller(run: Run, error: WriteTooLargeError, isLeaving: boolean): boolean {
  const { journal, result } = run;
  if (journal.split(isLeaving)) return true;
  if (run.timeline.isRollingBack || isTooLarge(result)) return false;
  const what = isLeaving ? "The end of the instance" : describeEntry(journal.peek().entries[0]);
  // None of it can be kept, and what was staged after it would not be whole.
  journal.clear();
  run.result = { type: "threw", error: error.about(what), isFatal: true };
  return true;
}

function describeEntry(text: string | undefined): string {
  const entry = text === undefined ? undefined : decodeEntry(text);
  if (entry === undefined) return "A write";
  return "step" in entry ? `What step "${entry.step}" records` : `The entry "${entry.type}"`;
}

function isTooLarge(result: Run["result"]): boolean {
  return result?.type === "threw" && result.error instanceof WriteTooLargeError;
}
