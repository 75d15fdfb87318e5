import { expect, test } from "vitest";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const NO_RETRY = { retries: { limit: 0, delay: 0 } } as const;

describeOnBoth(({ run }) => {
  test("steps in Promise.all run at the same time", async () => {
    const { output } = await run(async (step) => {
      const both = createLatch();
      let running = 0;
      const meet = async (): Promise<number> => {
        if (++running === 2) both.open();
        await both.opened;
        return running;
      };
      return await Promise.all([step.do("a", meet), step.do("b", meet)]);
    });

    expect(output).toEqual([2, 2]);
  });

  test("Promise.allSettled sees each step's own outcome", async () => {
    const { output } = await run(async (step) => {
      const results = await Promise.allSettled([
        step.do("good", () => 1),
        step.do("bad", NO_RETRY, () => Promise.reject(new Error("no"))),
      ]);
      return results.map(({ status }) => status);
    });

    expect(output).toEqual(["fulfilled", "rejected"]);
  });

  test("Promise.any gives the first that succeeds", async () => {
    const { output } = await run(
      async (step) =>
        await Promise.any([
          step.do("bad", NO_RETRY, () => Promise.reject(new Error("no"))),
          step.do("good", () => "good"),
        ]),
    );

    expect(output).toBe("good");
  });

  test("a step may be called inside another step's callback", async () => {
    const { output } = await run(
      async (step) =>
        await step.do("outer", async () => {
          const inner = await step.do("inner", () => 1);
          return inner + 1;
        }),
    );

    expect(output).toBe(2);
  });
});

test("steps start in the order in which they were called", async () => {
  const started: string[] = [];
  const { end, instance } = await startBody(async (step) => {
    const begin = (name: string) => step.do(name, () => started.push(name));
    await Promise.all(["c", "a", "b"].map(begin));
  });

  await end(instance);

  expect(started).toEqual(["c", "a", "b"]);
});

test("the attempts of parallel steps are independent", async () => {
  const { end, instance } = await startBody(async (step) => {
    const failUntil =
      (last: number) =>
      async ({ attempt }: { attempt: number }) => {
        if (attempt < last) throw new Error("again");
        return attempt;
      };
    const config = { retries: { limit: 5, delay: "1 minute" } } as const;
    return await Promise.all([
      step.do("a", config, failUntil(1)),
      step.do("b", config, failUntil(2)),
      step.do("c", config, failUntil(4)),
    ]);
  });

  const { output } = await end(instance);

  expect(output).toEqual([1, 2, 4]);
});

test("the losers of Promise.race run on to their end, and their results are kept", async () => {
  const ran: string[] = [];
  const slow = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    const loser = step.do("slow", async () => {
      await slow.opened;
      return ran.push("slow");
    });
    const winner = await Promise.race([loser, step.do("fast", () => "fast")]);
    return [winner, await loser];
  });
  await clock.settle();

  slow.open();
  const { output } = await end(instance);

  expect(output).toEqual(["fast", 1]);
});

