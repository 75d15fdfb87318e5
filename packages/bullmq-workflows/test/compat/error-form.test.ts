import { expect, test } from "vitest";
import { NonRetryableError } from "../../src/model/errors.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";

class MyError extends Error {
  override readonly name = "MyErr";
  readonly order = 7;
}

const ONCE = { retries: { limit: 0, delay: 0 } } as const;

/** Catches what a step throws, now or in a replay, and answers with what it looks like. */
function catching(thrown: unknown): Body {
  return async (step) => {
    const caught: unknown = await step
      .do("a", ONCE, () => {
        throw thrown;
      })
      .catch((error: unknown) => error);
    await step.sleep("s", 10);
    return look(caught);
  };
}

function look(caught: unknown): unknown {
  if (!(caught instanceof Error)) return caught;
  const { name, message, cause } = caught;
  return { class: caught.constructor.name, name, message, cause, own: Object.keys(caught) };
}

/** What is thrown, and how it arrives. */
const FOLDED: readonly (readonly [string, unknown, readonly [string, string, string]])[] = [
  ["an Error", new Error("boom"), ["Error", "Error", "boom"]],
  ["a TypeError", new TypeError("no"), ["TypeError", "TypeError", "no"]],
  ["a RangeError", new RangeError("no"), ["RangeError", "RangeError", "no"]],
  ["a SyntaxError", new SyntaxError("no"), ["SyntaxError", "SyntaxError", "no"]],
  ["an error with a name of its own", new MyError("mm"), ["Error", "Error", "MyErr: mm"]],
  ["a NonRetryableError", new NonRetryableError("nr"), ["Error", "Error", "NonRetryableError: nr"]],
  ["one without a message", new NonRetryableError(""), ["Error", "Error", "NonRetryableError"]],
  ["a text", "str", ["Error", "Error", "str"]],
  ["an object", { a: 1 }, ["Error", "Error", "#<Object>"]],
  ["a list", [1, 2], ["Error", "Error", "[object Array]"]],
  ["undefined", undefined, ["Error", "Error", "undefined"]],
  ["a number", 5, ["Error", "Error", "5"]],
  [
    "a DOMException",
    new DOMException("no", "DataCloneError"),
    ["DOMException", "DataCloneError", "no"],
  ],
];

describeOnBoth(({ run }) => {
  test.each(FOLDED)(
    "with errors: cloudflare, %s arrives folded, live and after a replay",
    async (_, thrown, [className, name, message]) => {
      const { output } = await run(catching(thrown), { errors: "cloudflare", isCold: true });

      expect(output).toEqual({ class: className, name, message, own: [] });
    },
  );
});

test("with errors: cloudflare, an AggregateError loses its errors", async () => {
  const { end, instance } = await startBody(
    async (step) => {
      const give = (): never => {
        throw new AggregateError([new Error("inner")], "many");
      };
      const caught = await step.do("a", ONCE, give).catch((error: AggregateError) => error);
      return [caught.constructor.name, caught.message, caught.errors];
    },
    { errors: "cloudflare" },
  );

  expect((await end(instance)).output).toEqual(["AggregateError", "many", []]);
});

test("with errors: cloudflare, cause and properties do not cross, and the stack does", async () => {
  const thrown = new MyError("mm", { cause: new Error("why") });
  let stack: string | undefined = "";
  const { end, instance } = await startBody(
    async (step) => {
      const caught: Error = await step
        .do("a", ONCE, () => {
          throw thrown;
        })
        .catch((error: Error) => error);
      stack = caught.stack;
      return look(caught);
    },
    { errors: "cloudflare" },
  );

  expect((await end(instance)).output).toEqual({
    class: "Error",
    name: "Error",
    message: "MyErr: mm",
    own: [],
  });
  expect(stack).toBe(thrown.stack);
});

test("with errors: cloudflare, the engine's own errors arrive folded as well", async () => {
  const { end, instance } = await startBody(
    async (step) => {
      const never = async (): Promise<never> => await new Promise(() => {});
      const late = step.do("late", { ...ONCE, timeout: 100 }, never);
      const unsent = step.waitForEvent("unsent", { type: "go", timeout: "1 second" });
      const bad = step.do("bad", undefined as never);
      const seen = await Promise.allSettled([late, unsent, bad]);
      return seen.map((each) => (each as PromiseRejectedResult).reason.message);
    },
    { errors: "cloudflare" },
  );

  expect((await end(instance)).output).toEqual([
    "WorkflowTimeoutError: Execution timed out after 100ms",
    "WorkflowTimeoutError: Execution timed out after 1000ms",
    'WorkflowFatalError: Step "bad" requires a callback function',
  ]);
});

