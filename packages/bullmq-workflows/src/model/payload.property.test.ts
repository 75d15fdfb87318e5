import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodePayload, encodePayload } from "./payload.ts";

test("any JSON value comes back as it was, and is stored as its JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const back = decodePayload(encodePayload(value));

      expect(isSame(value, back)).toBe(true);
      if (isSame(value, JSON.parse(text))) expect(encodePayload(value)).toBe(text);
    }),
  );
});

test("any rich value comes back as it was, from a JSON text", () => {
  const value = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    key: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "then", "$rich/1")),
  });
  fc.assert(
    fc.property(value, (original) => {
      const payload = encodePayload(original);
      JSON.parse(payload);

      expect(isSame(original, decodePayload(payload))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("any graph of objects, arrays, Maps, Sets and errors comes back with the same shape", () => {
  const kind = fc.constantFrom("object", "array", "props", "proto", "map", "set", "error");
  const edge = fc.record({ from: fc.nat(), to: fc.nat() });
  const graph = fc.record({
    kinds: fc.array(kind, { minLength: 1, maxLength: 8 }),
    edges: fc.array(edge, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(graph, ({ kinds, edges }) => {
      const nodes = kinds.map(createNode);
      edges.forEach(({ from, to }, n) => link(at(nodes, from), at(nodes, to), n));

      expect(isSame(nodes[0], decodePayload(encodePayload(nodes[0])))).toBe(true);
      expect(isSame(nodes, decodePayload(encodePayload(nodes)))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

function createNode(kind: string, id: number): object {
  switch (kind) {
    case "array":
      return [];
    case "props":
      return Object.assign([id], { id });
    case "proto":
      return JSON.parse(`{"__proto__":${id}}`);
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "error":
      return new Error(`e${id}`);
    default:
      return {};
  }
}

function at(nodes: readonly object[], position: number): object {
  return nodes.at(position % nodes.length) ?? nodes;
}

function link(from: object, to: object, n: number): void {
  if (from instanceof Map) from.set(n % 2 === 0 ? to : n, to);
  else if (from instanceof Set) from.add(to);
  else if (from instanceof Error && from.cause === undefined) from.cause = to;
  else if (Array.isArray(from)) from.push(to);
  else Object.assign(from, { [`edge${n}`]: to });
}

/** Equal in type, in every own property and in shape: what is one object in `a` is one in `b`. */
function isSame(a: unknown, b: unknown, partner = new Map<object, object>()): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null)
    return Object.is(a, b);
  const known = partner.get(a);
  if (known !== undefined) return known === b;
  partner.set(a, b);
  return (
    Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
    isSameList(contents(a), contents(b), partner)
  );
}

function isSameList(
  a: readonly unknown[],
  b: readonly unknown[],
  partner: Map<object, object>,
): boolean {
  return a.length === b.length && a.every((item, index) => isSame(item, b[index], partner));
}

function contents(value: object): unknown[] {
  // An error's own keys have no order that anybody could rely on.
  const names = Object.getOwnPropertyNames(value);
  const keys = value instanceof Error ? names.toSorted() : names;
  const properties = keys.flatMap((key) => {
    const { value: item, enumerable } = Object.getOwnPropertyDescriptor(value, key) ?? {};
    return [key, item, enumerable];
  });
  if (value instanceof Map) return [...properties, ...[...value].flat()];
  if (value instanceof Set) return [...properties, ...value];
  if (value instanceof Date) return [...properties, value.getTime()];
  const isBoxed = [Number, String, Boolean, BigInt].some((type) => value instanceof type);
  return isBoxed ? [...properties, value.valueOf()] : properties;
}
