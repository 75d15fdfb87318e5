import { expect, test } from "vitest";
import { VIRTUAL_EPOCH, VirtualClock } from "./virtual-clock.ts";

function setup(): { clock: VirtualClock; fired: string[]; mark: (name: string) => () => void } {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const mark = (name: string) => (): void =>
    void fired.push(`${name}@${clock.now() - VIRTUAL_EPOCH}`);
  return { clock, fired, mark };
}

test("timers fire when due, those of one instant in the order they were set", async () => {
  const { clock, fired, mark } = setup();
  clock.after(20, mark("c"));
  clock.after(10, mark("a"));
  clock.after(10, mark("b"));
  clock.after(31, mark("d"));

  await clock.advance(30);

  expect(fired).toEqual(["a@10", "b@10", "c@20"]);
  expect(clock.now()).toBe(VIRTUAL_EPOCH + 30);
});

test("a timer set while time advances fires in the same advance if it is due", async () => {
  const { clock, fired, mark } = setup();
  clock.after(10, () => clock.after(5, mark("inner")));
  clock.after(20, mark("outer"));

  await clock.advance(20);

  expect(fired).toEqual(["inner@15", "outer@20"]);
});

test("what a timer set off settles before the next timer fires", async () => {
  const { clock, fired, mark } = setup();
  clock.after(10, () => {
    clock.nextTurn(() => clock.nextTurn(() => void Promise.resolve().then(mark("turn"))));
  });
  clock.after(10, mark("timer"));

  await clock.advance(10);

  expect(fired).toEqual(["turn@10", "timer@10"]);
});

test("a timer never fires early or by itself, and not at all once cancelled", async () => {
  const { clock, fired, mark } = setup();
  clock.after(0, mark("now"));
  clock.after(0.2, mark("fraction"));
  const cancel = clock.after(5, mark("cancelled"));

  await clock.settle();
  expect(fired).toEqual([]);
  cancel();
  cancel();
  await clock.advance(10);

  expect(fired).toEqual(["now@0", "fraction@1"]);
});

test("a turn comes after the microtasks of the one before", async () => {
  const { clock, fired, mark } = setup();
  clock.nextTurn(
    () =>
      void Promise.resolve()
        .then(() => undefined)
        .then(mark("micro")),
  );
  clock.nextTurn(mark("turn"));
  void Promise.resolve().then(mark("first"));

  await clock.settle();

  expect(fired).toEqual(["first@0", "micro@0", "turn@0"]);
});

test("advanceToNext goes to the next timer, and says when there is none", async () => {
  const { clock, fired, mark } = setup();
  clock.after(86_400_000, mark("day"));

  expect(clock.nextTimerAt).toBe(VIRTUAL_EPOCH + 86_400_000);
  expect(await clock.advanceToNext()).toBe(true);
  expect(await clock.advanceToNext()).toBe(false);

  expect(fired).toEqual(["day@86400000"]);
});

test("advancing while time advances is refused", async () => {
  const { clock } = setup();
  const first = clock.advance(10);

  await expect(clock.advance(10)).rejects.toThrow("advancing already");

  await first;
  expect(clock.now()).toBe(VIRTUAL_EPOCH + 10);
});

test("a delay that is no number is refused", () => {
  expect(() => setup().clock.after(Number.NaN, () => undefined)).toThrow(RangeError);
});
