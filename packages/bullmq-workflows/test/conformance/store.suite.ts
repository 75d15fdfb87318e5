/**
 * The contract of a {@link Store}, for every implementation to pass.
 *
 * It sees the store only through its verbs, and time only through `passTime`. After each test the
 * implementation checks that statuses, places, indices and slots agree.
 */
import { describe } from "vitest";
import { createSetUp } from "./store/bundle.ts";
import type { StoreSetup } from "./store/bundle.ts";
import { claimTests } from "./store/claims.suite.ts";
import {
  deletionTests,
  pauseTests,
  restartTests,
  terminationTests,
} from "./store/commands.suite.ts";
import { commitTests } from "./store/commits.suite.ts";
import { creationTests } from "./store/creation.suite.ts";
import {
  finishTests,
  releaseTests,
  settlePauseTests,
  suspensionTests,
} from "./store/endings.suite.ts";
import { eventTests } from "./store/events.suite.ts";
import { historyNoticeTests, historyPageTests } from "./store/watching.suite.ts";
import { onceTests } from "./store/once.suite.ts";
import { overlapTests } from "./store/lines.suite.ts";
import { limitTests } from "./store/limits.suite.ts";
import { noticeTests } from "./store/notices.suite.ts";
import { readingTests } from "./store/reading.suite.ts";
import { queueTests, whereaboutsTests } from "./store/insight.suite.ts";
import { labelTests, searchTests } from "./store/searching.suite.ts";
import { foreignLeaseTests } from "./store/foreign-lease.suite.ts";
import { lostEventTests } from "./store/lost-events.suite.ts";
import { lostRecordTests } from "./store/lost-records.suite.ts";
import { lostWriteTests } from "./store/lost-writes.suite.ts";
import { rollbackTests } from "./store/rollback.suite.ts";
import { rollBackTests } from "./store/roll-back-command.suite.ts";
import { restartFromTests } from "./store/restart-from.suite.ts";
import { streamTests } from "./store/streams.suite.ts";
import { putTests } from "./store/put-schedules.suite.ts";
import { declarationTests, firingTests } from "./store/schedules.suite.ts";
import { surveyTests } from "./store/survey.suite.ts";
import { sweepingTests } from "./store/sweeping.suite.ts";

export type { StoreSetup } from "./store/bundle.ts";

const CHAPTERS = {
  creation: creationTests,
  claims: claimTests,
  commits: commitTests,
  events: eventTests,
  suspension: suspensionTests,
  finishing: finishTests,
  release: releaseTests,
  "settling a pause": settlePauseTests,
  "pause and resume": pauseTests,
  termination: terminationTests,
  rollback: rollbackTests,
  "asking for a rollback": rollBackTests,
  restart: restartTests,
  "restart from a step": restartFromTests,
  deletion: deletionTests,
  "concurrency limit": limitTests,
  sweeping: sweepingTests,
  "lost writes": lostWriteTests,
  "foreign lease": foreignLeaseTests,
  "lost events": lostEventTests,
  "commands of a job": onceTests,
  reading: readingTests,
  "lost records": lostRecordTests,
  labels: labelTests,
  searching: searchTests,
  whereabouts: whereaboutsTests,
  "the line": queueTests,
  surveying: surveyTests,
  streams: streamTests,
  "reading a history in parts": historyPageTests,
  "watching a history": historyNoticeTests,
  notices: noticeTests,
  "declaring schedules": declarationTests,
  "putting schedules": putTests,
  "firing schedules": firingTests,
  "overlapping firings": overlapTests,
} as const;

export function describeStore(name: string, open: () => Promise<StoreSetup>): void {
  for (const [chapter, tests] of Object.entries(CHAPTERS)) {
    describe(`${name}: ${chapter}`, () => {
      tests(createSetUp(open));
    });
  }
}
