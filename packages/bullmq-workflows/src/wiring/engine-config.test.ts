import { expect, test, vi } from "vitest";
import { resolveEngineConfig } from "./engine-config.ts";

test("a logger gets the level, the message and the facts at once", () => {
  const entries: unknown[] = [];
  const { telemetry } = resolveEngineConfig({ logger: (...entry) => void entries.push(entry) });

  telemetry.log("warn", "something", { n: 1 });

  expect(entries).toEqual([["warn", "something", { n: 1 }]]);
});

test("a logger that throws does no harm", () => {
  const { telemetry } = resolveEngineConfig({
    logger: () => {
      throw new Error("the disk is full");
    },
  });

  expect(() => telemetry.log("warn", "something")).not.toThrow();
});

test("a logger that rejects does no harm", async () => {
  const unhandled = vi.fn();
  process.once("unhandledRejection", unhandled);
  const failing = vi.fn<() => unknown>(() => Promise.reject(new Error("the disk is full")));
  const { telemetry } = resolveEngineConfig({ logger: failing });

  telemetry.log("warn", "something");
  await new Promise((resolve) => void setImmediate(resolve));

  expect(failing).toHaveBeenCalledOnce();
  expect(unhandled).not.toHaveBeenCalled();
  process.off("unhandledRejection", unhandled);
});
