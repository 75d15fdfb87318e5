import { expect, test } from "vitest";
import { readRows, readSources } from "./pages.ts";

const sources = readSources().join("\n");

test("docs/telemetry.md has a row for every message that the sources log, and no other", () => {
  const logged = [...sources.matchAll(/\.log\(\s*"(\w+)",\s*"([^"]+)"/g)];
  // The queue logs through one method of its own.
  const reported = [...sources.matchAll(/#report\("([^"]+)"/g)].map(([, message]) => message);
  const messages = [
    ...logged.map(([, level, message]) => `${level}: ${message}`),
    ...reported.map((message) => `warn: ${message}`),
  ];

  const rows = readRows("docs/telemetry.md").filter(([, level]) => level !== "counter");
  expect(rows.map(([message, level]) => `${level}: ${message}`).toSorted()).toEqual(
    [...new Set(messages)].toSorted(),
  );
});

test("every call of a logger in the sources has a message that the test above sees", () => {
  const calls = sources.match(/telemetry\.log\(/g) ?? [];
  const literal = sources.match(/telemetry\.log\(\s*"\w+",\s*"/g) ?? [];

  expect(calls.length).toBe(literal.length + 1);
});

test("docs/telemetry.md has a row for every counter in the sources, and no other", () => {
  const counters = [...sources.matchAll(/\.count\(\s*"([^"]+)"/g)].map(([, name]) => name);

  const rows = readRows("docs/telemetry.md").filter(([, level]) => level === "counter");
  expect(rows.map(([name]) => name).toSorted()).toEqual([...new Set(counters)].toSorted());
});
