import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { InstanceNotFoundError, NonRetryableError, WorkflowEngineError } from "./errors.ts";
import { createPayloadCodec, decodePayload, encodePayload } from "./payload.ts";

function roundTrip<T>(value: T): T {
  return decodePayload(encodePayload(value)) as T;
}

class CardDeclinedError extends TypeError {
  override name = "CardDeclinedError";
  declineCode = "funds";
}

test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
  "a $name comes back as one, with message and stack",
  (ErrorClass) => {
    const error = new ErrorClass("boom");

    const back = roundTrip(error);

    expect(Object.getPrototypeOf(back)).toBe(ErrorClass.prototype);
    expect(back.message).toBe("boom");
    expect(back.stack).toBe(error.stack);
    expect(String(back)).toBe(String(error));
    expect(Object.keys(back)).toStrictEqual([]);
  },
);

test("an error without a message has none of its own afterwards", () => {
  expect(Object.hasOwn(roundTrip(new Error()), "message")).toBe(false);
});

test("an error whose stack was removed comes back without one", () => {
  const error = new Error("x");
  delete error.stack;

  expect(roundTrip(error).stack).toBeUndefined();
});

test("cause and own properties are kept, and stay as visible as they were", () => {
  const error = Object.assign(new Error("x", { cause: { at: new Date(0) } }), { status: 404 });

  const back = roundTrip(error);

  expect(back.cause).toStrictEqual({ at: new Date(0) });
  expect(Object.keys(back)).toStrictEqual(["status"]);
  expect(back.status).toBe(404);
});

test("an AggregateError keeps its errors", () => {
  const back = roundTrip(new AggregateError([new RangeError("1"), "two"], "both"));

  expect(back).toBeInstanceOf(AggregateError);
  expect(back.errors[0]).toBeInstanceOf(RangeError);
  expect(back.errors[1]).toBe("two");
});

test("a DOMException comes back as one", () => {
  const error = new DOMException("stop", "AbortError");

  const back = roundTrip(error);

  expect(back).toBeInstanceOf(DOMException);
  expect(back).toMatchObject({ name: "AbortError", message: "stop", code: 20 });
  expect(back.stack).toBe(error.stack);
});

test("an error of a custom class comes back as its built-in ancestor with its name", () => {
  const back = roundTrip(new CardDeclinedError("no"));

  expect(Object.getPrototypeOf(back)).toBe(TypeError.prototype);
  expect(back).toMatchObject({ name: "CardDeclinedError", declineCode: "funds", message: "no" });
});

test("a name that lives on a custom prototype becomes a property that is not enumerable", () => {
  class QuotaError extends Error {}
  QuotaError.prototype.name = "QuotaError";

  const back = roundTrip(new QuotaError("x"));

  expect(back.name).toBe("QuotaError");
  expect(Object.keys(back)).toStrictEqual([]);
});

test("an error made the old way comes back as an Error", () => {
  const error = Object.assign(Object.create(RangeError.prototype), { message: "old" });

  const back = roundTrip(error);

  expect(Object.getPrototypeOf(back)).toBe(RangeError.prototype);
  expect(back.message).toBe("old");
});

test("an error that lost its class comes back as an Error", () => {
  const error = Object.setPrototypeOf(new TypeError("lost"), {});

  expect(roundTrip(error)).toBeInstanceOf(Error);
  expect(roundTrip(error)).toHaveProperty("message", "lost");
});

test("an error of another realm comes back as an error of this one", () => {
  const back = roundTrip(vm.runInNewContext("new TypeError('elsewhere')"));

  expect(back).toBeInstanceOf(TypeError);
  expect(back.message).toBe("elsewhere");
});

test("an object that only calls itself an error is refused", () => {
  class Fake {
    get [Symbol.toStringTag](): string {
      return "Error";
    }
  }

  expect(() => encodePayload(new Fake())).toThrow(/is an instance of Fake/);
});

test("symbols on an error are ignored", () => {
  const error = Object.assign(new Error("x"), { [Symbol("brand")]: true });

  expect(Object.getOwnPropertySymbols(roundTrip(error))).toStrictEqual([]);
});

test("an own key `__proto__` of an error is only a key", () => {
  const error = new Error("x");
  Object.defineProperty(error, "__proto__", { value: { polluted: 1 }, enumerable: true });

  const back = roundTrip(error);

  expect(back).toBeInstanceOf(Error);
  expect(Object.keys(back)).toStrictEqual(["__proto__"]);
});

describe("cycles", () => {
  test("an error that is its own cause stays one error", () => {
    const error = new Error("x");
    error.cause = error;

    const back = roundTrip(error);

    expect(back.cause).toBe(back);
    expect(back.message).toBe("x");
  });

  test("a DOMException in a cycle stays one error", () => {
    const inner = new Error("inner");
    const error = Object.assign(new DOMException("m", "AbortError"), { inner });
    inner.cause = error;

    const back = roundTrip(error);

    expect(back.inner.cause).toBe(back);
    expect(back.name).toBe("AbortError");
  });
});

describe("known classes", () => {
  test("the engine's errors come back as instances of their class", () => {
    const back = roundTrip(new InstanceNotFoundError("order-1"));

    expect(back).toBeInstanceOf(InstanceNotFoundError);
    expect(WorkflowEngineError.is(back)).toBe(true);
    expect(back).toMatchObject({ code: "instance.not_found", instanceId: "order-1" });
    expect(back.name).toBe("InstanceNotFoundError");
  });

  test("a NonRetryableError comes back as one, with the name that it was given", () => {
    const back = roundTrip(new NonRetryableError("never", "Fatal"));

    expect(back).toBeInstanceOf(NonRetryableError);
    expect(back.name).toBe("Fatal");
    expect(Object.keys(back)).toStrictEqual(["name"]);
  });

  test("a subclass of a known class comes back as that class", () => {
    class Gone extends InstanceNotFoundError {}

    expect(Object.getPrototypeOf(roundTrip(new Gone("x")))).toBe(InstanceNotFoundError.prototype);
  });

  test("of another copy of the package are recognized by the name on their prototype", () => {
    const Other = class extends Error {};
    Other.prototype.name = "InstanceNotFoundError";

    expect(roundTrip(new Other("x"))).toBeInstanceOf(InstanceNotFoundError);
  });

  test("are those that the codec was given, and no constructor is called", () => {
    class Picky extends Error {
      constructor(facts: { id: string }) {
        super(facts.id);
      }
    }
    const codec = createPayloadCodec({ errors: { Picky } });
    const payload = codec.encode(new Picky({ id: "a" }));

    expect(codec.decode(payload)).toBeInstanceOf(Picky);
    expect(decodePayload(payload)).not.toBeInstanceOf(Picky);
    expect(createPayloadCodec().decode(payload)).toMatchObject({ message: "a" });
  });
});
