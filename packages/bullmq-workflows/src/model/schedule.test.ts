import { describe, expect, test } from "vitest";
import { decideFirings, scheduleOf, toScheduledId, upcomingFirings } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";

const NOON = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

function schedule(rest: Partial<Schedule> = {}): Schedule {
  const retention = { successMs: 1, errorMs: 1 };
  const names = { key: "* * * * *", cron: "* * * * *", timezone: "UTC" };
  return { ...names, overlap: "allow", catchUp: false, params: "{}", retention, ...rest };
}

describe("which times are fired", () => {
  test("one that is due is, up to a minute late", () => {
    const daily = schedule({ cron: "0 12 * * *" });
    const since = NOON - MINUTE;

    expect(decideFirings(daily, since, NOON - 1)).toEqual({ times: [], missed: 0 });
    expect(decideFirings(daily, since, NOON)).toEqual({ times: [NOON], missed: 0 });
    expect(decideFirings(daily, since, NOON + MINUTE)).toEqual({ times: [NOON], missed: 0 });
    expect(decideFirings(daily, since, NOON + MINUTE + 1)).toEqual({ times: [], missed: 1 });
    expect(decideFirings(daily, NOON, NOON + 1)).toEqual({ times: [], missed: 0 });
  });

  test("without catching up, what is later is missed", () => {
    const firings = decideFirings(schedule(), NOON - 10 * MINUTE, NOON);

    expect(firings).toEqual({ times: [NOON - MINUTE, NOON], missed: 8 });
  });

  test("the latest is the last one of those that were due", () => {
    const firings = decideFirings(schedule({ catchUp: "latest" }), NOON - 10 * MINUTE, NOON + 1);

    expect(firings).toEqual({ times: [NOON], missed: 9 });
  });

  test("all are at most a hundred, oldest first", () => {
    const few = decideFirings(schedule({ catchUp: "all" }), NOON - 3 * MINUTE, NOON);
    const many = decideFirings(schedule({ catchUp: "all" }), NOON - 1_000 * MINUTE, NOON);

    expect(few).toEqual({ times: [NOON - 2 * MINUTE, NOON - MINUTE, NOON], missed: 0 });
    expect(many.times).toHaveLength(100);
    expect(many.times[0]).toBe(NOON - 99 * MINUTE);
    expect(many.times.at(-1)).toBe(NOON);
  });

  test("upcoming are those after now, up to the horizon", () => {
    expect(upcomingFirings(schedule(), NOON, NOON + MINUTE)).toEqual([NOON + MINUTE]);
    expect(upcomingFirings(schedule(), NOON - 1, NOON)).toEqual([NOON]);
    expect(upcomingFirings(schedule(), NOON, NOON + MINUTE - 1)).toEqual([]);
  });
});

describe("an id", () => {
  test("tells the schedule, whatever is in the expression", () => {
    for (const cron of ["*/30 * * * *", "0 9 1-5 JAN-MAR MON#2", "0 0 LW * *"]) {
      expect(scheduleOf(toScheduledId(cron, NOON))).toEqual({ cron, scheduledTime: NOON });
    }
  });

  test.each([
    "order-1",
    "2f6cf8a8-2d5e-4b8f-8a43-4d3a6f0e7f6b",
    "a b-1",
    "* * * * *",
    "* * * * * -7",
  ])("of another instance tells none: %s", (id) => {
    expect(scheduleOf(id)).toBeUndefined();
  });
});
