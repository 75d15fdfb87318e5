import { expect, test } from "vitest";
import * as errors from "./errors.ts";
import { StoreUnavailableError } from "./store-errors.ts";
import { UnserializableValueError } from "./unserializable-value-error.ts";
import { UnsupportedFormatError } from "./unsupported-format-error.ts";
import { WriteTooLargeError } from "./write-too-large-error.ts";

const FACTS = { instanceId: "a", status: "complete" } as const;

const EXAMPLES: readonly (readonly [name: string, code: string, error: Error])[] = [
  ["WorkflowEngineError", "x.y", new errors.WorkflowEngineError("x.y", "m")],
  ["WorkflowFatalError", "x.y", new errors.WorkflowFatalError("x.y", "m")],
  ["NonRetryableDelayError", "step.invalid_delay", new errors.NonRetryableDelayError("a-1", "r")],
  ["WorkflowTimeoutError", "step.timed_out", new errors.WorkflowTimeoutError("step.timed_out", 1)],
  ["WorkflowInternalError", "x.y", new errors.WorkflowInternalError("x.y", "m")],
  ["NonDeterminismError", "replay.diverged", new errors.NonDeterminismError("a-1", "b-1")],
  ["InstanceNotFoundError", "instance.not_found", new errors.InstanceNotFoundError("a")],
  [
    "InstanceAlreadyExistsError",
    "instance.already_exists",
    new errors.InstanceAlreadyExistsError("a"),
  ],
  ["InvalidTransitionError", "x.y", new errors.InvalidTransitionError("x.y", "s", FACTS)],
  ["InstanceTerminatedError", "instance.terminated", new errors.InstanceTerminatedError("a")],
  ["InvalidArgumentError", "x.y", new errors.InvalidArgumentError("x.y", "m")],
  ["InvalidOptionError", "options.invalid", new errors.InvalidOptionError("o", "a number", "x")],
  ["LimitExceededError", "payload.too_large", new errors.LimitExceededError("It", 1_048_576)],
  ["StoreUnavailableError", "store.unavailable", new StoreUnavailableError(new Error("gone"))],
  ["UnserializableValueError", "payload.unserializable", new UnserializableValueError("$", "is x")],
  ["UnsupportedFormatError", "store.newer_format", new UnsupportedFormatError("a", "b")],
  ["WriteTooLargeError", "store.write_too_large", new WriteTooLargeError()],
];

test.each(EXAMPLES)("%s has its name and its code %s", (name, code, error) => {
  expect(error).toMatchObject({ name, code });
});

test.each(EXAMPLES)("%s keeps its name to its prototype", (_name, _code, error) => {
  expect(Object.keys(error)).not.toContain("name");
});

test.each(EXAMPLES)("%s is recognized as one of this library's errors", (_name, _code, error) => {
  expect(errors.WorkflowEngineError.is(error)).toBe(true);
});

test("errors of another copy of the library are recognized, too", async () => {
  const copyUrl = new URL("./errors.ts?copy", import.meta.url).href;
  const copy = (await import(copyUrl)) as typeof errors;
  const foreign = new copy.InstanceNotFoundError("a");

  const isOurs = errors.WorkflowEngineError.is(foreign);

  expect(foreign).not.toBeInstanceOf(errors.WorkflowEngineError);
  expect(isOurs).toBe(true);
});

test.each([[new Error("x")], [null], [undefined], ["text"], [{ code: "instance.not_found" }]])(
  "%s is none of this library's errors",
  (value) => {
    expect(errors.WorkflowEngineError.is(value)).toBe(false);
  },
);

test.each([
  ["a-1", "b-1", 'The history has the step "a-1" where the code asks for "b-1".'],
  [undefined, "b-1", 'The history has no step where the code asks for "b-1".'],
  ["a-1", undefined, 'The history has the step "a-1" where the code ends without it.'],
])("the divergence of %s and %s is told with both", (recorded, asked, sentence) => {
  const { message } = new errors.NonDeterminismError(recorded, asked);

  expect(message).toContain(sentence);
});

test("an error about the store keeps its cause and says what to check", () => {
  const cause = new Error("ECONNREFUSED");

  const error = new StoreUnavailableError(cause);

  expect(error.cause).toBe(cause);
  expect(error.message).toContain("ECONNREFUSED. Check");
  const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
  expect(new StoreUnavailableError(full).message).toContain("> 'maxmemory'. Check");
});
