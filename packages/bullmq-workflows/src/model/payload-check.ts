/**
 * Walks a value that is not plain JSON and throws where something in it could not come back as it is.
 *
 * It runs before anything is written, so that the error can name the place, and so that what is written
 * afterwards needs no checks. It must refuse whatever the writer would drop or change.
 */
import { PAYLOAD_DEPTH_LIMIT } from "./limits.ts";
import { classNameOf, kindOf } from "./payload-kind.ts";
import { formatPath } from "./payload-path.ts";
import type { PathSegment } from "./payload-path.ts";
import { UnserializableValueError } from "./unserializable-value-error.ts";

// In the stored form, an error is a record in a record: three levels where the value has one.
const ERROR_LEVELS = 3;

/** @throws {@link UnserializableValueError} naming the first place in `root` that cannot be kept. */
export function assertSerializable(root: unknown): void {
  const check = new Check();
  try {
    check.value(root, 0);
  } catch (error) {
    if (error instanceof UnserializableValueError) throw error;
    // A getter or a proxy trap threw, or an object only pretends to be a built-in.
    throw new UnserializableValueError(
      check.path(),
      `could not be read: ${describeThrown(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** A thrown value in a few words, whatever it is. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    // It cannot even be turned into text, and this text is only for people.
    return "something that cannot be described was thrown";
  }
}

class Check {
  readonly #seen = new Set<object>();
  readonly #segments: PathSegment[] = [];

  path(): string {
    return formatPath(this.#segments);
  }

  value(value: unknown, depth: number): void {
    if (typeof value === "function") this.#refuse("is a function", value);
    if (typeof value === "symbol") this.#refuse("is a symbol", value);
    if (typeof value !== "object" || value === null || this.#seen.has(value)) return;
    this.#seen.add(value);
    if (depth > PAYLOAD_DEPTH_LIMIT) {
      this.#refuse(`is nested more than ${PAYLOAD_DEPTH_LIMIT} levels deep`);
    }
    this.#object(value, depth + 1);
  }

  #object(value: object, depth: number): void {
    const kind = kindOf(value);
    switch (kind) {
      case undefined:
        return this.#refuse(describeClass(value), value);
      case "Object":
      case "Array":
        this.#symbols(value);
        return this.#properties(value, Object.keys(value), depth);
      case "Error":
        return this.#properties(value, Object.getOwnPropertyNames(value), depth + ERROR_LEVELS - 1);
      case "Map":
        this.#noOwnProperties(value, kind);
        return this.#entries(value as Map<unknown, unknown>, depth);
      case "Set":
        this.#noOwnProperties(value, kind);
        return this.#items(value as Set<unknown>, depth);
      case "ArrayBuffer":
        this.#noOwnProperties(value, kind);
        return this.#buffer(value as ArrayBuffer);
      // Their own keys include one per byte or character; a property beside those is ignored.
      case "TypedArray":
      case "Buffer":
      case "String":
        return;
      default:
        return this.#noOwnProperties(value, kind);
    }
  }

  #properties(value: object, keys: readonly string[], depth: number): void {
    const isArray = Array.isArray(value);
    for (const key of keys) {
      this.#segments.push(isArray && isIndex(key) ? Number(key) : key);
      this.value(Reflect.get(value, key), depth);
      this.#segments.pop();
    }
  }

  #entries(map: Map<unknown, unknown>, depth: number): void {
    let position = 0;
    for (const [key, item] of Map.prototype.entries.call(map)) {
      this.#inside({ call: "key", of: position }, key, depth);
      this.#inside({ call: "get", of: key }, item, depth);
      position += 1;
    }
  }

  #items(set: Set<unknown>, depth: number): void {
    let position = 0;
    for (const item of Set.prototype.values.call(set)) {
      this.#inside({ call: "item", of: position }, item, depth);
      position += 1;
    }
  }

  #inside(segment: PathSegment, value: unknown, depth: number): void {
    this.#segments.push(segment);
    this.value(value, depth);
    this.#segments.pop();
  }

  #buffer(buffer: ArrayBuffer & { readonly resizable?: boolean }): void {
    if (buffer.resizable === true) this.#refuse("is a resizable ArrayBuffer");
    // Throws when the buffer was transferred away, so that its bytes are no longer here.
    buffer.slice(0, 0);
  }

  #symbols(value: object): void {
    for (const symbol of Object.getOwnPropertySymbols(value)) {
      if (Object.prototype.propertyIsEnumerable.call(value, symbol)) {
        this.#refuse(`has a symbol as a key: ${String(symbol)}`);
      }
      // `arguments`, `Math` and module namespaces have a plain prototype, but are not plain objects.
      if (symbol === Symbol.iterator || symbol === Symbol.toStringTag) {
        this.#refuse("is a special object that JavaScript made, not a plain one");
      }
    }
  }

  #noOwnProperties(value: object, kind: string): void {
    const [key] = Object.keys(value);
    if (key !== undefined) this.#refuse(`is a ${kind} with a property of its own: "${key}"`);
  }

  #refuse(reason: string, offender?: unknown): never {
    throw new UnserializableValueError(this.path(), reason, { offender });
  }
}

/** Whether a key of an array is one of its indices, as the language spells them. */
export function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 2 ** 32 - 1;
}

function describeClass(value: object): string {
  const name = classNameOf(value);
  if (name === "Promise") return "is a Promise; await it first";
  if (name === undefined) return "is an object with a prototype of its own";
  return `is an instance of ${name}; make a plain value of it first`;
}
