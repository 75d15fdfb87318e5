/** Where two records are not the same. */

export interface Difference {
  /** As in JavaScript: `driven.threw.message`, `instances[0].status`. */
  readonly path: string;
  /** `undefined` where that side has nothing. */
  readonly cloudflare: unknown;
  readonly ours: unknown;
}

export function compare(cloudflare: unknown, ours: unknown, path = ""): Difference[] {
  if (Object.is(cloudflare, ours)) return [];
  if (
    !isObject(cloudflare) ||
    !isObject(ours) ||
    Array.isArray(cloudflare) !== Array.isArray(ours)
  ) {
    return [{ path, cloudflare, ours }];
  }
  const keys = new Set([...Object.keys(cloudflare), ...Object.keys(ours)]);
  return [...keys].flatMap((key) =>
    compare(cloudflare[key], ours[key], join(path, key, Array.isArray(ours))),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function join(path: string, key: string, isList: boolean): string {
  if (isList) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}
