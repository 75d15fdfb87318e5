import { expect, test } from "vitest";
import type { WorkflowSleepDuration } from "../../src/model/duration.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";

const PAST = "You can't sleep until a time in the past, time-traveler";
const DAY_MS = 86_400_000;

/** How long an instance takes that does just this. */
async function durationOf(body: (step: WorkflowStep) => Promise<unknown>): Promise<number> {
  const { clock, end, instance } = await startBody(body);
  const startedAt = clock.now();
  const { status, error } = await end(instance);
  if (status !== "complete") throw new Error(error?.message);
  return clock.now() - startedAt;
}

/** How a sleep is refused. */
async function refusalOf(
  sleep: (step: WorkflowStep) => Promise<unknown>,
): Promise<{ name: string; message: string } | undefined> {
  const { end, instance } = await startBody(sleep);
  return (await end(instance)).error;
}

describeOnBoth(({ isRealTime, run }) => {
  test("a sleep resolves with undefined after its time", async () => {
    const startedAt = performance.now();
    const { output } = await run(async (step) => [await step.sleep("a", 120)]);

    expect(output).toEqual([undefined]);
    if (isRealTime) expect(performance.now() - startedAt).toBeGreaterThanOrEqual(120);
  });

  test("sleepUntil accepts a Date and epoch milliseconds", async () => {
    const { status } = await run(async (step, event) => {
      const start = event.timestamp.getTime();
      await step.sleepUntil("a", new Date(start + 600));
      await step.sleepUntil("b", start + 800);
    });

    expect(status).toBe("complete");
  });
});

test.each<[string | number, number]>([
  [1_500, 1_500],
  ["1500", 1_500],
  ["10 seconds", 10_000],
  ["1 minute", 60_000],
  ["1.5 hours", 5_400_000],
  ["1 day", DAY_MS],
  ["1 week", 7 * DAY_MS],
  ["1 month", 30 * DAY_MS],
  ["500 ms", 500],
  ["10 Minutes", 10],
])("a sleep of %j takes %d ms", async (duration, expected) => {
  const took = await durationOf(
    async (step) => await step.sleep("a", duration as WorkflowSleepDuration),
  );

  expect(took).toBe(expected);
});

test.each([[0], [-5], [""], ["-1 day"]])("a sleep of %j is over at once", async (duration) => {
  const took = await durationOf(
    async (step) => await step.sleep("a", duration as WorkflowSleepDuration),
  );

  expect(took).toBe(0);
});

test("a sleep of 365 days is allowed", async () => {
  const took = await durationOf(async (step) => await step.sleep("a", "365 days"));

  expect(took).toBe(365 * DAY_MS);
});

test.each([["366 days"], [Infinity], ["1 year"]])("a sleep of %s is too long", async (duration) => {
  const refusal = await refusalOf(
    async (step) => await step.sleep("a", duration as WorkflowSleepDuration),
  );

  expect(refusal).toEqual({
    name: "WorkflowFatalError",
    message: 'Sleep "a" is longer than 365 days',
  });
});

test.each([[NaN], [undefined], ["10seconds"], ["soon"], [{}], [null]])(
  "a sleep of %s is an error that names the step",
  async (duration) => {
    const refusal = await refusalOf(
      async (step) => await step.sleep("nap", duration as WorkflowSleepDuration),
    );

    expect(refusal?.name).toBe("WorkflowFatalError");
    expect(refusal?.message).toContain('Sleep "nap" needs');
  },
);

test("a sleeping instance is waiting", async () => {
  const { instance } = await startBody(async (step) => await step.sleep("a", "1 hour"));

  const { status } = await instance.status();

  expect(status).toBe("waiting");
});

test("a finished sleep returns at once on replay, and an unfinished one waits for the rest", async () => {
  const { clock, end, instance, replaceWorkers } = await startBody(async (step) => {
    await step.sleep("a", "1 hour");
    await step.sleep("b", "1 hour");
  });
  const startedAt = clock.now();
  await clock.advance(5_400_000);

  await replaceWorkers();
  await end(instance);

  expect(clock.now() - startedAt).toBe(7_200_000);
});

