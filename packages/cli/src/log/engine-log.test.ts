import { expect, test } from "vitest";
import { toPlain } from "../text.ts";
import { toEngineLogger } from "./engine-log.ts";

function lines(
  ...[level, message, facts]: Parameters<ReturnType<typeof toEngineLogger>>
): string[] {
  const warned: string[] = [];
  const terminal = {
    say: () => {},
    warn: (line: Parameters<typeof toPlain>[0]) => void warned.push(toPlain(line)),
    progress: () => {},
    width: 80,
    isInteractive: false,
    ask: async () => undefined,
  };
  toEngineLogger(terminal)(level, message, facts);
  return warned;
}

test("an instance that errored is a line that says which, and with what", () => {
  const facts = { workflow: "orders", instanceId: "o-1", error: new TypeError("no funds") };

  expect(lines("warn", "an instance has errored", facts)).toEqual([
    'warn: orders: instance "o-1" errored: TypeError: no funds',
  ]);
});

test("how durable Redis is takes one line", () => {
  const facts = {
    grade: "D",
    promises: "A crash loses everything.",
    advice: "Set…",
    remarks: ["…"],
  };

  expect(lines("warn", "Redis is of this durability grade", facts)).toEqual([
    "warn: Redis is of durability grade D. A crash loses everything.",
  ]);
});

test("anything else is said with its facts, and what needs no attention not at all", () => {
  expect(lines("error", "something", { a: 1 })).toEqual(["error: something { a: 1 }"]);
  expect(lines("warn", "something")).toEqual(["warn: something"]);
  expect(lines("info", "something")).toEqual([]);
});
