import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";
import type { WorkflowSleepDuration } from "./duration.ts";

const DAY = 86_400_000;

describe("parseDuration", () => {
  test.each<[WorkflowSleepDuration, number]>([
    [0, 0],
    [1.5, 1.5],
    [-20, -20],
    ["1 second", 1_000],
    ["2 seconds", 2_000],
    ["1.5 hours", 5_400_000],
    ["5 minutes", 300_000],
    ["1 day", DAY],
    ["2 weeks", 14 * DAY],
    ["1 month", 30 * DAY],
    ["1 year", 365.25 * DAY],
    ["-1 second", -1_000],
  ])("reads the documented form %s", (value, ms) => {
    expect(parseDuration(value)).toBe(ms);
  });

  test.each([
    ["5000", 5_000],
    [" 5000 ", 5_000],
    ["1e3", 1_000],
    ["", 0],
    ["500 ms", 500],
    ["1 m", 1],
    ["10 Minutes", 10],
    ["3 fortnights", 3],
    ["5 s", 5],
    ["5 constructor", 5],
    ["10   seconds", 10_000],
    ["1 minuteS", 1],
  ])("reads the odd form %j as Cloudflare does", (value, ms) => {
    expect(parseDuration(value)).toBe(ms);
  });

  test.each([
    "10seconds",
    "soon",
    "ten seconds",
    "5 min.",
    "1 hour 5 minutes",
    " 5 seconds",
    "5 seconds ",
    Number.NaN,
  ])("does not understand %j", (value) => {
    expect(parseDuration(value)).toBeNaN();
  });
});

test.each([
  [0, "0ms"],
  [0.4, "0ms"],
  [850, "850ms"],
  [999.6, "1s"],
  [2_030, "2s 30ms"],
  [184_000, "3m 4s"],
  [3_900_000, "1h 5m"],
  [3_605_000, "1h"],
  [60_000, "1m"],
  [DAY + 7_200_000, "1d 2h"],
  [400 * DAY, "400d"],
  [-1_500, "-1s 500ms"],
  [Infinity, "Infinity"],
])("%d ms are shown as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
