/** Rolling back a run that fails: Cloudflare's sentences, one test each. */
import { expect, test } from "vitest";
import { NonRetryableError } from "../../src/model/errors.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";

/** What rollbacks write down. */
function diary() {
  const undone: string[] = [];
  const undo = (what: string) => ({ rollback: () => void undone.push(what) });
  return { undone, undo };
}

const FAIL = async (): Promise<never> => {
  throw new Error("no");
};
const NEVER = { retries: { limit: 0, delay: 0 } } as const;

describeOnBoth(({ run }) => {
  test("a failed run undoes its steps, and ends with its own error", async () => {
    const { undone, undo } = diary();

    const status = await run(async (step) => {
      await step.do("a", () => 1, undo("a"));
      await step.do("b", { timeout: "1 minute" }, () => 2, undo("b"));
      throw new TypeError("no");
    });

    expect(undone).toEqual(["b", "a"]);
    expect(status).toEqual({
      status: "errored",
      error: { name: "TypeError", message: "no" },
      output: null,
      rollback: { outcome: "complete", error: null },
    });
  });

  test("the first rollback that finally fails stops the rest", async () => {
    const { undone, undo } = diary();

    const status = await run(async (step) => {
      await step.do("a", () => 1, undo("a"));
      await step.do("b", () => 2, {
        rollback: () => {
          throw new RangeError("cannot");
        },
        rollbackConfig: NEVER,
      });
      await step.do("c", () => 3, undo("c"));
      throw new Error("no");
    });

    expect(undone).toEqual(["c"]);
    expect(status).toMatchObject({
      status: "errored",
      error: { name: "Error", message: "no" },
      rollback: { outcome: "failed", error: { name: "RangeError", message: "cannot" } },
    });
  });
});

test("a rollback gets ctx, error, output and stepName, in this order", async () => {
  let given: object = {};
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => new Date(5), { rollback: (context) => void (given = context) });
    throw new Error("no");
  });

  await end(instance);

  expect(Object.keys(given)).toEqual(["ctx", "error", "output", "stepName"]);
  expect(given).toMatchObject({
    error: { name: "Error", message: "no" },
    output: new Date(5),
    stepName: "a-1",
  });
});

test("ctx is that of the step: its name, count and config, and the number of its last attempt", async () => {
  const seen: unknown[] = [];
  const config = { retries: { limit: 2, delay: 10, backoff: "constant" }, timeout: 5_000 } as const;
  const { end, instance } = await startBody(async (step) => {
    for (let count = 0; count < 2; count++) {
      await step.do(
        "a",
        config,
        ({ attempt }) => {
          if (attempt < 2) throw new Error("again");
        },
        {
          rollback: ({ ctx }) =>
            void seen.push({ step: ctx.step, attempt: ctx.attempt, config: ctx.config }),
          rollbackConfig: NEVER,
        },
      );
    }
    throw new Error("no");
  });

  await end(instance);

  expect(seen).toEqual([
    { step: { name: "a", count: 2 }, attempt: 2, config },
    { step: { name: "a", count: 1 }, attempt: 2, config },
  ]);
});

test("the idempotency key of a rollback is not that of its step", async () => {
  const keys: string[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", (ctx) => void keys.push(ctx.idempotencyKey), {
      rollback: ({ ctx }) => void keys.push(ctx.idempotencyKey),
    });
    throw new Error("no");
  });

  await end(instance);

  expect(keys[1]).toBe(`${keys[0]}/rollback`);
});

test("the error is folded where code from Cloudflare sees it", async () => {
  let seen: unknown;
  const { end, instance } = await startBody(
    async (step) => {
      await step.do("a", () => 1, { rollback: ({ error }) => void (seen = error) });
      await step.do("b", NEVER, () => {
        throw Object.assign(new Error("trigger"), { name: "MyErr" });
      });
    },
    { errors: "cloudflare" },
  );

  const { error } = await end(instance);

  expect(seen).toMatchObject({ name: "Error", message: "MyErr: trigger" });
  expect(error).toEqual({ name: "Error", message: "MyErr: trigger" });
});

test("every run of a rollback gets an output of its own", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => ({ list: [1] }), {
      rollback: ({ output }) => {
        seen.push(structuredClone(output));
        output?.list.push(2);
        if (seen.length < 2) throw new Error("again");
      },
    });
    throw new Error("no");
  });

  await end(instance);

  expect(seen).toEqual([{ list: [1] }, { list: [1] }]);
});

test("a step that failed is undone, without an output", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step.do("retried", NEVER, FAIL, { rollback: ({ output }) => void seen.push(output) });
  });

  const status = await end(instance);

  expect(seen).toEqual([undefined]);
  expect(status).toMatchObject({ status: "errored", rollback: { outcome: "complete" } });
});

test("a step that failed and was caught is undone as well", async () => {
  const { undone, undo } = diary();
  const { end, instance } = await startBody(async (step) => {
    const fatal = (): never => {
      throw new NonRetryableError("stop");
    };
    await step.do("a", fatal, undo("a")).catch(() => {});
    throw new Error("no");
  });

  await end(instance);

  expect(undone).toEqual(["a"]);
});

