/** Where a call goes: what of it is in the path, and what in the query. */

export interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** @throws TypeError when a name or an id cannot be in a path. */
export function toUrl(
  template: string,
  { accountId, path = {}, query = {} }: Parts & { readonly accountId: string },
): string {
  const values: Readonly<Record<string, string>> = { ...path, account_id: accountId };
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    toSegment(name, values[name]),
  );
  const search = new URLSearchParams(toPairs(query)).toString();
  return search === "" ? filled : `${filled}?${search}`;
}

/** Dots and nothing would not be there any more when the call arrives, and so make it another one. */
function toSegment(name: string, value: string | undefined): string {
  if (typeof value === "string" && !/^\.{0,2}$/.test(value)) return encodeURIComponent(value);
  throw new TypeError(`Expected \`${name}\` to be a name or an id, got \`${String(value)}\``);
}

function toPairs(query: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(query).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((each) => [name, String(each)]);
    if (typeof value !== "object" || value === null) return [[name, String(value)]];
    return Object.entries(value).map(([field, each]) => [`${name}[${field}]`, String(each)]);
  });
}