test("a sleep on record keeps its instant, whatever later code says", async () => {
  const sleeping = (duration: WorkflowSleepDuration) =>
    workflowOf(async (step) => await step.sleep("a", duration));
  const { clock, end, instance, replaceWorkers } = await startBody(
    async (step) => await step.sleep("a", "1 hour"),
  );
  const startedAt = clock.now();

  await replaceWorkers({ workflowClass: sleeping("5 days") });
  await end(instance);

  expect(clock.now() - startedAt).toBe(3_600_000);
});

test("sleepUntil waits until the instant", async () => {
  const { clock, end, instance } = await startBody(
    async (step, { timestamp }) =>
      await step.sleepUntil("a", new Date(timestamp.getTime() + 5 * DAY_MS)),
  );
  const startedAt = clock.now();

  await end(instance);

  expect(clock.now() - startedAt).toBe(5 * DAY_MS);
});

test("sleepUntil a time in the past rejects with a plain Error", async () => {
  const refusal = await refusalOf(async (step) => await step.sleepUntil("a", new Date(0)));

  expect(refusal).toEqual({ name: "Error", message: PAST });
});

test("sleepUntil a time in seconds is in the past", async () => {
  const { end, instance } = await startBody(
    async (step, { timestamp }) =>
      await step.sleepUntil("a", Math.floor(timestamp.getTime() / 1_000) + 60),
  );

  const { error } = await end(instance);

  expect(error?.message).toBe(PAST);
});

test("that error can be caught", async () => {
  const { end, instance } = await startBody(async (step) => {
    await step.sleepUntil("a", 0).catch(() => {});
    return await step.do("b", () => "went on");
  });

  const { output } = await end(instance);

  expect(output).toBe("went on");
});

test("sleepUntil now is over at once", async () => {
  const { end, instance } = await startBody(
    async (step, { timestamp }) => await step.sleepUntil("a", timestamp),
  );

  const { status } = await end(instance);

  expect(status).toBe("complete");
});

test("a finished sleepUntil is answered from the record on replay, though its time has passed", async () => {
  const { end, instance } = await startBody(
    async (step, { timestamp }) => {
      await step.sleepUntil("a", timestamp.getTime() + DAY_MS);
      await step.sleep("b", "1 day");
      return "done";
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  expect(output).toBe("done");
});

test.each([[undefined], [NaN], ["2030-01-01"], [new Date(NaN)]])(
  "sleepUntil %s is an error that names the step",
  async (at) => {
    const refusal = await refusalOf(
      async (step) => await step.sleepUntil("a", at as unknown as Date),
    );

    expect(refusal?.message).toContain('Sleep "a" needs a Date or epoch milliseconds');
  },
);

test("sleepUntil more than 365 days ahead is too long", async () => {
  const { end, instance } = await startBody(
    async (step, { timestamp }) => await step.sleepUntil("a", timestamp.getTime() + 366 * DAY_MS),
  );

  const { error } = await end(instance);

  expect(error?.message).toBe('Sleep "a" is longer than 365 days');
});

test("a sleep's name is checked like a step's", async () => {
  const refusal = await refusalOf(async (step) => await step.sleep("a\n", 1));

  expect(refusal?.message).toContain('Step name "a\n" exceeds max length');
});

test("instances that wake from a sleep go before new ones", async () => {
  const order: unknown[] = [];
  const { clock, workflow } = await startBody(
    async (step, event) => {
      if (event.payload === "sleeper") await step.sleep("a", "1 hour");
      order.push(event.payload);
      if (event.payload === "busy") await step.do("work", { timeout: "1 day" }, () => held);
    },
    { concurrency: { limit: 1 }, params: "sleeper" },
  );
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await workflow.create({ params: "busy" });
  await workflow.create({ params: "new" });

  await clock.advance(4_000_000);
  release();
  await clock.settle();

  expect(order).toEqual(["busy", "sleeper", "new"]);
});
