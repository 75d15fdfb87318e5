import fc from "fast-check";
import { expect, test } from "vitest";
import { Meter } from "./meter.ts";

function setup(quota = 3, keyLimit = 100) {
  const clock = { ms: 1_000 };
  const meter = new Meter({ quota, windowMs: 3_000, keyLimit, now: () => clock.ms });
  return { clock, meter };
}

test("so many are let through at once, and no more", () => {
  const { meter } = setup();

  const taken = Array.from({ length: 4 }, () => meter.take("a"));

  expect(taken.map(({ isExhausted }) => isExhausted)).toEqual([false, false, false, true]);
  expect(taken.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
  expect(taken.at(-1)).toMatchObject({ retryMs: 1_000, resetMs: 3_000 });
});

test("they come back one by one", () => {
  const { meter, clock } = setup();
  for (let n = 0; n < 3; n++) meter.take("a");

  clock.ms += 1_000;

  expect(meter.take("a").isExhausted).toBe(false);
  expect(meter.take("a").isExhausted).toBe(true);
  clock.ms += 3_000;
  expect(meter.read("a")).toEqual({ isExhausted: false, remaining: 3, resetMs: 0, retryMs: 0 });
});

test("keys have a quota each", () => {
  const { meter } = setup(1);
  meter.take("a");

  expect(meter.take("a").isExhausted).toBe(true);
  expect(meter.take("b").isExhausted).toBe(false);
});

test("of too many keys the one used longest ago is forgotten", () => {
  const { meter } = setup(1, 2);
  for (const key of ["a", "b", "c"]) meter.take(key);

  expect(meter.read("a").isExhausted).toBe(false);
  expect(meter.read("b").isExhausted).toBe(true);
  expect(meter.read("c").isExhausted).toBe(true);
});

test("whatever the pace, no more get through in a window than twice the quota", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (pauses, quota) => {
      const { meter, clock } = setup(quota);
      const passed: number[] = [];
      for (const pause of pauses) {
        clock.ms += pause;
        if (!meter.take("a").isExhausted) passed.push(clock.ms);
      }
      for (const at of passed) {
        const inWindow = passed.filter((each) => each >= at && each < at + 3_000);
        expect(inWindow.length).toBeLessThanOrEqual(2 * quota);
      }
    }),
  );
});
