import { expect, test } from "vitest";
import type { LiveWorker } from "../engine/ports/directory.ts";
import type { Whereabouts } from "../engine/ports/insights.ts";
import type { Headroom } from "../model/headroom.ts";
import type { StepDetails } from "../model/step-details.ts";
import { DEFAULT_STEP_CONFIG } from "../model/step-config.ts";
import { explain } from "./explanation.ts";
import type { Evidence } from "./explanation.ts";

const NOW = 1_000_000;
const ISO_NOW = "1970-01-01T00:16:40.000Z";

const WORKER: LiveWorker = {
  id: "w-1",
  host: "machine",
  pid: 7,
  startedAt: 0,
  heardAt: NOW,
  workflows: [{ name: "orders", concurrency: 10, active: 1 }],
};

function explainWith(where: Partial<Whereabouts>, rest: Partial<Omit<Evidence, "where">> = {}) {
  const defaults = { createdAt: 0, now: NOW, ahead: 0, limit: 0, taken: 0, awaits: [] };
  return explain({
    where: { status: "running", place: "none", ...defaults, ...where },
    steps: [],
    hasLostEntries: false,
    workers: [WORKER],
    headroom: undefined,
    ...rest,
  });
}

function step(rest: Partial<StepDetails> = {}): StepDetails {
  return {
    type: "step",
    name: "pay-1",
    in: undefined,
    start: 0,
    config: DEFAULT_STEP_CONFIG,
    attempts: [{ start: 0 }],
    ...rest,
  } as StepDetails;
}

const LEASED = { place: "leases", placedAt: NOW + 5_000, claimedAt: NOW, worker: "w-1" } as const;

const FULL: Headroom = { level: "full", usedMemory: 11, maxMemory: 10, ratio: 1.1 };

test("one that runs: where, since when, in which step", () => {
  expect(explainWith(LEASED, { steps: [step(), step({ name: "done-1", end: 5 })] })).toEqual({
    code: "running",
    sentence: `It runs on worker w-1 (machine, process 7) since ${ISO_NOW}, in step "pay-1".`,
    facts: { worker: "w-1", host: "machine", pid: 7, since: NOW, step: "pay-1" },
  });
});

test("one that is to pause: which step has to end first", () => {
  const status = "waitingForPause";

  expect(explainWith({ ...LEASED, status }, { steps: [step()] })).toMatchObject({
    code: "pausing",
    sentence: 'It pauses as soon as step "pay-1" has come to an end on worker w-1.',
  });
});

test.each([
  ["its lease has run out", { placedAt: NOW - 1 }, [WORKER]],
  ["nobody has heard of it", { worker: "w-2" }, [WORKER]],
])("one whose worker is lost, as %s", (_, where, workers) => {
  const explained = explainWith({ ...LEASED, ...where }, { workers });

  expect(explained.code).toBe("worker_lost");
  expect(explained.sentence).toMatch(/^Worker w-. has not been heard of; .* at about .*Z\.$/);
  expect(explained.facts).toMatchObject({ liveWorkers: 1, until: expect.any(Number) });
});

test("without any worker nobody takes it over", () => {
  const placedAt = NOW - 1;
  const sentence = expect.stringContaining("but no live worker has this workflow.");
  const explained = { code: "no_worker", sentence, facts: { liveWorkers: 0 } };

  expect(explainWith({ ...LEASED, placedAt }, { workers: [] })).toMatchObject(explained);
  for (const place of ["pending", "backlog"] as const) {
    expect(explainWith({ status: "queued", place }, { workers: [] })).toMatchObject(explained);
  }
  const due = { status: "waiting", place: "timers", placedAt } as const;
  expect(explainWith(due, { workers: [] })).toMatchObject(explained);
});

test("one that is due goes on now", () => {
  expect(explainWith({ status: "waiting", place: "timers", placedAt: NOW })).toEqual({
    code: "due",
    sentence: `It has been due since ${ISO_NOW} and goes on now.`,
    facts: { until: NOW, liveWorkers: 1 },
  });
});

test("one that is held by its schedule", () => {
  expect(explainWith({ status: "queued", place: "held", ahead: 2, heldBy: "* * * * *-5" })).toEqual(
    {
      code: "held_by_schedule",
      sentence:
        'It waits until the earlier instance "* * * * *-5" of its schedule has ended, behind 2 others.',
      facts: { ahead: 2, heldBy: "* * * * *-5" },
    },
  );
});

test("a full Redis stands in the way of all that has not ended", () => {
  expect(explainWith(LEASED, { headroom: FULL })).toEqual({
    code: "redis_full",
    sentence:
      "Redis is full (110 % of its memory is used) and records nothing new; it goes on when there is room.",
    facts: { memory: 1.1 },
  });
  expect(explainWith({ status: "complete", endedAt: NOW }, { headroom: FULL }).code).toBe(
    "finished",
  );
  const almost = { ...FULL, ratio: 0.96 };
  expect(explainWith(LEASED, { headroom: almost }).code).toBe("running");
});

test("one that was flagged is told from one that somebody paused", () => {
  const where = { status: "paused", pausedAt: NOW } as const;

  expect(explainWith(where, { hasLostEntries: true })).toMatchObject({ code: "entries_lost" });
  expect(explainWith(where, { pausedBy: "token:a" })).toEqual({
    code: "paused",
    sentence: `It is paused by token:a since ${ISO_NOW}, until somebody resumes it.`,
    facts: { since: NOW, pausedBy: "token:a" },
  });
});

test("one that rolls back says so first", () => {
  const rollback = step({ type: "rollback", retryAt: NOW + 1, attempts: [{ start: 0, end: 1 }] });
  const where = { status: "rollingBack", place: "timers", placedAt: NOW + 1 } as const;

  const { code, sentence, facts } = explainWith(where, { steps: [rollback] });

  expect(code).toBe("retrying");
  expect(sentence).toMatch(
    /^It rolls back\. It waits for attempt 2 of \d+ of the rollback of step "pay-1" at /,
  );
  expect(facts.isRollingBack).toBe(true);
});

test("of several waits the one that is due first is told, and how many others there are", () => {
  const sleep = (name: string, wakeAt: number): StepDetails => {
    return { type: "sleep", name, in: undefined, start: 0, wakeAt };
  };
  const steps = [sleep("late-1", NOW + 9), sleep("soon-1", NOW + 1), sleep("later-1", NOW + 10)];

  expect(explainWith({ status: "waiting", place: "timers", placedAt: NOW + 1 }, { steps })).toEqual(
    {
      code: "sleeping",
      sentence: expect.stringMatching(/^It sleeps in step "soon-1" until .*Z, and for 2 other/),
      facts: { step: "soon-1", since: 0, until: NOW + 1, others: 2 },
    },
  );
});

test("a long message of an error is cut, and takes one line", () => {
  const attempts = [
    { start: 0, end: 1, error: { name: "Error", message: `a\n${"x".repeat(500)}` } },
  ];

  const { sentence } = explainWith(
    { status: "waiting", place: "timers", placedAt: NOW + 1 },
    { steps: [step({ attempts, retryAt: NOW + 1 })] },
  );

  expect(sentence.length).toBeLessThan(400);
  expect(sentence).not.toContain("\n");
});
