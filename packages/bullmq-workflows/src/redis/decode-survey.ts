/** What the answer to a survey means: three fields for each place, then the ids. */
import type { PlaceSurvey, Survey } from "../engine/ports/insights.ts";
import { parseLosses } from "./redis-status-feed.ts";
import type { Reply } from "./script.ts";

/** What is said of each place. */
const FIELDS = 3;

export function decodeSurvey([
  ,
  now,
  backlog,
  limit,
  outbox,
  lost,
  ...rest
]: readonly Reply[]): Survey {
  const [pending, leases, timers, expiry] = [0, 1, 2, 3].map((place) =>
    toPlace(rest.slice(place * FIELDS, (place + 1) * FIELDS)),
  ) as [PlaceSurvey, PlaceSurvey, PlaceSurvey, PlaceSurvey];
  const [strayCount, ...ids] = rest.slice(4 * FIELDS);
  const texts = ids.map(String);
  const concurrencyLimit = Number(limit);
  const outboxLosses = parseLosses(String(lost));
  return {
    now: Number(now),
    pending,
    leases,
    timers,
    expiry,
    backlogCount: Number(backlog),
    ...(concurrencyLimit > 0 && { concurrencyLimit }),
    outboxCount: Number(outbox),
    ...(outboxLosses && { outboxLosses }),
    strayIds: texts.slice(0, Number(strayCount)),
    ghostIds: texts.slice(Number(strayCount)),
  };
}

function toPlace([count, overdueCount, firstAt]: readonly Reply[]): PlaceSurvey {
  return {
    count: Number(count),
    overdueCount: Number(overdueCount),
    ...(firstAt !== "" && firstAt !== null && { firstAt: Math.floor(Number(firstAt)) }),
  };
}
