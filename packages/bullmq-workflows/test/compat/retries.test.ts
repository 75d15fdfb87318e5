import { expect, test } from "vitest";
import type { HistoryEntry } from "../../src/model/history.ts";
import type { WorkflowDelayDuration } from "../../src/model/duration.ts";
import { NonRetryableError } from "../../src/model/errors.ts";
import type { WorkflowBackoff } from "../../src/model/step-config.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const NO_DELAY = { retries: { limit: 2, delay: 0 } } as const;

/** Throws this in a step that may be retried twice; answers how often it ran and what was caught. */
async function throwInStep(thrown: unknown): Promise<{ attempts: number; caught: unknown }> {
  let attempts = 0;
  let caught: unknown;
  const { end, instance } = await startBody(async (step) => {
    try {
      await step.do("a", NO_DELAY, () => {
        attempts++;
        throw thrown;
      });
    } catch (error) {
      caught = error;
    }
  });
  await end(instance);
  return { attempts, caught };
}

/** Milliseconds between the attempts of a step that always fails. */
async function gapsOf(retries: {
  limit: number;
  delay: WorkflowDelayDuration;
  backoff?: WorkflowBackoff;
}) {
  const startedAt: number[] = [];
  const failing = workflowOf(async (step) => {
    await step.do("a", { retries }, () => {
      startedAt.push(engine.clock.now());
      throw new Error("no");
    });
  });
  const engine = await startMemoryEngine(failing);
  await engine.end(await engine.workflow.create());
  return startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
}

describeOnBoth(({ run }) => {
  test("a step makes one attempt more than its limit of retries", async () => {
    let attempts = 0;
    await run(async (step) => {
      await step.do("a", { retries: { limit: 3, delay: 1, backoff: "constant" } }, () => {
        attempts++;
        throw new Error("no");
      });
    });

    expect(attempts).toBe(4);
  });

  test("a limit of 0 never retries", async () => {
    let attempts = 0;
    const { error } = await run(async (step) => {
      await step.do("a", { retries: { limit: 0, delay: 1 } }, () => {
        attempts++;
        throw new Error("no");
      });
    });

    expect([attempts, error?.message]).toEqual([1, "no"]);
  });

  test("the last error is the step's", async () => {
    const { error } = await run(async (step) => {
      await step.do("a", { retries: { limit: 1, delay: 1 } }, ({ attempt }) => {
        throw new TypeError(`attempt ${attempt}`);
      });
    });

    expect(error).toEqual({ name: "TypeError", message: "attempt 2" });
  });

  test("an error that the workflow catches does not fail it", async () => {
    const { status, output } = await run(async (step) => {
      const retries = { limit: 0, delay: 0 };
      await step.do("a", { retries }, () => Promise.reject(new Error("no"))).catch(() => {});
      return await step.do("b", () => "went on");
    });

    expect([status, output]).toEqual(["complete", "went on"]);
  });

  test("a step that finally failed throws the same error on replay and does not run again", async () => {
    let attempts = 0;
    const { output } = await run(
      async (step) => {
        const retries = { limit: 0, delay: 0 };
        const fail = (): never => {
          attempts++;
          throw new RangeError("no");
        };
        const caught = await step.do("a", { retries }, fail).catch((error: unknown) => error);
        await step.sleep("b", 100);
        return [caught instanceof RangeError, (caught as Error).message];
      },
      { isCold: true },
    );

    expect([output, attempts]).toEqual([[true, "no"], 1]);
  });
});

test("a constant backoff waits the delay each time", async () => {
  const gaps = await gapsOf({ limit: 3, delay: "10 seconds", backoff: "constant" });

  expect(gaps).toEqual([10_000, 10_000, 10_000]);
});

test("a linear backoff waits the delay times the attempts made", async () => {
  const gaps = await gapsOf({ limit: 3, delay: "10 seconds", backoff: "linear" });

  expect(gaps).toEqual([10_000, 20_000, 30_000]);
});

test("an exponential backoff doubles the delay, without jitter", async () => {
  const gaps = await gapsOf({ limit: 4, delay: 1_000, backoff: "exponential" });

  expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000]);
});

test("backoff is exponential when nothing is said", async () => {
  const gaps = await gapsOf({ limit: 3, delay: "1 minute" });

  expect(gaps).toEqual([60_000, 120_000, 240_000]);
});

test("an instance that waits for a retry is waiting, and holds no slot", async () => {
  const fail = workflowOf(async (step, event) => {
    if (event.payload === "quick") return "ran";
    return await step.do("a", { retries: { limit: 1, delay: "1 hour" } }, () => {
      throw new Error("no");
    });
  });
  const engine = await startMemoryEngine(fail, { concurrency: { limit: 1 } });
  const slow = await engine.workflow.create({ params: "slow" });
  const quick = await engine.workflow.create({ params: "quick" });

  await engine.clock.settle();

  expect((await slow.status()).status).toBe("waiting");
  expect((await quick.status()).status).toBe("complete");
});

