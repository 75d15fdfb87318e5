import { expect, test } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { describeReport, toMarkdown } from "./report.ts";
import type { ScenarioResult } from "./scenario.ts";
import { SETUPS } from "./setups/setup.ts";
import { planSuite } from "./suite.ts";
import { describeUsage } from "./usage.ts";

const OPTIONS = { minutes: 10, seed: "7" } as const;

test("every setup has its faults, and time for each of them", () => {
  const { scenarios } = planSuite(OPTIONS);

  expect(scenarios.map(({ setup }) => setup)).toEqual(SETUPS);
  for (const { faults, forMs } of scenarios) {
    expect(faults.length).toBeGreaterThan(0);
    expect(forMs / faults.length).toBeCloseTo(
      (scenarios[0]?.forMs ?? 0) / (scenarios[0]?.faults.length ?? 1),
    );
  }
  expect(scenarios.reduce((sum, { forMs }) => sum + forMs, 0)).toBeCloseTo(600_000);
});

test("only what is asked for is played, wherever it can strike", () => {
  const { scenarios } = planSuite({
    ...OPTIONS,
    only: ["reshard", "memory-full"],
    setups: ["cluster", "no"],
  });

  expect(scenarios.map(({ setup, faults }) => [setup, faults.map(({ name }) => name)])).toEqual([
    ["no", ["memory-full"]],
    ["cluster", ["memory-full", "reshard"]],
  ]);
});

test("what does not exist is refused with what does", () => {
  expect(() => planSuite({ ...OPTIONS, only: ["earthquake"] })).toThrow(
    /no fault "earthquake", but worker-kill/,
  );
  expect(() => planSuite({ ...OPTIONS, setups: ["mysql"] })).toThrow(
    /no setup "mysql", but always/,
  );
  expect(() => planSuite({ ...OPTIONS, minutes: Number("ten") })).toThrow(/some minutes, got NaN/);
});

test("what was asked for and cannot strike is refused", () => {
  expect(() => planSuite({ ...OPTIONS, only: ["reshard"], setups: ["always"] })).toThrow(
    'The fault "reshard" strikes on none of these setups, but on cluster',
  );
  expect(() =>
    planSuite({ ...OPTIONS, only: ["memory-full"], setups: ["always", "lagging"] }),
  ).toThrow('None of these faults strikes on the setup "lagging"');
});

test("the usage names every option, setup and fault", () => {
  const usage = describeUsage();

  for (const name of [...SETUPS, ...FAULTS.map(({ name }) => name), "--only", "--report"]) {
    expect(usage).toContain(name);
  }
});

test("the names of faults are unique", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

test("a report has what was done, found, measured, and could not be done", () => {
  const result: ScenarioResult = {
    setup: "always",
    strikes: { "worker-kill": 3 },
    absent: { "redis-clock": "needs a C compiler" },
    verdict: {
      violations: [{ kind: "stuck", instance: "trial-1", text: "it is still waiting" }],
      losses: [],
      measures: [{ what: "recovery", ms: 9_000 }],
    },
    instanceCount: 20,
    executionCount: 120,
    entryCount: 300,
    seconds: 60,
  };
  const report = { options: OPTIONS, results: [result] };

  const page = toMarkdown(report, {
    command: "npm run chaos",
    date: "2000-01-01",
    seconds: 600,
    machine: "2 processors.",
  });

  expect(describeReport(report)).toBe("seed 7: 20 instances, 120 executions, violations: 1 stuck");
  for (const text of [
    "worker-kill × 3",
    "9.00 s",
    "stuck of trial-1: it is still waiting",
    "needs a C compiler",
  ]) {
    expect(page).toContain(text);
  }
});
