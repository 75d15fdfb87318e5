import { describe, expect, test } from "vitest";
import { PAYLOAD_DEPTH_LIMIT } from "./limits.ts";
import { decodePayload, encodePayload } from "./payload.ts";
import { UnserializableValueError } from "./unserializable-value-error.ts";

class Order {
  id = 1;
}

function refusal(value: unknown): string {
  try {
    encodePayload(value);
  } catch (error) {
    if (error instanceof UnserializableValueError) return `${error.path} ${error.reason}`;
    throw error;
  }
  return "accepted";
}

function nested(levels: number, inmost: unknown): unknown {
  let value = inmost;
  for (let level = 0; level < levels; level++) value = { v: value };
  return value;
}

function callArguments(): unknown {
  return (function () {
    return arguments;
  })();
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(1);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

test.each<[string, unknown]>([
  ["$ is a function", () => 1],
  ["$ is a function", Order],
  ["$ is a symbol", Symbol("x")],
  ["$ is an object with a prototype of its own", Object.create({ inherited: 1 })],
  ["$ is an object with a prototype of its own", Object.create({ constructor: 1 })],
  ["$ is an instance of Order; make a plain value of it first", new Order()],
  ["$ is a Promise; await it first", Promise.resolve(1)],
  ["$ is an instance of WeakMap; make a plain value of it first", new WeakMap()],
  ["$ is an instance of WeakSet; make a plain value of it first", new WeakSet()],
  ["$ is an instance of WeakRef; make a plain value of it first", new WeakRef({})],
  ["$ is an instance of Response; make a plain value of it first", new Response("x")],
  ["$ is an instance of Request; make a plain value of it first", new Request("http://a")],
  ["$ is an instance of ReadableStream; make a plain value of it first", new ReadableStream()],
  [
    "$ is an instance of SharedArrayBuffer; make a plain value of it first",
    new SharedArrayBuffer(1),
  ],
  ["$ is an instance of Money; make a plain value of it first", new (class Money extends Map {})()],
  ["$ is an instance of List; make a plain value of it first", new (class List extends Array {})()],
  ['$ is a Date with a property of its own: "zone"', Object.assign(new Date(0), { zone: "UTC" })],
  ['$ is a Map with a property of its own: "size2"', Object.assign(new Map(), { size2: 1 })],
  ["$ has a symbol as a key: Symbol(k)", { [Symbol("k")]: 1 }],
  ["$ has a symbol as a key: Symbol(k)", Object.assign([1], { [Symbol("k")]: 1 })],
  ["$ is a special object that JavaScript made, not a plain one", Math],
  ["$ is a special object that JavaScript made, not a plain one", callArguments()],
])("a value of which %s is refused", (expected, value) => {
  expect(refusal(value)).toBe(expected);
});

test.each<[string, unknown]>([
  ["$.lines[3].callback", { lines: [0, 1, 2, { callback: () => 1 }] }],
  ['$["e-mail"].send', { "e-mail": { send: () => 1 } }],
  ['$.users.get("ada").avatar', { users: new Map([["ada", { avatar: Symbol("x") }]]) }],
  ["$.get(…)", new Map([[{}, Symbol("x")]])],
  [
    "$.key(1)",
    new Map<unknown, number>([
      [1, 1],
      [Symbol("x"), 1],
    ]),
  ],
  ["$[0].item(1)", [new Set([1, Symbol("x")])]],
  [
    "$.cause.request",
    new Error("x", { cause: Object.assign(new Error("y"), { request: new Order() }) }),
  ],
  [`$["${"-".repeat(40)}…"]`, { ["-".repeat(60)]: Symbol("x") }],
  ["$.extra", Object.assign([1], { extra: () => 1 })],
  ["$.__proto__", JSON.parse('{"__proto__":1}', (key, v) => (key === "__proto__" ? Symbol() : v))],
])("the refusal says that the trouble is at %s", (path, value) => {
  expect(refusal(value).split(" ")[0]).toBe(path);
});

test("the error has a code, the path and the reason, and says both", () => {
  const value = { lines: [{ callback: () => 1 }] };
  const refuse = (): unknown => encodePayload(value);

  expect(refuse).toThrow("Cannot store this value: $.lines[0].callback is a function");
  expect(refuse).toThrow(
    expect.objectContaining({
      name: "UnserializableValueError",
      code: "payload.unserializable",
      path: "$.lines[0].callback",
      reason: "is a function",
    }),
  );
});

test("an object that calls itself a Map is refused for what it is", () => {
  class Fake {
    get [Symbol.toStringTag](): string {
      return "Map";
    }
  }

  expect(refusal(new Fake())).toMatch(/^\$ is an instance of Fake/);
  expect(refusal(Object.create(Map.prototype))).toMatch(/^\$ could not be read: /);
  expect(refusal(Object.create(Array.prototype))).toMatch(/^\$ is an instance of Array/);
});

test("what cannot be read is refused with the reason", () => {
  const value = {
    a: {
      get b(): never {
        throw new Error("no access");
      },
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  expect(refusal(value)).toBe("$.a.b could not be read: no access");
  expect(refusal(proxy)).toMatch(/^\$ could not be read: .*revoked/);
  expect(refusal([proxy])).toMatch(/^\$\[0\] could not be read: .*revoked/);
});

test("a getter that throws something hostile is refused as well", () => {
  const hostile = {
    toString: () => {
      throw new Error("no");
    },
  };
  const value = {
    get a(): never {
      // oxlint-disable-next-line typescript/only-throw-error -- user code may throw anything
      throw hostile;
    },
  };

  expect(refusal(value)).toBe(
    "$.a could not be read: something that cannot be described was thrown",
  );
});

test("a buffer that was transferred away is refused", () => {
  expect(refusal({ b: detached() })).toMatch(/^\$\.b could not be read: /);
});

test("a resizable buffer is refused, as it would come back with a fixed size", () => {
  const Resizable = ArrayBuffer as new (length: number, options: object) => ArrayBuffer;

  expect(refusal(new Resizable(1, { maxByteLength: 2 }))).toBe("$ is a resizable ArrayBuffer");
});

test("what only fails when it is written is refused too", () => {
  const fake = Object.create(Date.prototype);

  expect(refusal({ fake })).toMatch(/^\$ could not be written: /);
});

describe("nesting", () => {
  test.each([
    ["plain", 1],
    ["rich", 1n],
  ])("up to the limit is kept in a %s value", (_form, inmost) => {
    const value = nested(PAYLOAD_DEPTH_LIMIT, inmost);

    let back = decodePayload(encodePayload(value)) as { v: never };
    for (let level = 1; level < PAYLOAD_DEPTH_LIMIT; level++) back = back.v;

    expect(back).toStrictEqual({ v: inmost });
  });

  test.each([
    ["plain", 1],
    ["rich", 1n],
  ])("beyond the limit is refused in a %s value", (_form, inmost) => {
    const reason = refusal(nested(PAYLOAD_DEPTH_LIMIT + 2, inmost));

    expect(reason).toMatch(/^\$(\.v){12}…(\.v){12} is nested more than 1000 levels deep$/);
  });

  test("without end is refused, not a crash", () => {
    expect(refusal(nested(100_000, 1))).toMatch(/nested more than 1000 levels deep$/);
  });
});
