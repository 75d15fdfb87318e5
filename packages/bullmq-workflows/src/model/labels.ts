/**
 * Labels: what an instance can be found by, beside its id and status. One for each of its tags, and one for
 * each field of its params that its workflow declares as searchable.
 *
 * A label is a line of text. Those of one instance are in its record, and each has an index of its own.
 */
import {
  SEARCHABLE_PATH_LENGTH_LIMIT,
  SEARCHABLE_VALUE_LENGTH_LIMIT,
  TAG_LENGTH_LIMIT,
} from "./limits.ts";

const TAG = /^[\w.:@/=+-]+$/;
const PATH = /^[\w$-]+(?:\.[\w$-]+)*$/;

const TAG_PREFIX = "tag:";
const FIELD_PREFIX = "params.";

/** Letters, digits and `_ . : @ / = + -`. */
export function isValidTag(tag: unknown): tag is string {
  return typeof tag === "string" && tag.length <= TAG_LENGTH_LIMIT && TAG.test(tag);
}

/** Whether it names a field of params: `customerId`, or `order.total` for one inside another. */
export function isValidFieldPath(path: unknown): path is string {
  return typeof path === "string" && path.length <= SEARCHABLE_PATH_LENGTH_LIMIT && PATH.test(path);
}

export function tagLabel(tag: string): string {
  return `${TAG_PREFIX}${tag}`;
}

/** The label of a field with this value; `undefined` for what no instance is found by. */
export function fieldLabel(path: string, value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || text.length > SEARCHABLE_VALUE_LENGTH_LIMIT) return undefined;
  // Quoted only if it is no single line as it is: nothing else begins with a quote and ends with one then.
  return `${FIELD_PREFIX}${path}=${isLine(text) ? text : JSON.stringify(text)}`;
}

/** The labels of an instance, each once. @param searchable paths of fields. */
export function toLabels(
  tags: readonly string[],
  params: unknown,
  searchable: readonly string[],
): readonly string[] {
  const fields = searchable.map((path) => fieldLabel(path, valueAt(params, path)));
  return [...new Set([...tags.map(tagLabel), ...fields.filter((label) => label !== undefined)])];
}

export function tagsOf(labels: readonly string[] = []): readonly string[] {
  return labels
    .filter((label) => label.startsWith(TAG_PREFIX))
    .map((label) => label.slice(TAG_PREFIX.length));
}

function isLine(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return !/[\u0000-\u001f"\u007f]/.test(text);
}

/** A number and the same digits as a text are alike, as they are in a query. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    default:
      if (value instanceof Date)
        return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
      return value === null ? "null" : undefined;
  }
}

/** Only own properties: what a prototype has is nobody's data. */
function valueAt(params: unknown, path: string): unknown {
  let value = params;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