test("with errors: cloudflare, a delay function is given the folded error", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(
    async (step) => {
      const delay = ({ error }: { error: Error }): number => {
        seen.push(look(error));
        return 0;
      };
      await step.do("a", { retries: { limit: 1, delay } }, () => {
        throw new MyError("mm");
      });
    },
    { errors: "cloudflare" },
  );
  await end(instance);

  expect(seen).toEqual([{ class: "Error", name: "Error", message: "MyErr: mm", own: [] }]);
});

test("with errors: cloudflare, a rollback after a termination is told so in Cloudflare's words", async () => {
  const seen: unknown[] = [];
  const { clock, instance } = await startBody(
    async (step) => {
      const rollback = ({ error }: { error: Error }): void => void seen.push(look(error));
      await step.do("a", () => 1, { rollback });
      await step.waitForEvent("w", { type: "never" });
    },
    { errors: "cloudflare" },
  );
  await instance.terminate({ rollback: true });
  await clock.settle();

  const message = "Instance terminated during rollback";
  expect(seen).toEqual([{ class: "Error", name: "Error", message, own: [] }]);
});

/** What ends an instance, and what its status then says of it. */
const UNCAUGHT: readonly (readonly [string, Body, { name: string; message: string }])[] = [
  [
    "an error of run",
    () => Promise.reject(new TypeError("no")),
    { name: "TypeError", message: "no" },
  ],
  [
    "a custom error of run",
    () => Promise.reject(new MyError("mm")),
    { name: "Error", message: "MyErr: mm" },
  ],
  ["a text", () => Promise.reject("str"), { name: "Error", message: "str" }],
  [
    "a custom error of a step",
    async (step) =>
      await step.do("a", ONCE, () => {
        throw new MyError("instep");
      }),
    { name: "Error", message: "MyErr: instep" },
  ],
  [
    "a wait that timed out",
    async (step) => await step.waitForEvent("w", { type: "go", timeout: "1 second" }),
    { name: "Error", message: "WorkflowTimeoutError: Execution timed out after 1000ms" },
  ],
  [
    "a NonRetryableError of a step",
    async (step) =>
      await step.do("a", () => {
        throw new NonRetryableError("enough");
      }),
    { name: "NonRetryableError", message: "enough" },
  ],
  [
    "a NonRetryableError of run",
    () => Promise.reject(new NonRetryableError("enough")),
    { name: "NonRetryableError", message: "enough" },
  ],
];

test.each(UNCAUGHT)(
  "with errors: cloudflare, status() has the folded error of %s",
  async (_, body, error) => {
    const { end, instance } = await startBody(body, { errors: "cloudflare" });

    expect(await end(instance)).toMatchObject({ status: "errored", error });
  },
);

test("with errors: native, a caught error has its name, cause and properties", async () => {
  const thrown = new MyError("mm", { cause: "why" });
  const { end, instance } = await startBody(catching(thrown));

  expect((await end(instance)).output).toEqual({
    class: "Error",
    name: "MyErr",
    message: "mm",
    cause: "why",
    own: ["name", "order"],
  });
});

test("an error of a class in errorClasses comes back as an instance of it", async () => {
  let caught: unknown;
  const { end, instance } = await startBody(
    async (step) => {
      const give = (): never => {
        throw new MyError("mm");
      };
      caught = await step.do("a", ONCE, give).catch((error: unknown) => error);
      throw caught;
    },
    { errorClasses: [MyError] },
  );
  await end(instance);

  expect(caught).toBeInstanceOf(MyError);
  expect(caught).toMatchObject({ name: "MyErr", message: "mm", order: 7 });
  await expect(instance.result()).rejects.toBeInstanceOf(MyError);
});

test("such an error comes back as an instance in results, params and events too", async () => {
  const { instance, end } = await startBody<MyError>(
    async (step, event) => {
      const { payload } = await step.waitForEvent<MyError>("w", { type: "go" });
      const returned = await step.do("a", () => new MyError("mm"));
      return [payload, returned, event.payload].map((error) => error instanceof MyError);
    },
    { errorClasses: [MyError], params: new MyError("mm") },
  );
  await instance.sendEvent({ type: "go", payload: new MyError("mm") });

  expect((await end(instance)).output).toEqual([true, true, true]);
});

test.each([
  ["errors", { errors: "rich" }, '"cloudflare" or "native"'],
  ["errorClasses", { errorClasses: [MyError, MyError] }, "each with a name of its own"],
  ["errorClasses", { errorClasses: [Map] }, "a list of error classes"],
])("a bad %s is refused", async (option, options, rule) => {
  const started = startBody(async () => {}, options as never);

  await expect(started).rejects.toThrow(`Expected \`${option}\` to be`);
  await expect(started).rejects.toThrow(rule);
});
