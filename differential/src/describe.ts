/** Any value as JSON, with everything of it that the two engines may do differently. */

/** What Cloudflare's local runtime adds to every error that has crossed. */
const MARKS_OF_RUNTIME = new Set(["remote", "durableObjectId"]);

export function describe(value: unknown, ancestors: readonly object[] = []): unknown {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number") return describeNumber(value);
  if (typeof value === "bigint") return { $: "bigint", value: String(value) };
  if (typeof value === "function" || typeof value === "symbol") return { $: typeof value };
  if (typeof value !== "object" || value === null) return value;
  if (ancestors.includes(value)) return { $: "circular" };
  return describeObject(value, [...ancestors, value]);
}

/** How a promise settled. */
export async function settle(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: describe(await promise) };
  } catch (error) {
    return { threw: describe(error) };
  }
}

function describeNumber(value: number): unknown {
  return Number.isFinite(value) ? value : { $: "number", value: String(value) };
}

function describeObject(value: object, inside: readonly object[]): unknown {
  const each = (item: unknown): unknown => describe(item, inside);
  if (Array.isArray(value)) return value.map(each);
  if (value instanceof Error || value instanceof DOMException) return describeError(value);
  if (value instanceof Date) return { $: "Date", value: value.toISOString() };
  if (value instanceof RegExp) return { $: "RegExp", value: String(value) };
  if (value instanceof Map) return { $: "Map", entries: [...value].map(each) };
  if (value instanceof Set) return { $: "Set", items: [...value].map(each) };
  if (value instanceof ArrayBuffer) {
    return { $: "ArrayBuffer", bytes: [...new Uint8Array(value)] };
  }
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { $: value.constructor.name, bytes: [...bytes] };
  }
  if (value instanceof ReadableStream) return { $: "ReadableStream" };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item)]));
}

function describeError(error: Error): unknown {
  // There a DOMException has all it is made of as properties of its own.
  const isDomException = error instanceof DOMException;
  const own = Object.entries(error).filter(
    ([key]) => !isDomException && !MARKS_OF_RUNTIME.has(key),
  );
  return {
    $: error.constructor.name,
    name: error.name,
    message: error.message,
    ...(own.length > 0 && { own: describe(Object.fromEntries(own)) }),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
