import { expect, test } from "vitest";
import { startBody } from "../support/harness.ts";

const COLD = { warmLimit: 0 };

test("a step inside another does not count for the names outside it", async () => {
  const { instance, end } = await startBody(async (step) => {
    const outer = await step.do("outer", async () => await step.do("same", () => "inside"));
    const after = await step.do("same", () => "outside");
    await step.sleep("nap", "1 hour");
    return [outer, after, await step.do("same", () => "last")];
  }, COLD);

  expect((await end(instance)).output).toEqual(["inside", "outside", "last"]);
});

test("steps of the same name inside different steps keep their own outcomes", async () => {
  const { instance, end } = await startBody(async (step) => {
    const ask = async (name: string): Promise<string> =>
      await step.do(name, { retries: { limit: 1, delay: "1 hour" } }, async ({ attempt }) => {
        const inner = await step.do("same", () => name);
        if (name === "b" && attempt === 1) throw new Error("again");
        return inner;
      });
    return [await ask("a"), await ask("b")];
  }, COLD);

  expect((await end(instance)).output).toEqual(["a", "b"]);
});

test.each([0, 100])(
  "a step that ended inside an attempt is not run again in the next one, with %i runs in memory",
  async (warmLimit) => {
    let runs = 0;
    const { instance, end } = await startBody(
      async (step) =>
        await step.do("outer", { retries: { limit: 2, delay: "1 hour" } }, async ({ attempt }) => {
          await step.do("inner", () => ++runs);
          if (attempt < 3) throw new Error("again");
          return runs;
        }),
      { warmLimit },
    );

    expect((await end(instance)).output).toBe(1);
  },
);

test("what a timed-out attempt has called is called off with it", async () => {
  const signals: AbortSignal[] = [];
  const { clock, instance, end } = await startBody(async (step) => {
    const config = { timeout: "1 second", retries: { limit: 0, delay: 0 } } as const;
    const call = async (): Promise<void> => {
      await step.do("inner", async ({ signal }) => {
        signals.push(signal);
        await new Promise(() => {});
      });
    };
    await step.do("outer", config, call).catch(() => {});
    await step
      .do("taker", config, async () => {
        await step.waitForEvent("in vain", { type: "go" });
      })
      .catch(() => {});
    return (await step.waitForEvent<string>("w", { type: "go" })).payload;
  });

  await clock.advance(2_500);
  await instance.sendEvent({ type: "go", payload: "here" });

  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect((await end(instance)).output).toBe("here");
});
