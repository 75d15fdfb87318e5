/**
 * What becomes of a write that is larger than the store takes, however often it is repeated: what can leave
 * in several writes does. What cannot is recorded as an error that says so, and the step fails with it; if
 * it is no step's, the instance ends with it (I12).
 */
import { beginsRollback, decodeEntry, encodeEntry } from "../model/history.ts";
import type { HistoryEntry } from "../model/history.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { WriteTooLargeError } from "../model/write-too-large-error.ts";
import type { Run, RunResult } from "./run.ts";

/** As what is recorded that has a value too large to be kept. */
const FAILED_AS: Partial<Record<HistoryEntry["type"], HistoryEntry["type"]>> = {
  step_completed: "step_errored",
  step_errored: "step_errored",
  attempt_errored: "attempt_errored",
  rollback_attempt_errored: "rollback_attempt_errored",
  rollback_step_errored: "rollback_step_errored",
  rollback_errored: "rollback_errored",
};

/** Answers false for any other error, and when nothing can be made smaller any more. */
export function makeSmaller(run: Run, error: unknown, isLeaving: boolean): boolean {
  if (!(error instanceof WriteTooLargeError)) return false;
  const { journal, definition } = run;
  if (unstageRollbackStart(run, error)) return true;
  if (journal.split(isLeaving)) return true;
  const [text] = journal.peek().entries;
  const smaller = text && toFailed(text, error, definition.codec);
  if (smaller) {
    journal.replaceFirst(smaller);
    return true;
  }
  const ended = endWith(run, error);
  // None of it can be kept, and what was staged after it would not be whole.
  if (ended) journal.clear();
  return ended;
}

/**
 * That a rollback begins leaves with the write that has the instance roll back: it is staged again with that,
 * and then with an error that can be kept.
 */
function unstageRollbackStart(run: Run, error: WriteTooLargeError): boolean {
  const [text = ""] = run.journal.peek().entries;
  if (!beginsRollback(text) || run.result?.type !== "threw" || hasMadeSmaller(run)) return false;
  run.result = { ...run.result, error: error.about('The entry "rollback_started"') };
  run.journal.drop({ entries: [text], consumed: [] });
  return true;
}

/** Even that the write is too large is too much. */
function hasMadeSmaller({ result }: Run): boolean {
  return result?.type === "threw" && result.error instanceof WriteTooLargeError;
}

/** The entry with the error in place of its value; `undefined` if it has none, or that is no smaller. */
function toFailed(
  text: string,
  error: WriteTooLargeError,
  codec: PayloadCodec,
): string | undefined {
  const { type, ...entry } = decodeEntry(text);
  const failedAs = FAILED_AS[type];
  if (failedAs === undefined) return undefined;
  const what = "step" in entry ? `What step "${entry.step}" records` : `The entry "${type}"`;
  const value = { output: undefined, error: undefined, sensitive: undefined };
  const payload = codec.encodeError(error.about(what));
  const smaller = encodeEntry({ type: failedAs, ...entry, ...value }, "error", payload);
  return smaller.length < text.length ? smaller : undefined;
}

function endWith(run: Run, error: WriteTooLargeError): boolean {
  const { result, definition } = run;
  if (result?.type === "rolledBack") {
    const smaller = toSmallerRollback(result, error, definition.codec);
    if (smaller) run.result = smaller;
    return smaller !== undefined;
  }
  if (hasMadeSmaller(run) || run.timeline.isRollingBack) return false;
  run.result = { type: "threw", error: error.about("The end of the instance"), isFatal: true };
  return true;
}

/** How the rollback ended gives way first, then what had set it off. */
function toSmallerRollback(
  given: Extract<RunResult, { type: "rolledBack" }>,
  error: WriteTooLargeError,
  codec: PayloadCodec,
): RunResult | undefined {
  const { ending, result } = given;
  const smaller = ending && toFailed(ending, error, codec);
  if (smaller) return { ...given, ending: smaller };
  const payload = codec.encodeError(error.about("The end of the instance"));
  if (result.status !== "errored" || payload.length >= result.error.length) return undefined;
  return { ...given, result: { status: "errored", error: payload } };
}
