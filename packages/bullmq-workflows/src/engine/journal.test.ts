import { expect, test } from "vitest";
import type { StreamReference } from "../model/history.ts";
import { Journal } from "./journal.ts";

const STREAM: StreamReference = { id: "s", bytes: 1, chunks: 1 };

const taking = (step: string): string =>
  `{"type":"wait_completed","step":"${step}","call":1,"eventType":"e","receivedAt":1}`;

const streaming = `{"type":"step_completed","stream":${JSON.stringify(STREAM)},"step":"s-1","call":4}`;

/** With two events that are handed over, and a stream. */
function staged(): Journal {
  const journal = new Journal();
  journal.stage("{}");
  journal.stage(taking("a-1"), 7, "fsync");
  journal.stage(taking("b-1"), 8);
  journal.stage(streaming);
  journal.addStream(STREAM);
  return journal;
}

test("all that is staged leaves at once, and nothing of it again", () => {
  const journal = staged();

  const all = journal.peek();
  journal.drop(all);

  expect(all).toMatchObject({ consumed: [7, 8], barrier: "fsync", streams: [STREAM] });
  expect(all.entries).toHaveLength(4);
  expect(journal.isEmpty).toBe(true);
});

test("what is split leaves in order, each part with its events and streams", () => {
  const journal = staged();

  expect(journal.split(false)).toBe(true);

  const [first, second] = [takePart(journal), takePart(journal)];
  expect(first).toMatchObject({ consumed: [7], barrier: "fsync", streams: undefined });
  expect(first.entries).toEqual(["{}", taking("a-1")]);
  expect(second).toMatchObject({ consumed: [8], barrier: "fsync", streams: [STREAM] });
  expect(second.entries).toEqual([taking("b-1"), streaming]);
  expect([journal.isEmpty, journal.isSplit, journal.barrier]).toEqual([true, false, "memory"]);
});

test("it is split until one entry is left, and further only from what leaves with it", () => {
  const journal = staged();

  expect([journal.split(false), journal.split(false)]).toEqual([true, true]);

  expect(journal.peek().entries).toEqual(["{}"]);
  expect(journal.split(false)).toBe(false);
  expect(journal.split(true)).toBe(true);
});

test("what was to leave with more leaves by itself first", () => {
  const journal = staged();
  journal.stageEnd("the end");

  expect(journal.split(true)).toBe(true);
  expect(journal.isSplit).toBe(true);
  expect(takePart(journal).entries).toHaveLength(4);

  expect(journal.peek("memory").entries).toEqual(["the end"]);
  expect(journal.split(true)).toBe(false);
});

test("what is forgotten never leaves", () => {
  const journal = staged();
  journal.stageEnd("the end");

  journal.clear();

  expect(journal.peek("memory")).toMatchObject({ entries: [], consumed: [] });
});

function takePart(journal: Journal) {
  const part = journal.peek();
  journal.drop(part);
  return part;
}
