import { describe, expect, test } from "vitest";
import { cronTimes, isTimezone, normalizeCron, whyInvalidCron } from "./cron.ts";

/** The next instants from the beginning of 2026, a Thursday. */
function next(cron: string, count = 3, timezone = "UTC", from = "2026-01-01T00:00:00Z"): string[] {
  const times = cronTimes(cron, timezone);
  const found: string[] = [];
  let at = Date.parse(from);
  while (found.length < count) {
    at = times.after(at) ?? NaN;
    found.push(new Date(at).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

describe("Cloudflare's dialect", () => {
  test.each([
    ["*/5 * * * *", ["2026-01-01T00:05Z", "2026-01-01T00:10Z", "2026-01-01T00:15Z"]],
    ["5/20 1 * * *", ["2026-01-01T01:05Z", "2026-01-01T01:25Z", "2026-01-01T01:45Z"]],
    ["0 8-10/2 * * *", ["2026-01-01T08:00Z", "2026-01-01T10:00Z", "2026-01-02T08:00Z"]],
    ["30 9,17 1 * *", ["2026-01-01T09:30Z", "2026-01-01T17:30Z", "2026-02-01T09:30Z"]],
    // 1 is Sunday, 7 is Saturday.
    ["0 9 * * 1", ["2026-01-04T09:00Z", "2026-01-11T09:00Z", "2026-01-18T09:00Z"]],
    ["0 9 * * 7", ["2026-01-03T09:00Z", "2026-01-10T09:00Z", "2026-01-17T09:00Z"]],
    ["0 9 * * SUN", ["2026-01-04T09:00Z", "2026-01-11T09:00Z", "2026-01-18T09:00Z"]],
    ["0 9 * * 2-6", ["2026-01-01T09:00Z", "2026-01-02T09:00Z", "2026-01-05T09:00Z"]],
    ["0 9 * * mon-fri", ["2026-01-01T09:00Z", "2026-01-02T09:00Z", "2026-01-05T09:00Z"]],
    ["0 0 1 JAN,JUL *", ["2026-07-01T00:00Z", "2027-01-01T00:00Z", "2027-07-01T00:00Z"]],
    // The last day, the last weekday, the weekday nearest to the 15th.
    ["45 17 L * *", ["2026-01-31T17:45Z", "2026-02-28T17:45Z", "2026-03-31T17:45Z"]],
    ["59 23 LW * *", ["2026-01-30T23:59Z", "2026-02-27T23:59Z", "2026-03-31T23:59Z"]],
    ["0 0 15W * *", ["2026-01-15T00:00Z", "2026-02-16T00:00Z", "2026-03-16T00:00Z"]],
    // The last Friday, the second Monday.
    ["0 18 * * 6L", ["2026-01-30T18:00Z", "2026-02-27T18:00Z", "2026-03-27T18:00Z"]],
    ["0 18 * * FRIL", ["2026-01-30T18:00Z", "2026-02-27T18:00Z", "2026-03-27T18:00Z"]],
    ["0 0 * * MON#2", ["2026-01-12T00:00Z", "2026-02-09T00:00Z", "2026-03-09T00:00Z"]],
    ["0 0 * * 2#2", ["2026-01-12T00:00Z", "2026-02-09T00:00Z", "2026-03-09T00:00Z"]],
    // Either the date or the weekday.
    ["0 0 13 * FRI", ["2026-01-02T00:00Z", "2026-01-09T00:00Z", "2026-01-13T00:00Z"]],
    ["0 0 29 2 *", ["2028-02-29T00:00Z", "2032-02-29T00:00Z", "2036-02-29T00:00Z"]],
  ])("%s", (cron, expected) => {
    expect(whyInvalidCron(cron)).toBeUndefined();
    expect(next(cron)).toEqual(expected);
  });

  test("fields may have any space between them, which is not told from one", () => {
    expect(normalizeCron("  */5\t *  * *   MON ")).toBe("*/5 * * * MON");
  });

  test("the last times come newest first, the instant itself included", () => {
    const at = Date.parse("2026-01-01T00:10:00Z");

    expect(cronTimes("*/5 * * * *", "UTC").upTo(at, 2)).toEqual([at, at - 300_000]);
    expect(cronTimes("*/5 * * * *", "UTC").upTo(at - 1, 1)).toEqual([at - 300_000]);
  });
});

describe("a time zone", () => {
  const spring = "2026-03-28T12:00:00Z";
  const autumn = "2026-10-24T12:00:00Z";

  test("is that whose clock counts, in winter and in summer", () => {
    expect(next("0 9 * * *", 1, "Europe/Berlin")).toEqual(["2026-01-01T08:00Z"]);
    expect(next("0 9 * * *", 1, "Europe/Berlin", "2026-07-01T00:00:00Z")).toEqual([
      "2026-07-01T07:00Z",
    ]);
    expect(next("0 9 * * *", 1, "America/New_York")).toEqual(["2026-01-01T14:00Z"]);
  });

  test("a daily time that the change to summer time skips is due right after it", () => {
    // At 02:00 the clock goes to 03:00, which is 01:00 UTC.
    expect(next("30 2 * * *", 2, "Europe/Berlin", spring)).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
  });

  test("times within the hour that is skipped are left out of what comes more often", () => {
    expect(next("*/30 2 * * *", 2, "Europe/Berlin", spring)).toEqual([
      "2026-03-30T00:00Z",
      "2026-03-30T00:30Z",
    ]);
    expect(next("0 * * * *", 3, "Europe/Berlin", "2026-03-29T00:30:00Z")).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-29T02:00Z",
      "2026-03-29T03:00Z",
    ]);
  });

  test("a daily time that comes twice at the change to winter time is due the first time", () => {
    expect(next("30 2 * * *", 2, "Europe/Berlin", autumn)).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ]);
  });

  test("what comes every half hour is due in both of the hours", () => {
    expect(next("*/30 2 * * *", 4, "Europe/Berlin", autumn)).toEqual([
      "2026-10-25T00:00Z",
      "2026-10-25T00:30Z",
      "2026-10-25T01:00Z",
      "2026-10-25T01:30Z",
    ]);
  });

  test.each(["Mars/Phobos", "", "+02:00", "CEST?", 7, undefined])("%s is none", (timezone) => {
    expect(isTimezone(timezone)).toBe(false);
  });
});

