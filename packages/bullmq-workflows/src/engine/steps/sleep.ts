/** `step.sleep` and `step.sleepUntil`: an instant on the store's clock, fixed when first asked for (I5). */
import { encodeEntry } from "../../model/history.ts";
import type { Run } from "../run.ts";

/** How long, or until when. */
export type SleepLength = { readonly durationMs: number } | { readonly until: number };

export function askSleep(run: Run, name: string, length: SleepLength): Promise<unknown> {
  const { key, reference, state, isNested } = run.ask("sleep", name);
  // Only a sleep that never began: one on record is answered from the record, however late it is.
  if (!state && "until" in length && length.until < run.storeNow()) {
    throw new Error("You can't sleep until a time in the past, time-traveler");
  }
  const promise = run.promiseOf(key);
  if (state?.settlement) return promise;
  run.gate.enter(() => {
    if (!state) run.stage(encodeEntry({ type: "sleep_started", ...reference, ...length }));
    run.waits.add({
      key,
      lengthMs: "until" in length ? length.until - run.storeNow() : length.durationMs,
      dueAt: () => {
        const known = run.timeline.steps.get(key);
        return known && run.timeline.dueAt(known);
      },
      onDue: () => run.stageSettlement(key, encodeEntry({ type: "sleep_completed", ...reference })),
    });
    run.requestTurn();
  }, isNested);
  return promise;
}
