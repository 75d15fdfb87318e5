import { expect, test } from "vitest";
import { Waits } from "./waits.ts";
import type { BufferedEvent } from "./ports/activations.ts";

function setup() {
  const waits = new Waits();
  const ended: string[] = [];
  /** Adds a wait that is due then; with a type, for an event of it. */
  const add = (key: string, dueAt: number | undefined, eventType?: string): void =>
    waits.add({
      isNested: false,
      key,
      lengthMs: 500,
      dueAt: () => dueAt,
      onDue: () => void ended.push(`${key} due`),
      ...(eventType !== undefined && {
        eventType,
        onEvent: ({ seq }: BufferedEvent) => void ended.push(`${key} event ${seq}`),
      }),
    });
  return { add, ended, waits };
}

const event = (seq: number, at: number, type = "go"): BufferedEvent => ({ seq, at, type });

test("waits end in the order in which they are due", () => {
  const { add, ended, waits } = setup();
  add("late", 20);
  add("early", 10);
  add("not yet", 31);

  waits.settle(30);

  expect(ended).toEqual(["early due", "late due"]);
});

test("an event received before a timeout goes to the wait, one after it to the next wait", () => {
  const { add, ended, waits } = setup();
  add("first", 10, "go");
  add("second", 100, "go");
  waits.receive([event(1, 11)]);

  waits.settle(30);

  expect(ended).toEqual(["first due", "second event 1"]);
});

test("an event received in the very instant of the timeout goes to the wait", () => {
  const { add, ended, waits } = setup();
  add("first", 10, "go");
  waits.receive([event(1, 10)]);

  waits.settle(10);

  expect(ended).toEqual(["first event 1"]);
});

test("an event nobody waits for stays, and one that was delivered is gone", () => {
  const { add, ended, waits } = setup();
  waits.receive([event(1, 1), event(2, 2)]);
  waits.settle(5);
  add("a", undefined, "go");
  waits.settle(5);

  add("b", undefined, "go");
  waits.settle(5);

  expect(ended).toEqual(["a event 1", "b event 2"]);
});

test("the soonest instant and the soonest length are told apart", () => {
  const { add, waits } = setup();
  expect(waits.wakeUp()).toEqual({});
  add("known", 20);
  add("later", 30);
  add("not written", undefined);

  expect(waits.wakeUp()).toEqual({ wakeAt: 20, wakeInMs: 500 });
});

test("the awaited types are told once each", () => {
  const { add, waits } = setup();
  add("a", 1, "go");
  add("b", 1, "go");
  add("c", 1, "stop");
  add("d", 1);

  expect(waits.awaits()).toEqual(["go", "stop"]);
});

test("what was removed or cleared ends no more", () => {
  const { add, ended, waits } = setup();
  add("removed", 1);
  waits.remove("removed");
  add("cleared", 1, "go");
  waits.receive([event(1, 1)]);

  waits.clear();
  waits.settle(10);

  expect([ended, waits.isEmpty]).toEqual([[], true]);
});

test("a timeout that is due lacks news until the store has told all events up to it", () => {
  const { add, waits } = setup();
  add("timer", 5);
  add("begun", undefined, "go");
  add("wait", 10, "go");
  waits.hearUntil(9);
  const before = [waits.lacksNews(9), waits.lacksNews(10)];

  waits.hearUntil(10);

  expect([...before, waits.lacksNews(10)]).toEqual([false, true, false]);
});

test("a wait that an ending sets off gets the events of its type in their order", () => {
  const { add, ended, waits } = setup();
  waits.add({
    isNested: false,
    key: "first",
    lengthMs: 0,
    dueAt: () => 2,
    onDue: () => add("second", 10, "go"),
  });
  waits.receive([event(1, 1), event(2, 3)]);

  waits.settle(5);
  waits.settle(5);

  expect(ended).toEqual(["second event 1"]);
});

test("events go to waits in the order in which they were sent, also when the clock went back", () => {
  const { add, ended, waits } = setup();
  waits.receive([event(1, 20), event(2, 10)]);
  add("a", undefined, "go");

  waits.settle(30);

  expect(ended).toEqual(["a event 1"]);
});