test("a step that has started and not ended is undone, and its promise never settles", async () => {
  const { undone, undo } = diary();
  const seen: string[] = [];
  const { open, opened } = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    const slow = async (): Promise<void> => await opened;
    step.do("slow", { timeout: "1 day" }, slow, undo("slow")).then(
      () => seen.push("value"),
      () => seen.push("error"),
    );
    await step.sleep("nap", 10);
    throw new Error("no");
  });

  await end(instance);
  open();
  await clock.settle();

  expect(undone).toEqual(["slow"]);
  expect(seen).toEqual([]);
});

test("the signal of a step that is still running is aborted", async () => {
  let signal: AbortSignal | undefined;
  const { end, instance } = await startBody(async (step) => {
    const slow = async (ctx: { signal: AbortSignal }): Promise<void> => {
      signal = ctx.signal;
      await new Promise(() => {});
    };
    void step.do("slow", { timeout: "1 day" }, slow, { rollback: () => {} });
    await step.sleep("nap", 10);
    throw new Error("no");
  });

  await end(instance);

  expect(signal?.aborted).toBe(true);
});

test("steps without a rollback are skipped", async () => {
  const { undone, undo } = diary();
  const { end, history, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, undo("a"));
    await step.do("b", () => 2);
    throw new Error("no");
  });

  await end(instance);

  expect(undone).toEqual(["a"]);
  const started = (await history(instance)).filter(({ type }) => type === "rollback_step_started");
  expect(started).toMatchObject([{ step: "a-1" }]);
});

test("a run without steps to undo has no rollback", async () => {
  const { end, history, instance } = await startBody(async (step) => {
    await step.do("a", () => 1);
    throw new Error("no");
  });

  const status = await end(instance);

  expect(status).toMatchObject({ status: "errored", rollback: null });
  const types = (await history(instance)).map(({ type }) => type);
  expect(types).toEqual(["step_completed", "workflow_errored"]);
});

test("a run that succeeds undoes nothing, whatever it has caught", async () => {
  const { undone, undo } = diary();
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", NEVER, FAIL, undo("a")).catch(() => {});
    return "done";
  });

  const status = await end(instance);

  expect(undone).toEqual([]);
  expect(status).toEqual({ status: "complete", output: "done", rollback: null });
});

test("a value that cannot be kept fails the run without a rollback", async () => {
  const { undone, undo } = diary();
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, undo("a"));
    await step.do("b", () => () => {}, undo("b"));
  });

  const status = await end(instance);

  expect(undone).toEqual([]);
  expect(status).toMatchObject({ status: "errored", rollback: null });
});

test("steps are undone in the reverse order of their starts, one after the other", async () => {
  const events: string[] = [];
  const undo = (name: string) => ({
    rollback: async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
    },
  });
  const { end, instance } = await startBody(async (step) => {
    // `first` starts first and ends last.
    const first = step.do("first", async () => await step.do("inner", () => 1, undo("inner")), {
      ...undo("first"),
    });
    const second = step.do("second", () => 2, undo("second"));
    await Promise.all([first, second]);
    throw new Error("no");
  });

  await end(instance);

  const expected = ["inner", "second", "first"].flatMap((name) => [
    `${name} begins`,
    `${name} ends`,
  ]);
  expect(events).toEqual(expected);
});

test("steps cannot run while others are undone", async () => {
  const refused: string[] = [];
  const { end, instance } = await startBody(async (step) => {
    const note = (error: Error): void => void refused.push(error.message);
    await step.do("a", () => 1, {
      rollback: async () => {
        await step.do("b", () => refused.push("ran")).catch(note);
        await step.sleep("nap", 5).catch(note);
        await step.waitForEvent("wait", { type: "go" }).catch(note);
      },
    });
    throw new Error("no");
  });

  await end(instance);

  expect(refused).toEqual(Array(3).fill("Cannot execute steps during rollback phase"));
});

test("rollbacks do not count among the steps", async () => {
  const { undone, undo } = diary();
  const { end, instance } = await startBody(
    async (step) => {
      for (const name of ["a", "b", "c"]) await step.do(name, () => name, undo(name));
    },
    { limits: { steps: 2 } },
  );

  const { error } = await end(instance);

  expect(error?.message).toContain("The limit of 2 steps has been reached");
  expect(undone).toEqual(["b", "a"]);
});

test("while it rolls back, an instance says that it is running, and is listed as what it is", async () => {
  const { instance, workflow } = await startBody(async (step) => {
    const rollback = async (): Promise<void> => await new Promise(() => {});
    await step.do("a", () => 1, { rollback });
    throw new Error("no");
  });

  expect(await instance.status()).toEqual({ status: "running", output: null, rollback: null });
  expect(await workflow.counts()).toMatchObject({ running: 0, rollingBack: 1 });
  const page = await workflow.list({ status: "rollingBack", limit: 10 });
  expect(page.ids).toEqual([instance.id]);
});

test("the history says what set it off, what was undone and how it ended", async () => {
  const { end, history, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => {}, rollbackConfig: NEVER });
    await step.do("b", () => 1, { rollback: FAIL, rollbackConfig: NEVER });
    throw new Error("trigger");
  });

  await end(instance);

  const entries = await history(instance);
  const from = entries.findIndex(({ type }) => type === "rollback_started");
  expect(entries.slice(from)).toMatchObject([
    { type: "rollback_started", totalSteps: 2 },
    { type: "rollback_step_started", step: "b-1", config: NEVER },
    { type: "rollback_step_errored", step: "b-1", attempt: 1 },
    { type: "rollback_errored", totalSteps: 2, completedSteps: 0 },
    { type: "workflow_errored" },
  ]);
});
