import { expect, test } from "vitest";
import { WorkflowTimeoutError } from "../../src/model/errors.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const NO_RETRY = { limit: 0, delay: 0 };

async function never(): Promise<never> {
  return await new Promise(() => {});
}

describeOnBoth(({ run }) => {
  test("an attempt that exceeds its timeout fails with a WorkflowTimeoutError", async () => {
    const { error } = await run(
      async (step) => await step.do("a", { retries: NO_RETRY, timeout: 100 }, never),
    );

    expect(error).toEqual({
      name: "WorkflowTimeoutError",
      message: "Execution timed out after 100ms",
    });
  });
});

test("the message has the milliseconds of the timeout as they were parsed", async () => {
  const { end, instance } = await startBody(
    async (step) => await step.do("a", { retries: NO_RETRY, timeout: "5 minutes" }, never),
  );

  const { error } = await end(instance);

  expect(error?.message).toBe("Execution timed out after 300000ms");
});

test("a step without a timeout times out after 10 minutes", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => await step.do("a", { retries: NO_RETRY }, never),
  );
  const startedAt = clock.now();

  await end(instance);

  expect(clock.now() - startedAt).toBe(600_000);
});

test("a timeout is an ordinary failure: it is retried", async () => {
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("a", { retries: { limit: 1, delay: 0 }, timeout: 100 }, async ({ attempt }) =>
        attempt === 1 ? await never() : attempt,
      ),
  );

  const { output } = await end(instance);

  expect(output).toBe(2);
});

test("the timeout is per attempt, and starts with the attempt", async () => {
  const body = workflowOf(async (step) => {
    const config = { retries: { limit: 2, delay: "1 hour" }, timeout: "1 minute" } as const;
    return await step.do("a", config, async ({ attempt }) => {
      if (attempt < 3) throw new Error("again");
      await new Promise<void>((resolve) => void engine.clock.after(59_000, resolve));
      return attempt;
    });
  });
  const engine = await startMemoryEngine(body);

  const { output } = await engine.end(await engine.workflow.create());

  expect(output).toBe(3);
});

test("what the callback does after its timeout is ignored", async () => {
  const late: string[] = [];
  const body = workflowOf(async (step) => {
    const caught = await step
      .do("a", { retries: NO_RETRY, timeout: 100 }, async () => {
        await new Promise<void>((resolve) => void engine.clock.after(200, resolve));
        late.push("ended");
        return "late";
      })
      .catch((error: unknown) => error);
    await step.sleep("b", "1 minute");
    return (caught as Error).name;
  });
  const engine = await startMemoryEngine(body);

  const { output } = await engine.end(await engine.workflow.create());

  expect([late, output]).toEqual([["ended"], "WorkflowTimeoutError"]);
});

test("a timeout aborts the attempt's signal with the error", async () => {
  let reason: unknown;
  const { end, instance } = await startBody(async (step) => {
    await step
      .do("a", { retries: NO_RETRY, timeout: 100 }, async ({ signal }) => {
        signal.addEventListener("abort", () => (reason = signal.reason));
        await never();
      })
      .catch(() => {});
  });

  await end(instance);

  expect(reason).toBeInstanceOf(WorkflowTimeoutError);
});

test("a timeout that was caught is on record, and thrown again on replay", async () => {
  let attempts = 0;
  const { end, instance } = await startBody(
    async (step) => {
      const wait = async (): Promise<never> => {
        attempts++;
        return await never();
      };
      const caught = await step
        .do("a", { retries: NO_RETRY, timeout: 100 }, wait)
        .catch((error: unknown) => error);
      await step.sleep("b", "1 day");
      return [caught instanceof WorkflowTimeoutError, (caught as WorkflowTimeoutError).timeoutMs];
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  expect([output, attempts]).toEqual([[true, 100], 1]);
});

test("a timeout longer than Node's timers reach is accepted", async () => {
  const { end, instance } = await startBody(
    async (step) => await step.do("a", { timeout: "30 days" }, () => "ran"),
  );

  const { output } = await end(instance);

  expect(output).toBe("ran");
});
