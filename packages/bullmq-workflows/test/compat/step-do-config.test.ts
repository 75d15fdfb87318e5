import { expect, test } from "vitest";
import type { WorkflowStepConfig } from "../../src/model/step-config.ts";
import type { WorkflowStep, WorkflowStepContext } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";

const DEFAULTS = {
  retries: { limit: 5, delay: 10_000, backoff: "exponential" },
  timeout: "10 minutes",
};

/** What a callback is told of its config, or how the config is refused. */
async function resolve(config: unknown): Promise<unknown> {
  const { end, instance } = await startBody(async (step) => {
    const read = (ctx: WorkflowStepContext): unknown => ctx.config;
    return await step
      .do("a", config as WorkflowStepConfig, read)
      .catch((error: Error) => error.message.slice(0, 45));
  });
  return (await end(instance)).output;
}

const REFUSED = 'Step config for "a" is in a invalid format. S';

test.each([[{}], [{ retries: undefined }], [{ timeout: undefined }]])(
  "%j takes every default: 5 retries, 10 seconds, exponential, 10 minutes",
  async (config) => {
    const resolved = await resolve(config);

    expect(resolved).toEqual(DEFAULTS);
  },
);

test("defaults are merged per key", async () => {
  const resolved = await resolve({ retries: { limit: 1, delay: 5 } });

  expect(resolved).toEqual({
    ...DEFAULTS,
    retries: { limit: 1, delay: 5, backoff: "exponential" },
  });
});

test("values are kept as they were written", async () => {
  const config = {
    retries: { limit: 2, delay: "30 seconds", backoff: "linear" },
    timeout: "5 minutes",
    sensitive: "output",
  };

  const resolved = await resolve(config);

  expect(resolved).toEqual(config);
});

test.each([
  ["limit 0", { retries: { limit: 0, delay: 1 } }],
  ["a fraction as limit", { retries: { limit: 1.5, delay: 1 } }],
  ["10000 as limit", { retries: { limit: 10_000, delay: 1 } }],
  ["delay 0", { retries: { limit: 1, delay: 0 } }],
  ["a text of digits as delay", { retries: { limit: 1, delay: "5000" } }],
  ["the empty text as delay", { retries: { limit: 1, delay: "" } }],
  ["an unknown unit", { retries: { limit: 1, delay: "10 Minutes" } }],
  ["a timeout above 30 minutes", { timeout: "2 days" }],
  ["a number as timeout", { timeout: 1 }],
])("%s is allowed", async (_, config) => {
  const resolved = await resolve(config);

  expect(resolved).toMatchObject(config);
});

test.each([
  ["an unknown key", { retry: {} }],
  ["an unknown key in retries", { retries: { limit: 1, delay: 1, jitter: true } }],
  ["retries without delay", { retries: { limit: 1 } }],
  ["retries without limit", { retries: { delay: 1 } }],
  ["retries of null", { retries: null }],
  ["retries as a list", { retries: [] }],
  ["a negative limit", { retries: { limit: -1, delay: 1 } }],
  ["a limit of Infinity", { retries: { limit: Infinity, delay: 1 } }],
  ["a limit of NaN", { retries: { limit: NaN, delay: 1 } }],
  ["a text as limit", { retries: { limit: "1", delay: 1 } }],
  ["a limit above 10000", { retries: { limit: 10_001, delay: 1 } }],
  ["a negative delay", { retries: { limit: 1, delay: -1 } }],
  ["a delay that is no duration", { retries: { limit: 1, delay: "10seconds" } }],
  ["a delay of Infinity", { retries: { limit: 1, delay: Infinity } }],
  ["a delay of null", { retries: { limit: 1, delay: null } }],
  ["an unknown backoff", { retries: { limit: 1, delay: 1, backoff: "random" } }],
  ["a timeout of 0", { timeout: 0 }],
  ["a timeout text of 0", { timeout: "0 seconds" }],
  ["the empty text as timeout", { timeout: "" }],
  ["a negative timeout", { timeout: -1 }],
  ["a timeout that is no duration", { timeout: "soon" }],
  ["a timeout of Infinity", { timeout: Infinity }],
  ["a timeout of null", { timeout: null }],
  ["an unknown sensitivity", { sensitive: "input" }],
  ["a text as config", "fast"],
  ["a list as config", []],
])("%s is refused", async (_, config) => {
  const resolved = await resolve(config);

  expect(resolved).toBe(REFUSED);
});

