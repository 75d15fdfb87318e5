import { expect, test } from "vitest";
import type { Terminal } from "../terminal.ts";
import { toPlain } from "../text.ts";
import { createLog } from "./log-writer.ts";
import type { LogOptions } from "./log-writer.ts";

function setUp(options: LogOptions) {
  const lines: string[] = [];
  const terminal = { say: (line) => void lines.push(toPlain(line)) } as Terminal;
  return { log: createLog(terminal, options), lines };
}

const HOSTILE = "a\n\u001B[2J\u202Eb";

test("what is below the level is left out", () => {
  const { log, lines } = setUp({ form: "text", level: "warn" });
  log("debug", "no");
  log("info", "no");
  log("warn", "yes");
  log("error", "yes");

  expect(lines.map((line) => line.slice(25))).toEqual(["warn  yes", "error yes"]);
});

test("as text an entry is one line that a terminal does not obey", () => {
  const { log, lines } = setUp({ form: "text", level: "info" });
  log("info", HOSTILE, { id: "a-1", text: HOSTILE, list: [1], nothing: undefined });

  expect(lines[0]?.slice(25)).toBe(
    String.raw`info  a\n\x1b[2J\u202eb id=a-1 text='a\n\x1B[2J\u202eb' list=[ 1 ] nothing=undefined`,
  );
});

test("as text what is known to happen takes one line, and anything else has its stack", () => {
  const { log, lines } = setUp({ form: "text", level: "info" });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { syscall: "connect" });
  const away = Object.assign(new Error("no Redis"), { code: "store.unavailable", cause: refused });
  for (const error of [refused, away, new Error("a bug")]) log("error", "failed", { error });

  expect(lines[0]).toMatch(/failed error='connect ECONNREFUSED'$/);
  expect(lines[1]).toMatch(/failed error='no Redis'$/);
  expect(lines[2]).toMatch(/failed error=Error: a bug\n\s+at /);
});

test("as JSON an entry reads back, with errors and their causes", () => {
  const { log, lines } = setUp({ form: "json", level: "info" });
  const cause = new TypeError("inner");
  const error = Object.assign(new Error("outer", { cause }), { code: "store.unavailable" });
  log("info", HOSTILE, { error, big: 1n, ids: new Set(["a"]), level: "x", message: "x" });

  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: "info",
    message: HOSTILE,
    error: {
      name: "Error",
      message: "outer",
      code: "store.unavailable",
      stack: expect.stringContaining("Error: outer"),
      cause: { name: "TypeError", message: "inner", stack: expect.any(String) },
    },
    big: "1",
    ids: ["a"],
  });
});

test("what goes in circles is written too", () => {
  const { log, lines } = setUp({ form: "json", level: "info" });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  log("warn", "round", { circle });

  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    message: "round",
    facts: expect.stringContaining("[Circular"),
  });
});
