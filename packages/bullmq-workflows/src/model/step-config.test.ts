import { expect, test } from "vitest";
import { DEFAULT_STEP_CONFIG, parseStepConfig } from "./step-config.ts";

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