test("the delay is absent from the context when it is a function", async () => {
  const resolved = await resolve({ retries: { limit: 1, delay: () => 1 } });

  expect(resolved).toEqual({ ...DEFAULTS, retries: { limit: 1, backoff: "exponential" } });
});

describeOnBoth(({ run }) => {
  test("the context has the step's name, its occurrence and the attempt", async () => {
    const { output } = await run(async (step: WorkflowStep) => {
      const read = ({ step, attempt }: WorkflowStepContext) => ({ step, attempt });
      return [await step.do("a", read), await step.do("a", read), await step.do("b", read)];
    });

    expect(output).toEqual([
      { step: { name: "a", count: 1 }, attempt: 1 },
      { step: { name: "a", count: 2 }, attempt: 1 },
      { step: { name: "b", count: 1 }, attempt: 1 },
    ]);
  });

  test("attempt counts from 1", async () => {
    const attempts: number[] = [];
    await run(async (step) => {
      await step.do("a", { retries: { limit: 2, delay: 1 } }, ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("again");
      });
    });

    expect(attempts).toEqual([1, 2, 3]);
  });
});

test("changing the context has no effect on the engine", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step
      .do("a", { retries: { limit: 1, delay: 5 } }, (ctx) => {
        seen.push(structuredClone({ ...ctx.config, attempt: ctx.attempt, step: ctx.step }));
        Object.assign(ctx.config.retries, { limit: 99 });
        ctx.config.timeout = 1;
        ctx.step.name = "b";
        ctx.attempt = 50;
        throw new Error("no");
      })
      .catch(() => {});
  });

  await end(instance);

  const config = { retries: { limit: 1, delay: 5, backoff: "exponential" }, timeout: "10 minutes" };
  expect(seen).toEqual([
    { ...config, attempt: 1, step: { name: "a", count: 1 } },
    { ...config, attempt: 2, step: { name: "a", count: 1 } },
  ]);
});

test("the config is pinned when the step first runs, whatever later code passes", async () => {
  const seen: unknown[] = [];
  const bodyWith = (config: WorkflowStepConfig) => async (step: WorkflowStep) =>
    await step.do("a", config, (ctx) => {
      seen.push(ctx.config.retries.limit, ctx.config.timeout);
      if (ctx.attempt === 1) throw new Error("again");
    });
  const old = { retries: { limit: 1, delay: "1 hour" }, timeout: "1 minute" } as const;
  const { end, instance, replaceWorkers } = await startBody(bodyWith(old));

  await replaceWorkers({
    workflowClass: workflowOf(bodyWith({ retries: { limit: 0, delay: 0 }, timeout: 5 })),
  });
  const { status } = await end(instance);

  expect(status).toBe("complete");
  expect(seen).toEqual([1, "1 minute", 1, "1 minute"]);
});

test("a callback may return its context, by itself and inside of something else", async () => {
  const { end, instance } = await startBody(async (step) => {
    const alone = await step.do("a", (ctx) => ctx);
    const inside = await step.do("b", (ctx) => ({ ctx, at: new Date(0) }));
    return [alone, inside];
  });
  const { output } = await end(instance);

  const config = DEFAULTS;
  expect(output).toStrictEqual([
    { step: { name: "a", count: 1 }, attempt: 1, config },
    { ctx: { step: { name: "b", count: 1 }, attempt: 1, config }, at: new Date(0) },
  ]);
});
