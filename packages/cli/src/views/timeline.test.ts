import { expect, test } from "vitest";
import { toPlain } from "../text.ts";
import type { Step } from "@bullmq-workflows/client";
import { spansOf } from "./spans.ts";
import { timeline } from "./timeline.ts";

const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();

const CONFIG = { retries: { limit: 2, delay: 1 }, timeout: "10 minutes" } as const;

function attempt(start: number, end: number | null, success: boolean | null) {
  const error = success === false ? { name: "Error", message: "no" } : null;
  return { start: iso(start), end: end === null ? null : iso(end), success, error };
}

function step(name: string, attempts: readonly ReturnType<typeof attempt>[]): Step {
  const last = attempts.at(-1)!;
  const isOver = last.success === true || (last.success === false && attempts.length > 2);
  return {
    type: "step",
    name,
    start: attempts[0]?.start ?? "",
    end: isOver ? last.end : null,
    success: isOver ? last.success : null,
    output: null,
    config: CONFIG,
    attempts,
  };
}

function draw(steps: readonly Step[], now: number, width = 30): string[] {
  const bars = steps.map((each) => ({
    label: each.type === "termination" ? "" : each.name,
    spans: spansOf(each, now * 1_000),
  }));
  return timeline(bars, width).map(toPlain);
}

test("bars are where their steps were, by a scale from the first to the last", () => {
  const steps = [
    step("a-1", [attempt(0, 5, true)]),
    step("b-1", [attempt(5, 10, true)]),
    step("quick-1", [attempt(10, 10, true)]),
  ];

  expect(draw(steps, 99)).toEqual([
    "         0────────────────10 s",
    `a-1      ${"█".repeat(11)}`,
    `b-1      ${" ".repeat(11)}${"█".repeat(10)}`,
    `quick-1  ${" ".repeat(20)}█`,
  ]);
});

test("attempts that failed, and the time between them, are seen", () => {
  const steps = [step("a-1", [attempt(0, 2, false), attempt(4, 6, false), attempt(8, 10, true)])];

  expect(draw(steps, 99, 25)[1]).toBe("a-1  ████····████····████");
});

test("what goes on reaches to now, also the wait for a retry", () => {
  const steps = [
    step("a-1", [attempt(0, null, null)]),
    step("b-1", [attempt(0, 5, false)]),
    {
      type: "sleep",
      name: "s-1",
      start: iso(5),
      end: iso(1_000),
      finished: false,
      error: null,
    },
  ] as const;

  expect(draw(steps, 10, 25)).toEqual([
    "     0───────────────10 s",
    `a-1  ${"▓".repeat(20)}`,
    `b-1  ${"█".repeat(10)}${"·".repeat(10)}`,
    `s-1  ${" ".repeat(10)}${"░".repeat(10)}`,
  ]);
});

test("with nothing to draw there is nothing", () => {
  expect(draw([{ type: "termination", trigger: { source: "unknown" } }], 1)).toEqual([]);
});

test("labels that are long, or obeyed by a terminal, are neither", () => {
  const [, line] = draw([step(`\u001B[2J${"x".repeat(60)}`, [attempt(0, 1, true)])], 1, 60);

  expect(line).toMatch(/^\\x1b\[2Jx+… {2}█+$/);
  expect(line).toHaveLength(60);
});
