import { expect, test } from "vitest";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { quieted } from "./quieted-telemetry.ts";

function start() {
  const lines: unknown[] = [];
  const clock = { time: 0, now: () => clock.time };
  const telemetry = quieted(
    { log: (level, message, facts) => void lines.push([level, message, facts]), count: () => {} },
    clock,
  );
  return { lines, clock, telemetry };
}

const error = new StoreUnavailableError(new Error("OOM"));

test("of the same trouble with Redis one line passes in ten seconds, and counts the others", () => {
  const { lines, clock, telemetry } = start();
  for (let i = 0; i < 100; i++)
    telemetry.log("warn", "trying again", { error, instanceId: `${i}` });
  clock.time = 10_000;
  telemetry.log("warn", "trying again", { error });

  expect(lines).toEqual([
    ["warn", "trying again", { error, instanceId: "0" }],
    ["warn", "trying again", { error, heldBackCount: 99 }],
  ]);
});

test("another message, and another kind of error, passes", () => {
  const { lines, telemetry } = start();
  telemetry.log("warn", "a", { error });
  telemetry.log("warn", "b", { error });
  telemetry.log("warn", "c", { error: new Error("could not renew lock for job 1") });
  telemetry.log("warn", "c", { error: new Error("could not renew lock for job 2") });
  telemetry.log("warn", "c", { error: new Error("Missing lock for job 1") });

  expect(lines).toHaveLength(4);
});

test.each([
  ["what is about an instance's own code", "warn", { error: new Error("mine"), instanceId: "a" }],
  ["an error", "error", { error }],
  ["what has no error", "warn", { workflow: "a" }],
] as const)("%s always passes", (_, level, facts) => {
  const { lines, telemetry } = start();
  telemetry.log(level, "a", facts);
  telemetry.log(level, "a", facts);

  expect(lines).toHaveLength(2);
});
