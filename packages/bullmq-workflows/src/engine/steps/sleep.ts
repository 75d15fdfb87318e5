/** `step.sleep` and `step.sleepUntil`: an instant on the store's clock, fixed when first asked for (I5). */
import { encodeEntry } from "../../model/history.ts";
import { encodeError } from "../../model/payload.ts";
import type { AskedStep, Run } from "../run.ts";

/** How long, or until when. */
export type SleepLength = { readonly durationMs: number } | { readonly until: number };

export function askSleep(run: Run, name: string, length: SleepLength): Promise<unknown> {
  const asked = run.ask("sleep", name);
  const { key, reference, state } = asked;
  const isPast = !state && "until" in length && length.until < run.storeTime.now();
  const promise = run.promiseOf(asked);
  if (state?.settlement) return promise;
  run.enter(asked, () => {
    if (isPast) return refuse(run, asked);
    if (!state) run.stage(encodeEntry({ type: "sleep_started", ...reference, ...length }));
    run.waits.add({
      key,
      isNested: asked.isNested,
      lengthMs: "until" in length ? length.until - run.storeTime.now() : length.durationMs,
      dueAt: () => {
        const known = run.timeline.steps.get(key);
        return known && run.timeline.dueAt(known);
      },
      onDue: () => run.stageSettlement(key, encodeEntry({ type: "sleep_completed", ...reference })),
    });
    run.requestTurn();
  });
  return promise;
}

/** On record, for a later replay would refuse what this one allowed, or refuse it sooner (I6). */
function refuse(run: Run, { key, reference }: AskedStep): void {
  const error = new Error("You can't sleep until a time in the past, time-traveler");
  const entry = { type: "sleep_errored", ...reference } as const;
  run.stageSettlement(key, encodeEntry(entry, "error", encodeError(error)));
}
