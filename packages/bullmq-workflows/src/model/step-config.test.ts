import { expect, test } from "vitest";
import { DEFAULT_STEP_CONFIG, parseStepConfig, unusualOf } from "./step-config.ts";

test("a config without retries and timeout has Cloudflare's defaults", () => {
  expect(parseStepConfig({})).toEqual(DEFAULT_STEP_CONFIG);
});

test.each([
  ["timeout", { timeout: Infinity }],
  ["timeout as a text", { timeout: "Infinity hours" }],
  ["delay", { retries: { limit: 1, delay: Infinity } }],
  ["limit", { retries: { limit: Infinity, delay: 0 } }],
])("an infinite %s is refused, because the stored config could not say it", (_, config) => {
  expect(parseStepConfig(config)).toBeUndefined();
});

test.each([
  ["nothing", undefined, undefined],
  ["the defaults, spelled out", structuredClone(DEFAULT_STEP_CONFIG), undefined],
  ["another timeout", { timeout: 5 }, { timeout: 5 }],
  ["sensitive, which entries say by themselves", { sensitive: "output" }, undefined],
  [
    "another limit",
    { retries: { limit: 1, delay: 10_000 } },
    { retries: { limit: 1, delay: 10_000, backoff: "exponential" } },
  ],
])("what is unusual about a config with %s", (_, config, unusual) => {
  expect(unusualOf(parseStepConfig(config) ?? DEFAULT_STEP_CONFIG)).toEqual(unusual);
});
