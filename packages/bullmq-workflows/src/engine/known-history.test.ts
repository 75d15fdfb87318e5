import { expect, test } from "vitest";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { encodeEntry } from "../model/history.ts";
import { KnownHistory } from "./known-history.ts";
import type { Claim } from "./ports/activations.ts";
import type { StoredEntry } from "./ports/history.ts";

const NOW = 1_000_000;

function setup(): KnownHistory {
  return new KnownHistory("a", 5, new VirtualClock(NOW));
}

function claimOf(history: readonly StoredEntry[], rest: Partial<Claim> = {}): Claim {
  return {
    fence: 7,
    now: NOW,
    params: "{}",
    createdAt: 5,
    isContinuation: false,
    history,
    events: [],
    lastEvent: 0,
    isAfterCrash: false,
    ...rest,
  };
}

function entriesOf(count: number, at: number): readonly StoredEntry[] {
  return Array.from({ length: count }, (_, n) => ({ at, text: `{"n":${n}}` }));
}

test("of what a claim brings it holds what is recent, and the one before", () => {
  const known = setup();

  known.hearClaim(claimOf([...entriesOf(9, 0), ...entriesOf(2, NOW - 1_000)]));

  const { entries, held } = known.describe();
  expect(entries).toBe(11);
  expect(held.map(({ at }) => at)).toEqual([0, NOW - 1_000, NOW - 1_000]);
});

test("what was written and what a claim brought is held with the events that it took", () => {
  const [writer, other] = [setup(), setup()];
  const reference = { step: "go-1", call: 1, eventType: "go", receivedAt: 3 };
  const texts = ['{"a":1.0,"payload":"\\u0061}"}', undefined].map((payload) =>
    encodeEntry({ type: "wait_completed", ...reference }, "payload", payload),
  );
  const lookalike = encodeEntry({ type: "step_completed" }, "output", texts[0]);
  writer.hearClaim(claimOf([]));

  writer.hearWritten({ entries: [...texts, lookalike] }, NOW);
  writer.hearWritten({ entries: [] }, NOW);
  other.hearClaim(claimOf([...texts, lookalike].map((text) => ({ at: NOW, text }))));

  for (const known of [writer, other]) {
    const { entries, held } = known.describe();
    expect(entries).toBe(3);
    expect(held.map(({ consumed }) => consumed)).toEqual([
      { at: 3, type: "go", payload: '{"a":1.0,"payload":"\\u0061}"}' },
      { at: 3, type: "go" },
      undefined,
    ]);
  }
});

test("what is old is let go of, but for one that shows what the others are the end of", () => {
  const known = setup();
  known.hearClaim(claimOf([]));
  for (let n = 0; n < 100; n++) known.hearWritten({ entries: [`${n}`] }, NOW + n);

  known.hearWritten({ entries: ["new"] }, NOW + 60_000);

  expect(known.describe().entries).toBe(101);
  expect(known.describe().held.map(({ text }) => text)).toEqual(["99", "new"]);
});

test("large entries leave room for no others, and many for no more", () => {
  const [large, many] = [setup(), setup()];
  for (const known of [large, many]) known.hearClaim(claimOf([]));

  for (let n = 0; n < 3; n++) large.hearWritten({ entries: ["x".repeat(800_000)] }, NOW);
  for (let n = 0; n < 6_000; n++) many.hearWritten({ entries: [`${n}`] }, NOW);

  expect(large.describe()).toMatchObject({ entries: 3, held: { length: 1 } });
  expect(large.heldLength).toBe(800_000);
  expect(many.describe()).toMatchObject({ entries: 6_000, held: { length: 5_000 } });
});

test("a claim contradicts it that has less or something else, unless it is of another instance", () => {
  const known = setup();
  const history = entriesOf(3, NOW);
  expect(known.contradicts(claimOf([]))).toBe(false);

  known.hearClaim(claimOf(history));

  expect(known.contradicts(claimOf(history))).toBe(false);
  expect(known.contradicts(claimOf(entriesOf(4, NOW)))).toBe(false);
  expect(known.contradicts(claimOf([], { isContinuation: true }))).toBe(false);
  expect(known.contradicts(claimOf([], { createdAt: 6 }))).toBe(false);
  expect(known.contradicts(claimOf(history.slice(1)))).toBe(true);
  expect(known.contradicts(claimOf(entriesOf(3, NOW + 1)))).toBe(true);
  expect(known.contradicts(claimOf([...history.slice(1), { at: NOW, text: "{}" }]))).toBe(true);
});

test("a continuation adds to it, a replay begins anew", () => {
  const known = setup();
  known.hearClaim(claimOf(entriesOf(2, NOW)));

  known.hearClaim(claimOf(entriesOf(1, NOW), { fence: 8, isContinuation: true }));
  expect([known.fence, known.entries, known.describe().held.length]).toEqual([8, 3, 3]);
  known.hearClaim(claimOf(entriesOf(1, NOW), { fence: 9 }));

  expect([known.fence, known.entries, known.describe().held.length]).toEqual([9, 1, 1]);
});

test("it knows the newest event and when that had come", () => {
  const known = setup();
  known.hearClaim(claimOf([], { lastEvent: 2 }));
  expect(known.describe()).toMatchObject({ lastEvent: 2, lastEventAt: NOW });

  const event = { seq: 3, at: NOW + 5, type: "go" };
  known.hearEvents({ isPauseRequested: false, events: [event], lastEvent: 3 });
  known.hearEvents({ isPauseRequested: false, events: [], lastEvent: 3 });

  expect(known.describe()).toMatchObject({ lastEvent: 3, lastEventAt: NOW + 5 });
});