describe("an expression is refused", () => {
  test.each([
    ["0 9 * * 0", "whose day of the week is 1 (Sunday) to 7 (Saturday)"],
    ["0 9 * * 2,0", "its day of the week is `2,0`"],
    ["0 9 * * 8", "its day of the week is `8`"],
    ["0 9 * * 0-4", "its day of the week is `0-4`"],
    ["0 9 * * MON#6", "its day of the week is `MON#6`"],
    ["0 9 * * L", "its day of the week is `L`"],
    ["0 9 * * FOO", "its day of the week is `FOO`"],
    ["60 * * * *", "whose minute is 0 to 59"],
    ["/10 * * * *", "its minute is `/10`"],
    ["*/0 * * * *", "its minute is `*/0`"],
    ["*/61 * * * *", "its minute is `*/61`"],
    ["0 24 * * *", "whose hour is 0 to 23"],
    ["0 0 32 * *", "whose day of the month is 1 to 31"],
    ["0 0 0 * *", "its day of the month is `0`"],
    ["0 0 1 13 *", "whose month is 1 to 12 or JAN to DEC"],
    ["* * * *", "five fields"],
    ["* * * * * *", "five fields"],
    ["", "five fields"],
    ["@daily", "five fields"],
    ["0 0 ? * *", "made of letters"],
    ["0 0 * * <b>", "made of letters"],
    ["0 0 31 2 *", "due at some time"],
    [`${"1,".repeat(130)}1 * * * *`, "at most 256 characters"],
  ])("%s", (cron, complaint) => {
    expect(whyInvalidCron(cron)).toContain(complaint);
  });
});
