import { describe, expect, test } from "vitest";
import { decodeError, encodeError } from "./payload.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- what comes back is inspected in every way
function thrown(value: unknown): any {
  return decodeError(encodeError(value));
}

class Refund {
  amount = 5;
}

function refuse(): never {
  throw new Error("no");
}

describe("what can be kept whole", () => {
  test.each([undefined, null, "text", 42, 5n, { code: 1 }, [1]])("is kept whole: %s", (value) => {
    expect(thrown(value)).toStrictEqual(value);
  });

  test("includes errors", () => {
    const error = Object.assign(new RangeError("far", { cause: "x" }), { limit: 5n });

    const back = thrown(error);

    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ message: "far", stack: error.stack, cause: "x", limit: 5n });
  });
});

describe("an error that cannot be kept whole", () => {
  test("loses only what cannot be kept", () => {
    const error = Object.assign(new TypeError("boom"), {
      request: new Response(),
      retry: () => 1,
      status: 5,
    });

    const back = thrown(error);

    expect(back).toBeInstanceOf(TypeError);
    expect(back).toMatchObject({ message: "boom", stack: error.stack, status: 5 });
    expect(Object.keys(back)).toStrictEqual(["status"]);
  });

  test("keeps its causes, each without what cannot be kept", () => {
    const cause = Object.assign(new RangeError("inner"), { socket: Symbol("s") });

    const back = thrown(new Error("outer", { cause }));

    expect(back.cause).toBeInstanceOf(RangeError);
    expect(back.cause.message).toBe("inner");
    expect(Object.keys(back)).toStrictEqual([]);
  });

  test("keeps the errors of an AggregateError", () => {
    const inner = Object.assign(new Error("inner"), { f: () => 1 });

    const back = thrown(new AggregateError([inner, () => 1], "all"));

    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors.map(String)).toStrictEqual(["Error: inner"]);
  });

  test("may be its own cause", () => {
    const error = Object.assign(new Error("x"), { f: () => 1 });
    error.cause = error;

    const back = thrown(error);

    expect(back.cause).toBe(back);
  });

  test("with an endless chain of causes keeps the first of them", () => {
    let error = new Error("end");
    for (let i = 0; i < 20_000; i++) error = new Error(`e${i}`, { cause: error });

    const back = thrown(error);

    expect(back.message).toBe("e19999");
    expect(back.cause.cause.message).toBe("e19997");
  });

  test("that is a DOMException becomes an Error with its name and message", () => {
    const back = thrown(Object.assign(new DOMException("stop", "AbortError"), { f: () => 1 }));

    expect(back).toMatchObject({ name: "AbortError", message: "stop" });
    expect(back).toBeInstanceOf(Error);
  });
});

describe("hostile errors", () => {
  test("one whose message cannot be read keeps the rest", () => {
    const error = new TypeError("x");
    const { stack } = error;
    Object.defineProperty(error, "message", {
      get: refuse,
    });

    const back = thrown(error);

    expect(back).toBeInstanceOf(TypeError);
    expect(back.stack).toBe(stack);
    expect(back.message).toBe("");
  });

  test("one whose name is not text keeps it where it can", () => {
    expect(thrown(Object.assign(new Error("x"), { name: 5 })).name).toBe(5);
    expect(thrown(Object.assign(new Error("x"), { name: Symbol("n") })).name).toBe("Error");
    expect(thrown(Object.assign(new Error("x"), { name: () => 1 })).message).toBe("x");
  });

  test("one that answers differently every time is at least known to have been thrown", () => {
    let reads = 0;
    const error = Object.defineProperty(new Error("x"), "shifty", {
      enumerable: true,
      // Storable whenever the fallback checks it, and never when it is written.
      get: () => ({
        get inner() {
          return reads++ % 2 === 0 ? 1 : Symbol("now");
        },
      }),
    });

    expect(thrown(error)).toBeInstanceOf(Error);
  });
});

describe("a thrown proxy", () => {
  test("that refuses every question becomes a description", () => {
    const proxy = new Proxy(new Error("x"), {
      get: refuse,
      getPrototypeOf: refuse,
      ownKeys: refuse,
    });

    expect(thrown(proxy)).toBeInstanceOf(Error);
    expect(thrown(proxy).message).toBe("#<Object>");
  });

  test("that denies its class after it was recognized becomes an Error", () => {
    let asked = 0;
    const getPrototypeOf = (): object => {
      if (asked++ % 2 === 1) throw new Error("no");
      return RangeError.prototype;
    };

    expect(thrown(new Proxy(new RangeError("seen"), { getPrototypeOf }))).toMatchObject({
      message: "seen",
    });
  });

  test("that only hides its keys keeps name and message", () => {
    const proxy = new Proxy(new RangeError("seen"), {
      ownKeys: refuse,
    });

    expect(thrown(proxy)).toMatchObject({ name: "RangeError", message: "seen" });
  });
});

test.each<[unknown, string]>([
  [Symbol("x"), "Symbol(x)"],
  [function retry() {}, "function retry"],
  [() => 1, "function"],
  [new Response(), "#<Response>"],
  [new Refund(), "#<Refund>"],
  [{ callback: () => 1 }, "#<Object>"],
  [{ message: "told", callback: () => 1 }, "told"],
])(
  "a thrown value that is not storable becomes an error that describes it: %s",
  (value, message) => {
    const back = thrown(value);

    expect(back).toBeInstanceOf(Error);
    expect(back.message).toBe(message);
  },
);

test("a thrown object that looks like an error keeps its name, message and stack", () => {
  class NotAnError {
    name = "Refused";
    message = "m";
    stack = "s";
  }

  expect(thrown(new NotAnError())).toMatchObject({ name: "Refused", message: "m", stack: "s" });
});

describe("an error that is too large to be stored", () => {
  const LARGE = "x".repeat(2_000_000);

  test("keeps its class, name, message, stack and code, and says what happened to it", () => {
    const error = Object.assign(new TypeError("boom"), { response: LARGE, code: "E_BOOM" });
    error.name = "FetchError";

    const back = thrown(error);

    expect(back).toBeInstanceOf(TypeError);
    expect(back).toMatchObject({ name: "FetchError", message: "boom", stack: error.stack });
    expect(back).toMatchObject({ code: "E_BOOM", reduced: expect.stringContaining("too large") });
    expect(back).not.toHaveProperty("response");
  });

  test("has a long message cut, and its stack still tells where it was thrown", () => {
    const back = thrown(new Error(LARGE));

    expect(back.message).toBe(`${"x".repeat(10_000)}…`);
    expect(back.stack.length).toBeLessThan(10_002);
  });

  test.each([
    ["a text", LARGE],
    ["an object", { message: LARGE }],
    ["a cause", new Error("outer", { cause: new Error(LARGE) })],
    ["what cannot be kept whole anyway", Object.assign(new Error(LARGE), { f: () => 1 })],
    ["characters of several bytes", new Error("€".repeat(400_000))],
  ])("takes little space: %s", (_what, value) => {
    expect(encodeError(value).length).toBeLessThan(40_000);
    expect(thrown(value)).toHaveProperty("reduced");
  });

  test("is one above the limit, no other", () => {
    const value = thrown(Object.assign(new Error("boom"), { response: "x".repeat(1_000_000) }));

    expect(value.response).toHaveLength(1_000_000);
  });
});
