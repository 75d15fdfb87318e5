/** Names and counting, steps side by side, and steps inside steps. */
import type { Scenario } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };

async function after<T>(ms: number, value: T): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
}

export const TOGETHER: readonly Scenario[] = [
  {
    name: "names: the same one again",
    run: async (step) => [
      await step.do("a", (context: unknown) => context),
      await step.do("b", () => "b"),
      await step.do("a", (context: unknown) => context),
      await step.do("a-1", (context: unknown) => context),
    ],
  },
  {
    name: "parallel: all",
    run: async (step) =>
      await Promise.all([
        step.do("slow", async () => await after(600, "slow")),
        step.do("fast", async () => await after(5, "fast")),
        step.sleep("nap", 300),
      ]),
  },
  {
    name: "parallel: allSettled",
    run: async (step) =>
      (
        await Promise.allSettled([
          step.do("good", () => 1),
          step.do("bad", ONCE, async () => {
            await after(30, 0);
            throw new Error("no");
          }),
        ])
      ).map(({ status }) => status),
  },
  {
    name: "parallel: one fails, and nobody catches it",
    run: async (step) =>
      await Promise.all([
        step.do("bad", ONCE, () => {
          throw new Error("no");
        }),
        step.do("slow", async () => await after(600, "slow")),
      ]),
  },
  {
    name: "race: the loser runs on",
    async run(step) {
      const slow = step.do("slow", async () => await after(600, "slow"));
      const fast = step.do("fast", async () => await after(5, "fast"));
      const winner = await Promise.race([slow, fast]);
      return [winner, await slow];
    },
  },
  {
    name: "race: in a step of its own",
    run: async (step) =>
      await step.do(
        "race",
        async () =>
          await Promise.race([
            step.do("slow", async () => await after(600, "slow")),
            step.do("fast", async () => await after(5, "fast")),
          ]),
      ),
  },
  {
    name: "any: the first that succeeds",
    run: async (step) =>
      await Promise.any([
        step.do("bad", ONCE, () => {
          throw new Error("no");
        }),
        step.do("good", async () => await after(20, "good")),
      ]),
  },
  {
    name: "nested: a step in a step",
    run: async (step) =>
      await step.do("outer", async () => {
        const inner = await step.do("inner", () => 1);
        return [inner, await step.do("inner", () => 2)];
      }),
  },
  {
    name: "nested: sleeping in a step",
    run: async (step) =>
      await step.do("outer", async () => {
        await step.sleep("nap", 20);
        return "slept";
      }),
  },
  {
    name: "nested: the outer step is retried",
    run: async (step, _event, { count }) =>
      await step.do("outer", { retries: { limit: 1, delay: 5 } }, async () => {
        const inner = await step.do("inner", () => count("inner"));
        if (count("outer") === 1) throw new Error("again");
        return inner;
      }),
  },
  {
    name: "nested: the same names inside and outside",
    async run(step) {
      const outside = await step.do("x", () => "outside");
      const inside = await step.do("outer", async () => await step.do("x", () => "inside"));
      return [outside, inside];
    },
  },
  {
    name: "unawaited: run does not wait",
    async run(step) {
      void step.do("dangling", async () => await after(300, 1));
      return await step.do("a", () => "done");
    },
  },
  {
    name: "unawaited: its failure fails nothing",
    async run(step) {
      void step
        .do("dangling", ONCE, () => {
          throw new Error("no");
        })
        .catch(() => {});
      await step.sleep("s", 50);
      return "done";
    },
  },
];
