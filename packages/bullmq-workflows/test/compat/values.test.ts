import { expect, test } from "vitest";
import { LimitExceededError } from "../../src/model/errors.ts";
import { UnserializableValueError } from "../../src/model/unserializable-value-error.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";

class Money {
  readonly cents = 5;
}

const KEPT: readonly (readonly [string, unknown])[] = [
  ["a nested object", { a: [1, { b: "text", c: null, d: true }] }],
  ["undefined", undefined],
  ["undefined in an object", { a: undefined }],
  ["NaN", Number.NaN],
  ["-0", -0],
  ["Infinity", Infinity],
  ["a Date", new Date(86_400_000)],
  ["a Map", new Map<unknown, unknown>([["a", new Set([1])]])],
  ["a Set", new Set([1, "a"])],
  ["a RegExp", /a+/gi],
  ["a BigInt", 5n],
  ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
  ["a Uint8Array", new Uint8Array([1, 2, 3])],
  ["a Float64Array", new Float64Array([1.5, -2])],
  ["a view of part of a buffer", new Uint8Array([1, 2, 3, 4]).subarray(1, 3)],
  ["an Error", new RangeError("too far")],
  ["a URL", new URL("https://example.com/a?b=c")],
];

describeOnBoth(({ run }) => {
  test.each(KEPT)(
    "%s comes back from a step as it is, live and after a replay",
    async (_, value) => {
      const seen: unknown[] = [];
      await run(
        async (step) => {
          seen.push(await step.do("a", () => value));
          await step.sleep("s", 150);
        },
        { isCold: true },
      );

      expect(seen).toStrictEqual([value, value]);
    },
  );

  test("an object that contains itself comes back as such", async () => {
    const { output } = await run(async (step) => {
      const loop = await step.do("a", () => {
        const self: { self?: unknown; n: number } = { n: 1 };
        self.self = self;
        return self;
      });
      return loop.self === loop;
    });

    expect(output).toBe(true);
  });

  test("a value that cannot be kept fails the step at once, with an error that names the place", async () => {
    let attempts = 0;
    const { output } = await run(async (step) => {
      const give = () => {
        attempts++;
        return { lines: [{ price: new Money() }] };
      };
      const caught = await step.do("a", give).catch((error: unknown) => error);
      if (!(caught instanceof UnserializableValueError)) return "not caught";
      return [caught.name, caught.path, caught.message];
    });

    expect(attempts).toBe(1);
    expect(output).toEqual([
      "UnserializableValueError",
      "$.lines[0].price",
      "Cannot store this value: $.lines[0].price is an instance of Money; make a plain value of it first",
    ]);
  });

  test("a result of exactly 1 MiB is kept", async () => {
    const { output } = await run(
      async (step) => (await step.do("a", () => "a".repeat(1_048_574))).length,
    );

    expect(output).toBe(1_048_574);
  });
});

test.each([
  ["a function", () => 1, "is a function"],
  ["an object with a function", { a: { b: () => 1 } }, "$.a.b is a function"],
  ["a symbol", Symbol("x"), "is a symbol"],
  ["a class instance", new Money(), "is an instance of Money"],
  ["a Response", new Response("x"), "is an instance of Response"],
  ["an object with a ReadableStream", { body: new ReadableStream() }, "$.body is an instance of"],
  ["a WeakMap", new WeakMap(), "is an instance of WeakMap"],
  ["a Promise in an object", { p: Promise.resolve(1) }, "$.p is a Promise"],
])("%s fails the step with an UnserializableValueError", async (_, value, reason) => {
  const { end, instance } = await startBody(async (step) => await step.do("a", () => value));

  const { error } = await end(instance);

  expect(error?.name).toBe("UnserializableValueError");
  expect(error?.message).toContain(reason);
});

