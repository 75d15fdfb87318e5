/**
 * Recognizes the built-in types that a payload can keep.
 *
 * By prototype, never by `Symbol.toStringTag`: an instance of a subclass or of somebody's class that calls
 * itself "Map" is not a Map, and must be refused rather than come back as less than it was.
 */

/** The built-in types that are kept, by the name of their constructor. */
export type BuiltInKind =
  | "Object"
  | "Array"
  | "Map"
  | "Set"
  | "Error"
  | "Buffer"
  | "ArrayBuffer"
  | "DataView"
  | "TypedArray"
  | "Date"
  | "RegExp"
  | "URL"
  | "URLSearchParams"
  | "Boolean"
  | "Number"
  | "String"
  | "BigInt";

const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const BUILT_INS: readonly (readonly [constructor: { readonly prototype: object }, BuiltInKind])[] =
  [
    [Object, "Object"],
    [Array, "Array"],
    [Map, "Map"],
    [Set, "Set"],
    [Buffer, "Buffer"],
    [ArrayBuffer, "ArrayBuffer"],
    [DataView, "DataView"],
    [Date, "Date"],
    [RegExp, "RegExp"],
    [URL, "URL"],
    [URLSearchParams, "URLSearchParams"],
    [Boolean, "Boolean"],
    [Number, "Number"],
    [String, "String"],
    [BigInt, "BigInt"],
    ...TYPED_ARRAYS.map((constructor) => [constructor, "TypedArray"] as const),
  ];

const KIND_OF_PROTOTYPE: ReadonlyMap<object, BuiltInKind> = new Map(
  BUILT_INS.map(([constructor, kind]) => [constructor.prototype, kind]),
);

const KIND_OF_NAME: ReadonlyMap<string, BuiltInKind> = new Map(
  BUILT_INS.map(([constructor, kind]) => [constructor.prototype.constructor.name, kind]),
);

/** On the prototype of a class of ours whose objects are stored as the plain objects they look like. */
export const STORED_AS_PLAIN: symbol = Symbol("stored as plain");

/** The built-in type of an object, or `undefined` when it is an instance of anything else. */
export function kindOf(value: object): BuiltInKind | undefined {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return "Object";
  const kind = KIND_OF_PROTOTYPE.get(prototype) ?? kindFromOtherRealm(prototype);
  // Only real arrays have an array's length; and an array with another prototype is of a subclass.
  if ((kind === "Array") !== Array.isArray(value)) return undefined;
  if (kind === undefined && STORED_AS_PLAIN in prototype) return "Object";
  return kind ?? (isError(value) ? "Error" : undefined);
}

/** Whether a value is an error: of any class, of another realm, or made by `Object.create`. */
export function isError(value: object): value is Error {
  return (
    value instanceof Error ||
    (Object.prototype.toString.call(value) === "[object Error]" && !(Symbol.toStringTag in value))
  );
}

/** What an object calls itself, for messages only. */
export function classNameOf(value: object): string | undefined {
  const prototype: object | null = Object.getPrototypeOf(value);
  const name: unknown = prototype?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : undefined;
}

/** Test runners and `node:vm` hand out objects whose constructors are other copies of the built-in ones. */
function kindFromOtherRealm(prototype: object): BuiltInKind | undefined {
  if (!Object.hasOwn(prototype, "constructor")) return undefined;
  const { constructor } = prototype;
  if (typeof constructor !== "function") return undefined;
  const source = Function.prototype.toString.call(constructor);
  return source.endsWith("{ [native code] }") ? KIND_OF_NAME.get(constructor.name) : undefined;
}
