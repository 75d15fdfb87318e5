import { expect, test } from "vitest";
import { WorkflowEngine } from "../../src/index.ts";
import type { WorkflowSchedules } from "../../src/index.ts";
import { toDefinition } from "../../src/wiring/workflow-options.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const nothing = workflowOf(async () => {});
const hourly = { cron: "0 * * * *" };

test.each([
  ["0 9 * * 0", "Expected `schedules` to be a cron expression whose day of the week is 1 (Sunday)"],
  [["* * * * *", "60 * * * *"], "Expected `schedules[1]` to be a cron expression whose minute"],
  [[{ cron: "x" }], "Expected `schedules[0].cron` to be five fields"],
  [{ cron: 7 }, "Expected `schedules.cron` to be a cron expression, got `7`"],
  [{}, "Expected `schedules.cron` to be a cron expression, got `undefined`"],
  [7, "Expected `schedules` to be an object"],
  [{ ...hourly, timezone: "Mars/Phobos" }, "Expected `schedules.timezone` to be a zone"],
  [{ ...hourly, timezone: "+02:00" }, "got `+02:00`"],
  [{ ...hourly, overlap: "wait" }, 'Expected `schedules.overlap` to be "allow", "skip" or "queue"'],
  [{ ...hourly, catchUp: true }, 'Expected `schedules.catchUp` to be false, "latest" or "all"'],
  [{ ...hourly, tz: "UTC" }, "got `tz`"],
  [{ ...hourly, params: () => {} }, "Cannot store this value"],
  [{ ...hourly, params: "x".repeat(2_000_000) }, "`schedules.params` is too large"],
  [["0 * * * *", " 0  * * * * "], "Expected `schedules` to be different from each other"],
  [Array.from({ length: 101 }, (_, i) => `${i % 60} ${i % 24} * * *`), "at most 100 schedules"],
])("register refuses %j", (schedules, message) => {
  const given = schedules as unknown as WorkflowSchedules;

  expect(() => toDefinition(nothing, { name: "test", schedules: given }, {})).toThrow(message);
});

test("an expression that is far too long is cut in the message", () => {
  const schedules = `${"1,".repeat(100_000)}1 * * * *`;
  const define = (): unknown => toDefinition(nothing, { name: "test", schedules }, {});

  expect(define).toThrow(/at most 256 characters long, got `(1,){128}…`$/);
});

test("the same expression may be there once per time zone", async () => {
  const engine = await startMemoryEngine(nothing, {
    schedules: [hourly, { ...hourly, timezone: "Asia/Kolkata" }],
  });

  expect(await engine.workflow.schedules()).toEqual([
    {
      ...hourly,
      timezone: "UTC",
      overlap: "allow",
      catchUp: false,
      nextAt: new Date("2025-06-15T16:00:00Z"),
    },
    {
      ...hourly,
      timezone: "Asia/Kolkata",
      overlap: "allow",
      catchUp: false,
      nextAt: new Date("2025-06-15T15:30:00Z"),
    },
  ]);
});

test("a client's engine takes schedules, and declares none", async () => {
  const engine = new WorkflowEngine({ connection: "redis://127.0.0.1:1", mode: "client" });

  engine.register(nothing, { name: "test", schedules: hourly });

  await expect(engine.ready()).resolves.toBeUndefined();
  await engine.close({ force: true });
});
