import { beforeEach, afterEach, expect, test, vi } from "vitest";
import { systemClock } from "./system-clock.ts";

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a delay longer than Node's longest timer ends when it is over, and not before", async () => {
  const callback = vi.fn();
  systemClock.after(60 * DAY_MS, callback);

  await vi.advanceTimersByTimeAsync(60 * DAY_MS - 2);
  expect(callback).not.toHaveBeenCalled();

  await vi.advanceTimersByTimeAsync(4);
  expect(callback).toHaveBeenCalledOnce();
});

test("a long delay can be cancelled at any time", async () => {
  const callback = vi.fn();
  const cancels = [systemClock.after(60 * DAY_MS, callback), systemClock.after(DAY_MS, callback)];
  cancels[1]?.();

  await vi.advanceTimersByTimeAsync(30 * DAY_MS);
  cancels[0]?.();

  expect(vi.getTimerCount()).toBe(0);
  expect(callback).not.toHaveBeenCalled();
});

test("an infinite delay needs no timer", () => {
  const cancel = systemClock.after(Infinity, () => undefined);

  expect(vi.getTimerCount()).toBe(0);
  expect(cancel).not.toThrow();
});
