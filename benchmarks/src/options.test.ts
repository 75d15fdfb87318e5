import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

test("without options everything is measured, but for what is huge", () => {
  const { workloads, engines, rounds } = readOptions([]);

  expect(workloads.map(({ name }) => name)).toContain("steps");
  expect(workloads.map(({ name }) => name)).not.toContain("parked");
  expect(engines).toContain("dbos");
  expect(rounds).toBe(3);
});

test("--only names workloads and engines, in one list or several", () => {
  const { workloads, engines } = readOptions(["--only", "ours,steps", "--only", "floor"]);

  expect(workloads.map(({ name }) => name)).toEqual(["steps"]);
  expect(engines).toEqual(["floor", "ours"]);
});

test("a peer that is named is measured also when it must be quick", () => {
  expect(readOptions(["--quick"]).engines).not.toContain("restate");
  expect(readOptions(["--quick", "--only", "restate"]).engines).toEqual(["restate"]);
});

test("what is not known is refused with what there is", () => {
  expect(() => readOptions(["--only", "steps,oars"])).toThrow("got `oars`");
  expect(() => readOptions(["--rounds", "0"])).toThrow("got `0`");
});
