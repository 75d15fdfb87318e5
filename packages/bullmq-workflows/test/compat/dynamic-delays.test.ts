import { expect, test } from "vitest";
import { NonRetryableDelayError, WorkflowFatalError } from "../../src/model/errors.ts";
import type {
  WorkflowBackoff,
  WorkflowDelayFunction,
  WorkflowDynamicDelayContext,
} from "../../src/model/step-config.ts";
import { startBody, workflowOf } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

/** A step that always fails and whose delay is computed. */
function failing(
  delay: unknown,
  backoff: WorkflowBackoff = "constant",
  attempts: number[] = [],
): Body {
  return async (step) => {
    const retries = { limit: 2, delay: delay as WorkflowDelayFunction, backoff };
    return await step
      .do("a", { retries }, ({ attempt }) => {
        attempts.push(attempt);
        throw new RangeError(`attempt ${attempt}`);
      })
      .catch((error: unknown) => [(error as Error).name, (error as Error).message]);
  };
}

async function outcomeOf(delay: unknown): Promise<unknown> {
  const { end, instance } = await startBody(failing(delay));
  return (await end(instance)).output;
}

test("the function is called after each failed attempt that will be retried", async () => {
  const calls: WorkflowDynamicDelayContext[] = [];
  const delay: WorkflowDelayFunction = (input) => {
    calls.push(input);
    return 1;
  };

  await outcomeOf(delay);

  const seen = calls.map(({ ctx, error }) => [ctx.attempt, error.message]);
  expect(seen).toEqual([
    [1, "attempt 1"],
    [2, "attempt 2"],
  ]);
});

test("the function gets the step's context and the error", async () => {
  let given: WorkflowDynamicDelayContext | undefined;
  await outcomeOf((input: WorkflowDynamicDelayContext) => {
    given ??= input;
    return 1;
  });

  expect(given?.error).toBeInstanceOf(RangeError);
  expect(given?.ctx).toMatchObject({
    step: { name: "a", count: 1 },
    attempt: 1,
    config: { retries: { limit: 2, backoff: "constant" }, timeout: "10 minutes" },
  });
});

test("what was thrown and is no error reaches the function as one", async () => {
  const messages: string[] = [];
  const { end, instance } = await startBody(async (step) => {
    const delay: WorkflowDelayFunction = ({ error }) => messages.push(error.message);
    for (const [name, thrown] of [
      ["text", "plain text"],
      ["bare", Object.create(null) as unknown],
    ] as const) {
      const fail = async () => await Promise.reject<unknown>(thrown);
      await step.do(name, { retries: { limit: 1, delay } }, fail).catch(() => {});
    }
  });

  await end(instance);

  expect(messages).toEqual(["plain text", expect.any(String)]);
});

test.each([
  ["a number of ms", 60_000],
  ["a duration", "1 minute"],
  ["a promise", Promise.resolve("1 minute")],
])("it may answer with %s", async (_, answer) => {
  const attempts: number[] = [];
  const { clock } = await startBody(failing(() => answer, "constant", attempts));

  await clock.advance(59_000);
  expect(attempts).toEqual([1]);
  await clock.advance(2_000);
  expect(attempts).toEqual([1, 2]);
});

test("backoff is applied to what it answers", async () => {
  const attempts: number[] = [];
  const { clock } = await startBody(failing(() => "1 minute", "exponential", attempts));
  await clock.advance(61_000);

  await clock.advance(118_000);
  expect(attempts).toEqual([1, 2]);
  await clock.advance(2_000);
  expect(attempts).toEqual([1, 2, 3]);
});

test.each([
  ["throws", () => Promise.reject(new Error("no idea")), "threw an error: no idea"],
  [
    "throws synchronously",
    () => {
      throw new Error("at once");
    },
    "threw an error: at once",
  ],
  ["throws no error", () => Promise.reject("text"), "threw an error: text"],
  ["never answers", () => new Promise(() => {}), "did not return within 5 seconds"],
])("the step fails at once when it %s", async (_, delay, reason) => {
  const outcome = await outcomeOf(delay);

  const message = `The delay function for step "a-1" ${reason}`;
  expect(outcome).toEqual(["NonRetryableDelayError", message]);
});

test.each([[NaN], [Infinity], [-1], ["10seconds"], ["soon"], [undefined], [null], [{}], [true]])(
  "%j is an invalid delay value, and fails the step",
  async (answer) => {
    const outcome = await outcomeOf(() => answer);

    expect(outcome).toEqual([
      "NonRetryableDelayError",
      'The delay function for step "a-1" returned an invalid delay value (expected a number of ms or a duration string like "30 seconds")',
    ]);
  },
);

test("it has 5 seconds to answer", async () => {
  const attempts: number[] = [];
  const slow = async () =>
    await new Promise<number>((resolve) => void engine.clock.after(4_900, () => resolve(1)));
  const engine = await startMemoryEngine(workflowOf(failing(slow, "constant", attempts)));

  await engine.end(await engine.workflow.create());

  expect(attempts).toEqual([1, 2, 3]);
});

test("the error of a failed delay function is a WorkflowFatalError, also on replay", async () => {
  const { end, instance } = await startBody(
    async (step) => {
      const caught = await step
        .do("a", { retries: { limit: 1, delay: () => NaN } }, () => Promise.reject(new Error("no")))
        .catch((error: unknown) => error);
      await step.sleep("b", "1 day");
      return [caught instanceof WorkflowFatalError, caught instanceof NonRetryableDelayError];
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  expect(output).toEqual([true, true]);
});

test("the function is never stored, only a marker", async () => {
  const { history, instance } = await startBody(failing(() => "1 hour"));

  const entries = await history(instance);

  expect(JSON.stringify(entries)).toContain('"delay":"[dynamic]"');
});

test("a replay takes the function from the code it runs", async () => {
  const attempts: number[] = [];
  const { clock, replaceWorkers } = await startBody(failing(() => "1 hour", "constant", attempts));

  await replaceWorkers({ workflowClass: workflowOf(failing(() => 1_000, "constant", attempts)) });
  await clock.advance(3_602_000);

  expect(attempts).toEqual([1, 2, 3]);
});

test("the default delay applies when the code passes no function any more", async () => {
  const attempts: number[] = [];
  const { clock, replaceWorkers } = await startBody(failing(() => "1 hour", "constant", attempts));

  await replaceWorkers({ workflowClass: workflowOf(failing("5 days", "constant", attempts)) });
  await clock.advance(3_601_000);
  expect(attempts).toEqual([1, 2]);
  await clock.advance(10_000);

  expect(attempts).toEqual([1, 2, 3]);
});

test("the error of a failed delay function has what the attempt threw as its cause", async () => {
  const { end, instance } = await startBody(async (step) => {
    const delay = (): number => Number.NaN;
    const fail = (): never => {
      throw new RangeError("what the step threw");
    };
    await step.do("a", { retries: { limit: 1, delay } }, fail);
  });
  await end(instance);

  const caught = await instance.result().catch((error: Error) => error.cause);
  expect(caught).toBeInstanceOf(RangeError);
  using events = await instance.subscribe({ filter: ["attempt_errored"] });
  expect((await events.next()).value).toMatchObject({
    error: { name: "RangeError", message: "what the step threw" },
  });
});
