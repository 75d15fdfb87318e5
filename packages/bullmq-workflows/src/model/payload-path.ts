/** A step into a value: a property, an index, or a place in a Map or Set. */
export type PathSegment =
  | string
  | number
  | { readonly call: "get" | "key" | "item"; readonly of: unknown };

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const LONG_TEXT = 40;
const LONG_PATH = 24;

/** The place in a value, for people: `$.lines[3].callback`, `$.users.get("ada").key(0)["e-mail"]`. */
export function formatPath(segments: readonly PathSegment[]): string {
  if (segments.length <= LONG_PATH) return `$${segments.map(formatSegment).join("")}`;
  const start = segments.slice(0, LONG_PATH / 2).map(formatSegment);
  const end = segments.slice(-LONG_PATH / 2).map(formatSegment);
  return `$${start.join("")}…${end.join("")}`;
}

function formatSegment(segment: PathSegment): string {
  if (typeof segment === "number") return `[${segment}]`;
  if (typeof segment === "object") return `.${segment.call}(${formatKey(segment.of)})`;
  return IDENTIFIER.test(segment) ? `.${segment}` : `[${formatKey(segment)}]`;
}

function formatKey(key: unknown): string {
  switch (typeof key) {
    case "string":
      return JSON.stringify(key.length > LONG_TEXT ? `${key.slice(0, LONG_TEXT)}…` : key);
    case "object":
    case "function":
      return "…";
    default:
      return String(key);
  }
}
