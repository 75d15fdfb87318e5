/**
 * Decides whether `JSON.stringify` keeps a value exactly. Most values are plain JSON, so this is the hot
 * path: one walk that stops at the first thing JSON would change, and says nothing about what it was.
 */
import { PAYLOAD_DEPTH_LIMIT } from "./limits.ts";
import { STORED_AS_PLAIN } from "./payload-kind.ts";

// Up to here, scanning a list is cheaper than hashing into a Set.
const SCANNED_OBJECTS = 12;

interface Walk {
  readonly few: object[];
  many: Set<object> | undefined;
}

/** Whether the value's JSON text, parsed again, is the value: types, identities and keys included. */
export function isPlainJson(root: object): boolean {
  return isPlainObject(root, { few: [], many: undefined }, 0);
}

function isPlainValue(value: unknown, walk: Walk, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return isPlainNumber(value);
    case "object":
      return value === null || isPlainObject(value, walk, depth);
    default:
      return false;
  }
}

/** Whether JSON has this number: not `NaN`, not infinite, not `-0`. */
export function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
}

function isPlainObject(value: object, walk: Walk, depth: number): boolean {
  // An object met twice would become two, and a cycle would not end.
  if (depth > PAYLOAD_DEPTH_LIMIT || !isFirstVisit(value, walk) || replacesItself(value))
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return hasPlainEntries(value, walk, depth);
  if (prototype === Array.prototype) {
    return Array.isArray(value) && isPlainArray(value, walk, depth);
  }
  const isPlain =
    typeof prototype === "object" && prototype !== null && STORED_AS_PLAIN in prototype;
  return isPlain && hasPlainEntries(value, walk, depth);
}

function isFirstVisit(value: object, walk: Walk): boolean {
  if (walk.many !== undefined) {
    const before = walk.many.size;
    return walk.many.add(value).size > before;
  }
  if (walk.few.includes(value)) return false;
  walk.few.push(value);
  if (walk.few.length > SCANNED_OBJECTS) walk.many = new Set(walk.few);
  return true;
}

/** `JSON.stringify` asks a `toJSON` method for something else to write, even one that is not enumerable. */
function replacesItself(value: { readonly toJSON?: unknown }): boolean {
  return typeof value.toJSON === "function";
}

function hasPlainEntries(value: object, walk: Walk, depth: number): boolean {
  if (hasSymbols(value)) return false;
  for (const item of Object.values(value)) {
    if (!isPlainValue(item, walk, depth + 1)) return false;
  }
  return true;
}

function isPlainArray(list: readonly unknown[], walk: Walk, depth: number): boolean {
  // By index, because iterating would take a hole for `undefined` only after a protocol call per item.
  for (let index = 0; index < list.length; index++) {
    if (!isPlainValue(list[index], walk, depth + 1)) return false;
  }
  // No holes up to here, so any further key is a property beside the items.
  return Object.keys(list).length === list.length && !hasSymbols(list);
}

function hasSymbols(value: object): boolean {
  return Object.getOwnPropertySymbols(value).length > 0;
}
