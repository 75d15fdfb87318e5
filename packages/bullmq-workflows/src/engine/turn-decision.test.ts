import { expect, test } from "vitest";
import { decideTurn } from "./turn-decision.ts";

const WAITING = {
  hasResult: false,
  rollback: "none" as const,
  isGateOpen: true,
  isPauseRequested: false,
  isQuiet: true,
  hasOutcome: false,
  hasToWrite: true,
  isToBeCommitted: false,
  isUnderBarrier: false,
  isKept: false,
  nextWaitMs: 1_000,
};

test.each([
  ["suspend", {}],
  ["pause", { isGateOpen: false, isPauseRequested: true }],
  ["release", { isGateOpen: false }],
] as const)("an outcome under a barrier is committed before a %s", (decision, facts) => {
  expect(decideTurn({ ...WAITING, ...facts })).toBe(decision);
  expect(decideTurn({ ...WAITING, ...facts, isUnderBarrier: true })).toBe("commit");
});

test("streams are committed before anything else, even the end", () => {
  expect(decideTurn({ ...WAITING, hasResult: true, isToBeCommitted: true })).toBe("commit");
});

test.each([
  ["finish", { hasResult: true }],
  ["suspend", {}],
  ["pause", { isGateOpen: false, isPauseRequested: true }],
  ["release", { isGateOpen: false }],
] as const)("work given to waitUntil puts off a %s, and no write", (decision, facts) => {
  expect(decideTurn({ ...WAITING, ...facts })).toBe(decision);
  expect(decideTurn({ ...WAITING, ...facts, isKept: true })).toBe("commit");
  expect(decideTurn({ ...WAITING, ...facts, isKept: true, hasToWrite: false })).toBe("idle");
});

test("work given to waitUntil does not put off the start of a rollback, which keeps the claim", () => {
  const facts = { ...WAITING, hasResult: true, rollback: "due" as const, isKept: true };
  expect(decideTurn(facts)).toBe("commit");
  expect(decideTurn({ ...facts, hasToWrite: false })).toBe("rollBack");
  expect(decideTurn({ ...facts, hasToWrite: false, rollback: "begun" })).toBe("idle");
});
