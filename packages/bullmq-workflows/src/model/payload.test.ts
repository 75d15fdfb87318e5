import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { decodePayload, encodePayload, revivePayload } from "./payload.ts";
import { UnsupportedFormatError } from "./unsupported-format-error.ts";

function roundTrip<T>(value: T): T {
  return decodePayload(encodePayload(value)) as T;
}

interface Cyclic {
  list: Cyclic[] & { owner: Cyclic };
  map: Map<Cyclic, Cyclic>;
  set: Set<Cyclic>;
  error: Error & { root: Cyclic };
}

describe("the stored form", () => {
  test.each([
    null,
    true,
    false,
    0,
    -1.5,
    1e21,
    "",
    "é\ud800\u2028<",
    [],
    {},
    { a: [1, { b: null }] },
  ])("of the plain value %j is exactly its JSON", (value) => {
    expect(encodePayload(value)).toBe(JSON.stringify(value));
  });

  test("of a rich value is one JSON object that names the format and its version", () => {
    const payload = encodePayload({ at: new Date(0) });

    expect(payload).toBe('{"$rich/1":[{"at":1},["Date","1970-01-01T00:00:00.000Z"]]}');
  });

  test("can be embedded verbatim in a larger JSON text and revived from there", () => {
    const entry = JSON.parse(
      `{"a":${encodePayload(new Set([1]))},"b":${encodePayload(undefined)}}`,
    );

    expect(revivePayload(entry.a)).toStrictEqual(new Set([1]));
    expect(revivePayload(entry.b)).toBeUndefined();
  });

  test.each(["$rich/1", "$rich/2", "$other/7"])(
    "is not confused by data with the only key %s",
    (key) => {
      const value = { [key]: -1 };

      expect(encodePayload(value)).toMatch(/^\{"\$rich\/1":\[/);
      expect(roundTrip(value)).toStrictEqual(value);
    },
  );

  test("keeps such a key plain where it cannot be confused", () => {
    const value = { "$rich/1": -1, other: 1, inner: { "$rich/1": -1 }, $price: 1 };

    expect(encodePayload(value)).toBe(JSON.stringify(value));
    expect(roundTrip(value)).toStrictEqual(value);
    expect(roundTrip({ $price: 1 })).toStrictEqual({ $price: 1 });
  });

  test("of a newer version is refused with both versions", () => {
    const payload = '{"$rich/2":[]}';
    const read = (): unknown => decodePayload(payload);

    expect(read).toThrow(UnsupportedFormatError);
    expect(read).toThrow(/"\$rich\/2" by a newer version.*reads "\$rich\/1"/);
  });
});

test.each<[string, unknown]>([
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
  ["a BigInt", 2n ** 70n],
  ["a Date", new Date(1_786_001_400_000)],
  ["an invalid Date", new Date(Number.NaN)],
  ["a RegExp", /a\/b</giu],
  ["a URL", new URL("https://user@example.com:8080/a?b=c#d")],
  ["a Map", new Map<unknown, unknown>([[{ a: 1 }, new Set([1n])]])],
  ["a Set", new Set([undefined, "a", new Date(0)])],
  ["nested specials", { a: undefined, b: [Number.NaN, -0, undefined], c: { d: -Infinity } }],
  ["a huge string", "x\n".repeat(1_000_000)],
  ["a lone surrogate in a rich value", ["\udc00<", 1n]],
  ["a boxed number", Object(-0)],
  ["a boxed string", Object("text")],
  ["a boxed boolean", Object(false)],
  ["a boxed BigInt", Object(1n)],
  ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
  ["a DataView", new DataView(new Uint8Array([1, 2, 3, 4]).buffer)],
  ["a Uint8Array", new Uint8Array([0, 255])],
  ["a Uint8ClampedArray", new Uint8ClampedArray([0, 255])],
  ["an Int16Array", new Int16Array([-1, 1])],
  ["a Float64Array", new Float64Array([-0, Number.NaN, 1.5])],
  ["a BigInt64Array", new BigInt64Array([-1n])],
])("%s comes back as it was", (_name, value) => {
  expect(roundTrip(value)).toStrictEqual(value);
  expect(roundTrip({ value, list: [value] })).toStrictEqual({ value, list: [value] });
});

test("URLSearchParams come back with repeated keys in order", () => {
  const params = roundTrip(new URLSearchParams("b=1&a=2&b=3"));

  expect(params).toBeInstanceOf(URLSearchParams);
  expect(params.toString()).toBe("b=1&a=2&b=3");
});

describe("binary data", () => {
  test("a view keeps its constructor and only the bytes that it shows", () => {
    const view = new Uint16Array(new ArrayBuffer(1_000), 10, 3).fill(7);

    const back = roundTrip(view);

    expect(back).toStrictEqual(new Uint16Array([7, 7, 7]));
    expect(back.buffer.byteLength).toBe(6);
    expect(encodePayload(view).length).toBeLessThan(80);
  });

  test("a partial DataView keeps only the bytes that it shows", () => {
    const back = roundTrip(new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2));

    expect(new Uint8Array(back.buffer)).toStrictEqual(new Uint8Array([2, 3]));
  });

  test("a view of shared memory comes back with memory of its own", () => {
    const view = new Uint8Array(new SharedArrayBuffer(2)).fill(9);

    expect(roundTrip(view)).toStrictEqual(new Uint8Array([9, 9]));
  });

  test("a Buffer comes back as a Buffer without the pool it was cut from", () => {
    const back = roundTrip({ body: Buffer.from("hello") }).body;

    expect(Buffer.isBuffer(back)).toBe(true);
    expect(back.toString()).toBe("hello");
    expect(back.buffer.byteLength).toBe(5);
  });

  test("a buffer and the view of all of it stay one", () => {
    const view = new Uint8Array(2);
    const back = roundTrip({ view, buffer: view.buffer });

    expect(back.view.buffer).toBe(back.buffer);
  });
});

describe("arrays", () => {
  test("holes in an array stay holes", () => {
    // oxlint-disable-next-line no-sparse-arrays -- holes are what this test is about
    const back = roundTrip([1, , undefined, ,]);

    expect(Object.keys(back)).toStrictEqual(["0", "2"]);
    expect(back).toHaveLength(4);
  });

  test("a very sparse array costs only its items", () => {
    const value: number[] = [];
    value[4_000_000_000] = 1;

    expect(encodePayload(value).length).toBeLessThan(60);
    expect(roundTrip(value)).toHaveLength(4_000_000_001);
  });

  test("properties beside an array's items are kept", () => {
    const match = roundTrip(/(?<year>\d+)-(x)?/.exec("in 2026-"));

    expect(match).toMatchObject({ 0: "2026-", index: 3, input: "in 2026-", length: 3 });
    expect(Object.getPrototypeOf(match?.groups)).toBeNull();
    expect({ ...match?.groups }).toStrictEqual({ year: "2026" });
  });

  test("holes at the end of an array with properties of its own are kept", () => {
    const value = Object.assign([1], { extra: 1n });
    value.length = 3;

    expect(roundTrip(value)).toStrictEqual(value);
  });
});

describe("objects", () => {
  test("a null prototype is kept", () => {
    const back = roundTrip(Object.assign(Object.create(null), { a: 1 }));

    expect(Object.getPrototypeOf(back)).toBeNull();
    expect(back).toMatchObject({ a: 1 });
  });

  test.each([
    ["plain", JSON.parse('{"__proto__":{"polluted":1},"b":2}')],
    ["rich", JSON.parse('{"__proto__":{"polluted":1},"b":2}', (key, v) => (key === "b" ? 2n : v))],
  ])("an own key `__proto__` in a %s value is only a key", (_form, value) => {
    const back = roundTrip(value);

    expect(Object.keys(back)).toStrictEqual(["__proto__", "b"]);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(back.polluted).toBeUndefined();
  });

  test("an own key `__proto__` of an object without a prototype is kept", () => {
    const value = Object.create(null);
    value["__proto__"] = value;

    const back = roundTrip(value);

    expect(Object.getPrototypeOf(back)).toBeNull();
    expect(back["__proto__"]).toBe(back);
  });

  test("properties that are not enumerable are ignored", () => {
    const value = Object.defineProperty({ a: 1 }, "toJSON", { value: () => "replaced" });

    expect(roundTrip(value)).toStrictEqual({ a: 1 });
  });

  test("symbols that are not enumerable are ignored", () => {
    const value = Object.defineProperty({ a: 1n }, Symbol("meta"), { value: 1 });

    expect(roundTrip(value)).toStrictEqual({ a: 1n });
  });
});

describe("unusual objects", () => {
  test("getters are read and proxies are looked through", () => {
    const value = new Proxy(
      {
        get total(): bigint {
          return 3n;
        },
      },
      {},
    );

    expect(roundTrip({ value })).toStrictEqual({ value: { total: 3n } });
  });

  test("objects of another realm come back as objects of this one", () => {
    const value = vm.runInNewContext(
      "({ at: new Date(0), m: new Map([[1, [2]]]), b: new Uint8Array(1) })",
    );

    const back = roundTrip(value);

    expect(back).toStrictEqual({ at: new Date(0), m: new Map([[1, [2]]]), b: new Uint8Array(1) });
    expect(back.at).toBeInstanceOf(Date);
  });
});

describe("identity", () => {
  test("an object referred to twice stays one object", () => {
    const shared = { n: 1 };
    const back = roundTrip({ a: shared, list: [shared, { shared }] });

    expect(back.list[0]).toBe(back.a);
    expect(back.list[1]).toHaveProperty("shared", back.a);
  });

  test("a repetition among many objects is noticed", () => {
    const objects = Array.from({ length: 50 }, (_, id) => ({ id }));
    const back = roundTrip([...objects, objects[40]]);

    expect(back[50]).toBe(back[40]);
  });

  test("cycles come back through objects, arrays, Maps, Sets and errors", () => {
    const root = {} as Cyclic;
    root.list = Object.assign([root], { owner: root });
    root.map = new Map([[root, root]]);
    root.set = new Set([root]);
    root.error = Object.assign(new Error("x"), { root });

    const back = roundTrip(root);

    expect(back.list[0]).toBe(back);
    expect(back.list.owner).toBe(back);
    expect(back.map.get(back)).toBe(back);
    expect(back.set.has(back)).toBe(true);
    expect(back.error.root).toBe(back);
  });
});
