import { expect, test } from "vitest";
import type { CompletedStep } from "./history.ts";
import { observedOutput, observedStream } from "./observed-output.ts";

const STEP = { type: "step_completed", step: "a-1", call: 1, attempt: 1 } as const;
const STREAM = { id: "7.1", chunks: 2, bytes: 300_000, preview: "once upon[truncated output]" };

test("an output is seen as the value it is", () => {
  expect(observedOutput({ ...STEP, output: { "$rich/1": [["Date", "2026-01-01"]] } })).toEqual(
    new Date("2026-01-01"),
  );
  expect(observedStream({ ...STEP, output: 1 })).toBeUndefined();
});

test("a stream is seen as its preview, and may be read", () => {
  const entry: CompletedStep = { ...STEP, stream: STREAM };

  expect(observedOutput(entry)).toBe("once upon[truncated output]");
  expect(observedStream(entry)).toEqual(STREAM);
});

test("of a sensitive step neither output nor stream is seen", () => {
  expect(observedOutput({ ...STEP, sensitive: "output", output: "secret" })).toBe("[REDACTED]");
  const { preview: _, ...hidden } = STREAM;
  const entry: CompletedStep = { ...STEP, sensitive: "output", stream: hidden };

  expect(observedOutput(entry)).toBe("[REDACTED]");
  expect(observedStream(entry)).toBeUndefined();
});
