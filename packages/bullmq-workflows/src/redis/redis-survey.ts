/** The survey of a workflow on Redis: one script, and what its answer means. */
import type { PlaceSurvey, Survey, SurveyStore } from "../engine/survey-ports.ts";
import { parseLosses } from "./redis-status-feed.ts";
import type { Reply } from "./script.ts";
import type { ScriptRunner } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export function createSurvey(runner: ScriptRunner): SurveyStore["survey"] {
  return async (request) => toSurvey(await runner.run(scripts.surveyWorkflow, request));
}

/** What is said of each place. */
const FIELDS = 3;

function toSurvey([, now, backlog, limit, outbox, lost, ...rest]: readonly Reply[]): Survey {
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
