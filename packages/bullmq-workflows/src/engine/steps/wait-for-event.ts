/** `step.waitForEvent`: the next event of a type that no other wait takes, or a timeout (I4). */
import { encodeEntry } from "../../model/history.ts";
import type { BufferedEvent } from "../ports.ts";
import type { AskedStep, Run } from "../run.ts";

export interface EventWait {
  readonly name: string;
  readonly eventType: string;
  readonly timeoutMs: number;
}

export function askWaitForEvent(run: Run, wait: EventWait): Promise<unknown> {
  const asked = run.ask("wait", wait.name);
  const promise = run.promiseOf(asked);
  if (!asked.state?.settlement) run.enter(asked, () => beginWait(run, wait, asked));
  return promise;
}

function beginWait(run: Run, wait: EventWait, asked: AskedStep): void {
  const { key, reference, state, isNested } = asked;
  // What was asked for first holds: changed code waits for the type and the instant on record.
  const eventType = state?.eventType ?? wait.eventType;
  const timeoutMs = state?.timeoutMs ?? wait.timeoutMs;
  if (!state) run.stage(encodeEntry({ type: "wait_started", ...reference, eventType, timeoutMs }));
  run.waits.add({
    key,
    isNested,
    eventType,
    lengthMs: timeoutMs,
    dueAt: () => {
      const known = run.timeline.steps.get(key);
      return known && run.timeline.dueAt(known);
    },
    onDue: () => {
      const entry = { type: "wait_timed_out", ...reference, timeoutMs } as const;
      run.stageSettlement(key, encodeEntry(entry));
    },
    onEvent: ({ at, seq, payload }: BufferedEvent) => {
      const entry = { type: "wait_completed", ...reference, eventType, receivedAt: at } as const;
      run.stageSettlement(key, encodeEntry(entry, "payload", payload), { consumedEvent: seq });
    },
  });
  run.requestTurn();
}
