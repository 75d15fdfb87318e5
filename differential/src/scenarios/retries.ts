/** Attempts, delays between them, timeouts, and errors that are not retried. */
import { settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";
import { NonRetryableError } from "cloudflare:workflows";

const ONCE = { retries: { limit: 0, delay: 0 } };

function failing(times: number, count: () => number): () => string {
  return () => {
    const attempt = count();
    if (attempt <= times) throw new Error(`failure ${attempt}`);
    return `attempt ${attempt}`;
  };
}

class Kept extends NonRetryableError {}

class Renamed extends NonRetryableError {
  constructor(message: string) {
    super(message, "Renamed");
  }
}

export const RETRIES: readonly Scenario[] = [
  ...["constant", "linear", "exponential"].map(
    (backoff) =>
      ({
        name: `retries: ${backoff} back-off`,
        run: async (step, _event, { count }) =>
          await step.do(
            "a",
            { retries: { limit: 3, delay: 20, backoff } },
            failing(3, () => count("a")),
          ),
      }) satisfies Scenario,
  ),
  {
    name: "retries: the default back-off",
    run: async (step, _event, { count }) =>
      await step.do(
        "a",
        { retries: { limit: 2, delay: "20" } },
        failing(2, () => count("a")),
      ),
  },
  {
    name: "retries: none left, and nobody catches it",
    run: async (step, _event, { count }) =>
      await step.do(
        "a",
        { retries: { limit: 1, delay: 5 } },
        failing(9, () => count("a")),
      ),
  },
  {
    name: "retries: none left, and the workflow goes on",
    async run(step, _event, { count }) {
      const config = { retries: { limit: 1, delay: 5 } };
      const failed = await settle(
        step.do(
          "a",
          config,
          failing(9, () => count("a")),
        ),
      );
      return [failed, await step.do("b", () => "on"), count("a")];
    },
  },
  {
    name: "retries: a limit that is a fraction",
    run: async (step, _event, { count }) =>
      await settle(
        step.do(
          "a",
          { retries: { limit: 1.5, delay: 1 } },
          failing(9, () => count("a")),
        ),
      ),
  },
  {
    name: "not retryable: caught",
    run: async (step, _event, { count }) => [
      await settle(
        step.do("a", () => {
          count("a");
          throw new NonRetryableError("enough");
        }),
      ),
      count("a"),
      await step.do("b", () => "on"),
    ],
  },
  {
    name: "not retryable: nobody catches it",
    run: async (step) =>
      await step.do("a", () => {
        throw new NonRetryableError("enough");
      }),
  },
  {
    name: "not retryable: thrown by run",
    run: async () => {
      throw new NonRetryableError("enough");
    },
  },
  {
    name: "not retryable: without a message",
    run: async (step) =>
      await settle(
        step.do("a", () => {
          throw new NonRetryableError("");
        }),
      ),
  },
  {
    name: "not retryable: told by name or by the message's beginning",
    async run(step, _event, { count }) {
      const config = { retries: { limit: 1, delay: 1 } };
      const thrown: Record<string, Error> = {
        subclass: new Kept("kept"),
        renamed: new Renamed("renamed"),
        "second argument": new NonRetryableError("custom", "Custom"),
        "name of another": Object.assign(new Error("named"), { name: "NonRetryableError" }),
        message: new Error("NonRetryableError in the message"),
        "message, later": new Error("a NonRetryableError in the message"),
      };
      const seen: unknown[] = [];
      for (const [name, error] of Object.entries(thrown)) {
        const fail = (): never => {
          count(name);
          throw error;
        };
        seen.push([name, await settle(step.do(name, config, fail)), count(name) - 1]);
      }
      return seen;
    },
  },
  {
    name: "not retryable: the error's own properties",
    run: async () => {
      const error = new NonRetryableError("m", "n");
      return [Object.keys(error), error.name, error.message, error instanceof Error];
    },
  },
  {
    name: "timeout: retried like any failure",
    run: async (step, _event, { count }) =>
      await step.do("a", { retries: { limit: 1, delay: 1 }, timeout: 50 }, async () => {
        if (count("a") === 1) await new Promise(() => {});
        return "second";
      }),
  },
  {
    name: "timeout: caught",
    run: async (step) =>
      await settle(step.do("a", { ...ONCE, timeout: 50 }, async () => await new Promise(() => {}))),
  },
  {
    name: "timeout: nobody catches it",
    run: async (step) =>
      await step.do("a", { ...ONCE, timeout: "50" }, async () => await new Promise(() => {})),
  },
  {
    name: "timeout: a late result is ignored",
    async run(step, _event, { count }) {
      const slow = async (): Promise<string> => {
        const attempt = count("a");
        if (attempt === 1) await new Promise((resolve) => setTimeout(resolve, 1_500));
        return `attempt ${attempt}`;
      };
      const config = { retries: { limit: 1, delay: 1 }, timeout: 500 };
      const result = await step.do("a", config, slow);
      await step.sleep("s", 1_500);
      return result;
    },
  },
  {
    name: "delay function: what it is given, and what it answers",
    async run(step, _event, { count }) {
      const seen: unknown[] = [];
      const delay = ({ ctx, error }: { ctx: unknown; error: Error }): number => {
        seen.push([ctx, error.constructor.name, error.name, error.message]);
        return 10;
      };
      const config = { retries: { limit: 2, delay, backoff: "constant" } };
      await step.do("a", config, () => {
        if (count("a") > 2) return;
        throw Object.assign(new TypeError("no"), { name: "Custom" });
      });
      return seen;
    },
  },
  {
    name: "delay function: back-off applies to its answer",
    run: async (step, _event, { count }) =>
      await step.do(
        "a",
        { retries: { limit: 3, delay: async () => "10" } },
        failing(3, () => count("a")),
      ),
  },
  ...(
    [
      [
        "throws",
        () => {
          throw new RangeError("bad");
        },
      ],
      ["rejects with a text", async () => await Promise.reject(new Error("later"))],
      ["answers NaN", () => Number.NaN],
      ["answers less than 0", () => -1],
      ["answers what is no duration", () => "soon"],
      ["answers nothing", () => undefined],
    ] as const
  ).map(
    ([what, delay]) =>
      ({
        name: `delay function: ${what}`,
        run: async (step, _event, { count }) => [
          await settle(
            step.do(
              "a",
              { retries: { limit: 3, delay } },
              failing(9, () => count("a")),
            ),
          ),
          count("a"),
        ],
      }) satisfies Scenario,
  ),
];