test("Promise.race has the same winner in every replay", async () => {
  const winners: unknown[] = [];
  const fast = createLatch();
  const slow = createLatch();
  const { clock, end, instance } = await startBody(
    async (step) => {
      const first = step.do("first", async () => await slow.opened.then(() => "first"));
      const second = step.do("second", async () => await fast.opened.then(() => "second"));
      winners.push(await Promise.race([first, second]));
      await Promise.all([first, second]);
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );
  fast.open();
  await clock.settle();
  slow.open();

  await end(instance);

  expect(winners).toEqual(["second", "second"]);
});

test("a race wrapped in a step is recorded as that step's result", async () => {
  const winners: unknown[] = [];
  const { end, instance } = await startBody(
    async (step) => {
      const winner = await step.do(
        "race",
        async () =>
          await Promise.race([
            step.do("never", () => new Promise<string>(() => {})),
            step.do("quick", () => "quick"),
          ]),
      );
      winners.push(winner);
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );

  await end(instance);

  expect(winners.length).toBeGreaterThan(1);
  expect(new Set(winners)).toEqual(new Set(["quick"]));
});

test("inner steps complete on record before the outer one", async () => {
  const { end, history, instance } = await startBody(
    async (step) => await step.do("outer", async () => await step.do("inner", () => 1)),
  );
  await end(instance);

  const entries = await history(instance);

  expect(entries.flatMap((entry) => ("step" in entry ? [entry.step] : []))).toEqual([
    "inner-1",
    "outer-1",
  ]);
});

test("once the outer step is on record its callback does not run, nor do inner counters advance", async () => {
  const ran: string[] = [];
  const { end, instance } = await startBody(
    async (step) => {
      const count = async (): Promise<number> =>
        await step.do("x", ({ step: { count } }) => {
          ran.push(`x-${count}`);
          return count;
        });
      await step.do("outer", count);
      await step.sleep("s", "1 day");
      return await count();
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  // Steps count apart inside each other, so the outer "x" is the first of its name in every replay.
  expect([ran, output]).toEqual([["x-1", "x-1"], 1]);
});

// Unlike Cloudflare's local engine, where the second attempt's call is the second of its name.
test("an inner step that has completed is not run again by the outer step's next attempt", async () => {
  const ran: number[] = [];
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("outer", { retries: { limit: 1, delay: 0 } }, async ({ attempt }) => {
        const inner = await step.do("inner", () => ran.push(attempt));
        if (attempt === 1) throw new Error("again");
        return inner;
      }),
  );

  const { output } = await end(instance);

  expect([ran, output]).toEqual([[1], 1]);
});

test("what one attempt does to an inner step's result, the next attempt does not see", async () => {
  const seen: number[][] = [];
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("outer", { retries: { limit: 2, delay: 0 } }, async ({ attempt }) => {
        const list = await step.do("inner", () => [1]);
        seen.push([...list]);
        list.push(attempt);
        if (attempt < 3) throw new Error("again");
      }),
  );

  await end(instance);

  expect(seen).toEqual([[1], [1], [1]]);
});

test("an inner step that failed for good throws the same to the outer step's next attempt", async () => {
  const ran: number[] = [];
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("outer", { retries: { limit: 1, delay: 0 } }, async ({ attempt }) => {
        await step.do("inner", NO_RETRY, () => {
          ran.push(attempt);
          throw new RangeError("no");
        });
      }),
  );

  const { error } = await end(instance);

  expect([ran, error]).toEqual([[1], { name: "RangeError", message: "no" }]);
});

test("an inner sleep and an inner wait work too", async () => {
  const { clock, end, instance } = await startBody(
    async (step) =>
      await step.do("outer", { timeout: "5 days" }, async () => {
        await step.sleep("nap", "1 hour");
        return (await step.waitForEvent("w", { type: "go" })).payload;
      }),
  );
  await clock.advance(3_700_000);

  await instance.sendEvent({ type: "go", payload: 1 });

  expect((await end(instance)).output).toBe(1);
});

test("run does not wait for steps that nobody awaits", async () => {
  const { instance } = await startBody(async (step) => {
    void step.do("dangling", () => new Promise(() => {}));
    return "done";
  });

  const { status, output } = await instance.status();

  expect([status, output]).toEqual(["complete", "done"]);
});

test("the failure of a step that nobody awaits does not fail the instance", async () => {
  const { clock, instance, end } = await startBody(async (step) => {
    void step.do("dangling", NO_RETRY, () => Promise.reject(new Error("no")));
    await step.sleep("s", "1 minute");
    return "done";
  });
  await clock.settle();

  const { status, output } = await end(instance);

  expect([status, output]).toEqual(["complete", "done"]);
});

test("the steps of an instance that was created inside a step are its own", async () => {
  const calls: unknown[] = [];
  const parent = workflowOf(async (step, event) => {
    if (event.payload === "child") return await step.do("work", () => "child's work");
    await step.do(
      "start child",
      async () => void (await engine.workflow.create({ id: "c", params: "child" })),
    );
  });
  const engine = await startMemoryEngine(parent);
  await engine.workflow.create({ params: "parent" });
  await engine.clock.settle();

  for (const entry of await engine.history(await engine.workflow.get("c"))) {
    if ("step" in entry) calls.push([entry.step, entry.call, entry.in]);
  }

  expect(calls).toEqual([["work-1", 1, undefined]]);
});

test("code outside steps runs again in every replay", async () => {
  let passes = 0;
  const { end, instance } = await startBody(
    async (step) => {
      passes++;
      await step.sleep("a", "1 hour");
      await step.sleep("b", "1 hour");
    },
    { warmLimit: 0 },
  );

  await end(instance);

  expect(passes).toBe(3);
});
