import { expect, test } from "vitest";
import type { FireRequest, ScheduleStore } from "../engine/ports/schedules.ts";
import { VIRTUAL_EPOCH, VirtualClock } from "../memory/virtual-clock.ts";
import type { Schedule } from "../model/schedule.ts";
import { ScheduleKeeper } from "./schedule-keeper.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;

const SCHEDULE: Schedule = {
  key: "* * * * *",
  cron: "* * * * *",
  timezone: "UTC",
  overlap: "allow",
  catchUp: "all",
  params: "null",
  retention: { successMs: DAY, errorMs: DAY },
};

/** A store of which the test says what its clock is, and up to when the schedule has fired. */
function stubStore(state: { now: number; firedUntil: number }, fired: FireRequest[]) {
  const inForce = async () => ({
    digest: "d",
    now: state.now,
    isContested: false,
    hasChanged: false,
    states: [{ schedule: SCHEDULE, firedUntil: state.firedUntil }],
  });
  const fire: ScheduleStore["fire"] = async (request) => {
    fired.push(request);
    return { type: "fired", ...state, createdCount: 0, skippedCount: 0, requests: [] };
  };
  return { schedules: { inForce, declareSchedules: inForce, putSchedules: inForce, fire } };
}

test.each([
  ["that was ahead is no reason to fire no more", DAY, 5],
  ["that has lost its latest writes fires nothing again", 2 * MINUTE - 10, 3],
])("a store %s", async (_, aheadMs, dueCount) => {
  const fired: FireRequest[] = [];
  const state = { now: VIRTUAL_EPOCH + aheadMs, firedUntil: VIRTUAL_EPOCH + aheadMs };
  const keeper = new ScheduleKeeper({
    workflow: "w",
    declaration: { digest: "d", schedules: [SCHEDULE] },
    store: stubStore(state, fired),
    dispatcher: { setAlarms: async () => {} },
    clock: new VirtualClock(),
    telemetry: { log: () => {}, count: () => {} },
    beatMs: 0,
    dispatch: () => {},
  });
  await keeper.start();
  expect(fired).toEqual([]);

  Object.assign(state, { now: VIRTUAL_EPOCH + 5 * MINUTE, firedUntil: VIRTUAL_EPOCH });
  await keeper.beat();

  const due = fired.flatMap(({ times }) => times).filter((time) => time <= state.now);
  expect(due).toHaveLength(dueCount);
  await keeper.stop();
});
