import { expect, test } from "vitest";
import { KnownHistory } from "../engine/known-history.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { KnownHistories } from "./known-histories.ts";

function setup() {
  const clock = new VirtualClock(1_000_000);
  const histories = new KnownHistories(clock);
  const remember = (instanceId: string, text = "{}"): void => {
    const known = new KnownHistory(instanceId, 0, clock);
    known.hearWritten({ entries: [text] }, clock.now());
    histories.remember(known);
  };
  const ids = (): readonly string[] => histories.all().map(({ instanceId }) => instanceId);
  return { clock, histories, remember, ids };
}

test("what was let go of is forgotten after half a minute", async () => {
  const { clock, histories, remember, ids } = setup();
  remember("old");
  await clock.advance(20_000);
  remember("new");
  expect(histories.of("old")).toBeDefined();

  await clock.advance(15_000);

  expect(ids()).toEqual(["new"]);
});

test("letting go of it again makes it the newest", async () => {
  const { clock, remember, ids } = setup();
  remember("a");
  await clock.advance(20_000);
  remember("b");
  remember("a");

  await clock.advance(15_000);

  expect(ids()).toEqual(["b", "a"]);
});

test("the oldest goes when there are too many, or they are too large", () => {
  const [many, large] = [setup(), setup()];

  for (let n = 0; n <= 10_000; n++) many.remember(`${n}`);
  for (let n = 0; n < 20; n++) large.remember(`${n}`, "x".repeat(1_000_000));

  expect(many.ids()).toHaveLength(10_000);
  expect(many.histories.of("0")).toBeUndefined();
  expect(large.ids()).toHaveLength(16);
});