test("an unserialisable value is caught, and a replay throws the same", async () => {
  let attempts = 0;
  const { end, instance } = await startBody(
    async (step) => {
      const give = (): unknown => {
        attempts++;
        return () => 1;
      };
      const caught = await step.do("a", give).catch((error: unknown) => error as Error);
      await step.sleep("s", "1 day");
      return (caught as Error).message;
    },
    { warmLimit: 0 },
  );

  const { output } = await end(instance);

  expect([attempts, output]).toEqual([1, "Cannot store this value: $ is a function"]);
});

test("run may return undefined: the output is reported as null", async () => {
  const { end, instance } = await startBody(async () => {});

  const { status, output } = await end(instance);

  expect([status, output]).toEqual(["complete", null]);
});

test("result() resolves with undefined when run returned that", async () => {
  const { instance } = await startBody(async () => {});

  const result = await instance.result();

  expect(result).toBeUndefined();
});

test.each(KEPT)("run may return %s", async (_, value) => {
  const { instance } = await startBody(async () => value);

  const result = await instance.result();

  expect(result).toStrictEqual(value);
});

test("an output that cannot be kept fails the instance", async () => {
  const { end, instance } = await startBody(async () => ({ a: () => 1 }));

  const { status, error } = await end(instance);

  expect(status).toBe("errored");
  expect(error).toEqual({
    name: "UnserializableValueError",
    message: "Cannot store this value: $.a is a function",
  });
});

test("a result of more than 1 MiB fails the step, and is not retried", async () => {
  let attempts = 0;
  let caught: unknown;
  const { end, instance } = await startBody(async (step) => {
    const give = (): string => {
      attempts++;
      return "a".repeat(1_048_575);
    };
    caught = await step.do("big", give).catch((error: unknown) => error);
  });
  await end(instance);

  expect(attempts).toBe(1);
  expect(caught).toBeInstanceOf(LimitExceededError);
  expect((caught as Error).message).toContain(
    "Step big-1 output is too large. Maximum allowed size is 1MiB.",
  );
});

test("the size of a result is counted in bytes, not in characters", async () => {
  const { end, instance } = await startBody(
    async (step) => await step.do("a", () => "é".repeat(600_000)),
  );

  const { error } = await end(instance);

  expect(error?.name).toBe("LimitExceededError");
});

test("an output of more than 1 MiB fails the instance", async () => {
  const { end, instance } = await startBody(async () => "a".repeat(1_048_575));

  const { error } = await end(instance);

  expect(error?.message).toContain("The workflow's output is too large");
});

test("params of 1 MiB are accepted, and of more refused", async () => {
  const { workflow } = await startBody(async () => {});

  await workflow.create({ params: "a".repeat(1_048_574) });
  const refused = workflow.create({ params: "a".repeat(1_048_575) });

  await expect(refused).rejects.toThrow("`params` is too large. Maximum allowed size is 1MiB");
});

test("an event's payload of 1 MiB is accepted, and of more refused", async () => {
  const { instance } = await startBody(async (step) => await step.waitForEvent("a", { type: "a" }));

  await instance.sendEvent({ type: "b", payload: "a".repeat(1_048_574) });
  const refused = instance.sendEvent({ type: "b", payload: "a".repeat(1_048_575) });

  await expect(refused).rejects.toThrow("The event's payload is too large");
});

test("params that cannot be kept are refused", async () => {
  const { workflow } = await startBody(async () => {});

  const refused = workflow.create({ params: { a: Symbol("x") } });

  await expect(refused).rejects.toThrow("Cannot store this value: $.a is a symbol");
});

test("an event's payload keeps its types", async () => {
  const { end, instance } = await startBody(
    async (step) => (await step.waitForEvent<Map<string, Date>>("a", { type: "a" })).payload,
  );
  const payload = new Map([["at", new Date(5)]]);

  await instance.sendEvent({ type: "a", payload });
  await end(instance);

  expect(await instance.result()).toStrictEqual(payload);
});

test("the real value of a sensitive step is returned, live and after a replay", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(
    async (step) => {
      seen.push(await step.do("a", { sensitive: "output" }, () => "secret"));
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );

  await end(instance);

  expect(seen).toEqual(["secret", "secret"]);
});