test("the count of attempts outlives the worker", async () => {
  const attempts: number[] = [];
  const { end, instance, replaceWorkers } = await startBody(async (step) => {
    await step.do("a", { retries: { limit: 2, delay: "1 hour" } }, ({ attempt }) => {
      attempts.push(attempt);
      throw new Error("no");
    });
  });

  await replaceWorkers();
  await end(instance);

  expect(attempts).toEqual([1, 2, 3]);
});

test("an attempt in which the worker died is a failed attempt", async () => {
  const attempts: number[] = [];
  const { clock, end, instance, workers, addWorker, history } = await startBody(
    async (step) =>
      await step.do("a", async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt === 1) await new Promise(() => {});
        return attempt;
      }),
    { leaseMs: 10_000, sweepIntervalMs: 1_000 },
  );
  await clock.advance(2_000);

  workers[0]?.abandon();
  await addWorker();
  const { output } = await end(instance);

  expect([attempts, output]).toEqual([[1, 2], 2]);
  const failed = (await history(instance)).find(({ type }) => type === "attempt_errored");
  const { error } = failed as Extract<HistoryEntry, { type: "attempt_errored" }>;
  expect(JSON.stringify(error)).toContain("WorkflowInternalError");
  expect(JSON.stringify(error)).toContain("Attempt failed due to internal workflows error");
});

test("an error named NonRetryableError is not retried", async () => {
  const { attempts, caught } = await throwInStep(new NonRetryableError("useless"));

  expect(attempts).toBe(1);
  expect(caught).toBeInstanceOf(NonRetryableError);
  expect((caught as Error).message).toBe("useless");
});

test("name is an own, enumerable property of a NonRetryableError", () => {
  const error = new NonRetryableError("useless");

  expect(Object.keys(error)).toEqual(["name"]);
});

test("any error with that name is not retried", async () => {
  const { attempts } = await throwInStep(
    Object.assign(new Error("x"), { name: "NonRetryableError" }),
  );

  expect(attempts).toBe(1);
});

test("an error whose message starts with NonRetryableError is not retried", async () => {
  const { attempts } = await throwInStep(new Error("NonRetryableError: useless"));

  expect(attempts).toBe(1);
});

test("a NonRetryableError with another name is retried like any error", async () => {
  const { attempts } = await throwInStep(new NonRetryableError("x", "Custom"));

  expect(attempts).toBe(3);
});

test("a subclass of NonRetryableError works if it keeps the name", async () => {
  class Useless extends NonRetryableError {}

  const { attempts } = await throwInStep(new Useless("x"));

  expect(attempts).toBe(1);
});

test("an uncaught NonRetryableError is the instance's error, message kept", async () => {
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("a", () => {
        throw new NonRetryableError("useless");
      }),
  );

  const { error } = await end(instance);

  expect(error).toEqual({ name: "NonRetryableError", message: "useless" });
});

test("a NonRetryableError thrown by run itself is the instance's error", async () => {
  const { end, instance } = await startBody(async () => {
    throw new NonRetryableError("no way");
  });

  const { error } = await end(instance);

  expect(error).toEqual({ name: "NonRetryableError", message: "no way" });
});

test("a caught NonRetryableError is on record: a replay does not run the step again", async () => {
  let attempts = 0;
  const { end, instance } = await startBody(
    async (step) => {
      const give = (): never => {
        attempts++;
        throw new NonRetryableError("useless");
      };
      await step.do("a", give).catch(() => {});
      await step.sleep("b", "1 day");
      return "done";
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  expect([output, attempts]).toEqual(["done", 1]);
});

test.each([["text"], [7], [undefined], [null], [{ a: 1 }]])(
  "a thrown %j is retried, and caught as it was thrown",
  async (thrown) => {
    const { attempts, caught } = await throwInStep(thrown);

    expect(attempts).toBe(3);
    expect(caught).toEqual(thrown);
  },
);

test.each([
  ["text", "text"],
  [undefined, "undefined"],
  [Object.create(null) as unknown, ""],
])("an instance that failed with a thrown %j has an error named Error", async (thrown, message) => {
  const { end, instance } = await startBody(async () => {
    throw thrown;
  });

  const { error } = await end(instance);

  expect(error?.name).toBe("Error");
  expect(error?.message).toContain(message);
});

test("a custom error keeps its name, message, cause and properties", async () => {
  class PaymentError extends Error {
    override readonly name = "PaymentError";
    readonly code = 402;
  }
  const { caught } = await throwInStep(new PaymentError("declined", { cause: new Error("bank") }));

  expect(caught).toBeInstanceOf(Error);
  expect(caught).toMatchObject({ name: "PaymentError", message: "declined", code: 402 });
  expect(((caught as Error).cause as Error).message).toBe("bank");
});
