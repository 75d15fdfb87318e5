/**
 * How a value looks in logs, in statuses and over REST: plain JSON for people and tools to read, with
 * what JSON lacks shown the way Cloudflare shows it. One way only; nothing is ever read back from it.
 */

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [key: string]: JsonValue };

/** The JSON rendering of any value, as `JSON.stringify` would have it, but for what that refuses. */
export function jsonView(value: unknown): JsonValue {
  return render(value, []) ?? null;
}

/** `undefined` where JSON has no such value: an object omits it, a list shows `null`. */
function render(value: unknown, ancestors: readonly object[]): JsonValue | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // Adding 0 makes of -0 what JSON text would.
      return Number.isFinite(value) ? value + 0 : null;
    case "bigint":
      return `[BigInt(${value})]`;
    case "object":
      return value === null ? null : renderObject(value, ancestors);
    default:
      return undefined;
  }
}

function renderObject(value: object, ancestors: readonly object[]): JsonValue | undefined {
  if (ancestors.includes(value)) return "[Circular]";
  const bytes = renderBytes(value);
  if (bytes !== undefined) return bytes;
  const inside = [...ancestors, value];
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return render(value.toJSON(""), inside);
  }
  if (isBoxed(value)) return render(value.valueOf(), inside);
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown) => render(item, inside) ?? null);
  }
  return renderEntries(value, inside);
}

function renderBytes(value: object): string | undefined {
  if (!(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value)) return undefined;
  return `[${value.constructor.name}(${value.byteLength} bytes)]`;
}

function isBoxed(value: object): boolean {
  return [Number, String, Boolean, BigInt].some((type) => value instanceof type);
}

function renderEntries(value: object, inside: readonly object[]): JsonValue {
  const view: { [key: string]: JsonValue } = {};
  for (const [key, item] of Object.entries(value)) {
    const rendered = render(item, inside);
    if (rendered === undefined) continue;
    // A key named `__proto__` is data like any other; assigning it would set the prototype instead.
    if (key === "__proto__") Object.defineProperty(view, key, ownData(rendered));
    else view[key] = rendered;
  }
  return view;
}

function ownData(value: JsonValue): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true };
}
