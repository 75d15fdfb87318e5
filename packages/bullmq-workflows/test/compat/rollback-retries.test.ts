/** A rollback is tried as a step is. */
import { expect, test } from "vitest";
import { NonRetryableError } from "../../src/model/errors.ts";
import { startBody } from "../support/harness.ts";

const NEVER = { retries: { limit: 0, delay: 0 } } as const;

test("a rollback is tried again as its config says, and waits without holding a worker", async () => {
  let tries = 0;
  const { clock, history, instance, store } = await startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: () => {
        if (++tries < 3) throw new Error("again");
      },
      rollbackConfig: { retries: { limit: 2, delay: "1 minute", backoff: "linear" } },
    });
    throw new Error("no");
  });

  expect(store.inspect(instance.id)).toMatchObject({ status: "rollingBack", place: "timers" });
  await clock.advance(60_000);
  expect(tries).toBe(2);
  await clock.advance(120_000);

  expect(await instance.status()).toMatchObject({ rollback: { outcome: "complete" } });
  const failed = (await history(instance)).filter(({ type }) => type.endsWith("attempt_errored"));
  expect(failed).toMatchObject([
    { type: "rollback_attempt_errored", attempt: 1, retryDelayMs: 60_000 },
    { type: "rollback_attempt_errored", attempt: 2, retryDelayMs: 120_000 },
  ]);
});

test("by default a rollback has the retries of a step", async () => {
  let tries = 0;
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", NEVER, () => 1, {
      rollback: () => {
        tries++;
        throw new Error("cannot");
      },
    });
    throw new Error("no");
  });

  const status = await end(instance);

  expect(tries).toBe(6);
  expect(status.rollback).toEqual({
    outcome: "failed",
    error: { name: "Error", message: "cannot" },
  });
});

test("a delay function of a rollback is asked, with the rollback's attempt and error", async () => {
  const asked: unknown[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: () => {
        if (asked.length < 2) throw new Error("again");
      },
      rollbackConfig: {
        retries: {
          limit: 5,
          backoff: "constant",
          delay: ({ ctx, error }) => {
            asked.push([ctx.attempt, error.message]);
            return "1 second";
          },
        },
      },
    });
    throw new Error("no");
  });

  await end(instance);

  expect(asked).toEqual([
    [1, "again"],
    [2, "again"],
  ]);
});

test("a NonRetryableError stops the retries of a rollback", async () => {
  let tries = 0;
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: () => {
        tries++;
        throw new NonRetryableError("never");
      },
    });
    throw new Error("no");
  });

  const { rollback } = await end(instance);

  expect(tries).toBe(1);
  expect(rollback).toMatchObject({ outcome: "failed", error: { message: "never" } });
});

test("a rollback that takes too long fails, and its signal is aborted", async () => {
  let signal: AbortSignal | undefined;
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: async ({ ctx }) => {
        signal = ctx.signal;
        await new Promise(() => {});
      },
      rollbackConfig: { ...NEVER, timeout: "2 seconds" },
    });
    throw new Error("no");
  });

  const { rollback } = await end(instance);

  expect(rollback).toMatchObject({
    outcome: "failed",
    error: { name: "WorkflowTimeoutError", message: "Execution timed out after 2000ms" },
  });
  expect(signal?.aborted).toBe(true);
});
