import { expect, test } from "vitest";
import { median, quantile, spread } from "./measure.ts";

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("a quantile lies between its neighbours in proportion", () => {
  const values = [10, 20, 30, 40, 50];

  expect(quantile(values, 0)).toBe(10);
  expect(quantile(values, 0.9)).toBeCloseTo(46);
  expect(quantile(values, 1)).toBe(50);
});

test("the spread is half of the range, as a share of the median", () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.15);
  expect(spread([100])).toBe(0);
});
