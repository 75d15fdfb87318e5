/**
 * Says once what would be said a thousand times over while Redis is in trouble.
 *
 * A hundred instances that wait for Redis to take writes again repeat them every second, and each would
 * log it. Of warnings with the same message and the same kind of error one passes in ten seconds; it
 * says how many there were since the last.
 */
import type { Clock } from "../engine/ports/clock.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import { WorkflowEngineError } from "../model/errors.ts";

const ONCE_IN_MS = 10_000;

interface Said {
  readonly at: number;
  heldBackCount: number;
}

export function quieted(inner: Telemetry, clock: Pick<Clock, "now">): Telemetry {
  const saidByKind = new Map<string, Said>();
  return {
    count: (metric, facts) => inner.count(metric, facts),
    log(level, message, facts) {
      const trouble = level === "warn" ? troubleIn(facts) : undefined;
      if (trouble === undefined) return inner.log(level, message, facts);
      const kind = `${message}: ${trouble}`;
      const now = clock.now();
      const said = saidByKind.get(kind);
      if (said && now - said.at < ONCE_IN_MS) return void said.heldBackCount++;
      saidByKind.set(kind, { at: now, heldBackCount: 0 });
      const heldBackCount = said?.heldBackCount ?? 0;
      inner.log(level, message, heldBackCount > 0 ? { ...facts, heldBackCount } : facts);
    },
  };
}

/** What kind of trouble with Redis it is; `undefined` for what is about one instance and its code. */
function troubleIn(facts: Readonly<Record<string, unknown>> = {}): string | undefined {
  const { error, instanceId } = facts;
  if (!(error instanceof Error)) return undefined;
  if (WorkflowEngineError.is(error) && error.code === "store.unavailable") return error.code;
  // BullMQ's name the job they are about, but not in the first words.
  return instanceId === undefined ? error.message.split(" ", 3).join(" ") : undefined;
}
