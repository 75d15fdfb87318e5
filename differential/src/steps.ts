/** The log of an instance's steps, made of its events: what was tried, how each try and the step ended. */
import { describe } from "./describe.ts";
import type { Instance, Subscription } from "./scenario.ts";

/** How long an instance that has not ended is listened to. */
const SILENCE_MS = 300;

export interface StepRow {
  step: string;
  config?: unknown;
  attempts?: { attempt: number; error?: unknown; retryDelayMs?: number }[];
  outcome?: unknown;
}

export type LogEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Rows in the order in which steps ended; what has not ended comes last, by name. */
export async function readSteps(instance: Instance, hasEnded: boolean): Promise<StepRow[]> {
  return toSteps(await readEvents(instance, hasEnded));
}

export async function readEvents(
  instance: Pick<Instance, "subscribe">,
  hasEnded: boolean,
): Promise<LogEvent[]> {
  if (!("subscribe" in instance)) return [];
  const subscription = await instance.subscribe();
  const events: LogEvent[] = [];
  for (;;) {
    const next = await nextOf(subscription, hasEnded);
    if (next === undefined || next.done === true) return events;
    events.push(next.value as LogEvent);
  }
}

async function nextOf(
  subscription: Subscription,
  hasEnded: boolean,
): Promise<{ readonly done?: boolean; readonly value?: unknown } | undefined> {
  if (hasEnded) return await subscription.next();
  const silence = new Promise<undefined>((resolve) =>
    setTimeout(() => resolve(undefined), SILENCE_MS),
  );
  return await Promise.race([subscription.next(), silence]);
}

function toSteps(events: readonly LogEvent[]): StepRow[] {
  const open = new Map<string, StepRow>();
  const ended: StepRow[] = [];
  for (const event of events) {
    const { type } = event;
    if (typeof event["stepName"] !== "string") continue;
    const kind = /^(sleep|wait|rollback)/.exec(type)?.[1] ?? "do";
    const step = `${kind}:${event["stepName"]}`;
    const row = open.get(step) ?? { step };
    open.set(step, row);
    if (take(row, event)) {
      ended.push(row);
      open.delete(step);
    }
  }
  const unended = [...open.values()].toSorted((a, b) => (a.step < b.step ? -1 : 1));
  return [...ended, ...unended];
}

/** Takes an event in; answers whether it is the last one of its step. */
function take(row: StepRow, event: LogEvent): boolean {
  const { type, attempt, error, retryDelayMs } = event;
  const attempts = (row.attempts ??= []);
  switch (type) {
    case "attempt_completed":
    case "rollback_attempt_completed":
      attempts.push({ attempt: Number(attempt) });
      return false;
    case "attempt_errored":
    case "rollback_attempt_errored":
      attempts.push({
        attempt: Number(attempt),
        error: describe(error),
        ...(typeof retryDelayMs === "number" && { retryDelayMs }),
      });
      return false;
    case "step_started":
    case "rollback_step_started":
      row.config = describe(event["config"]);
      return false;
    case "step_completed":
      row.outcome = { output: describe(event["output"]) };
      return true;
    default:
      if (!/_(errored|completed|timed_out)$/.test(type)) return false;
      row.outcome = type;
      return true;
  }
}
