/** What to call operations with: as their schemas say, and as somebody would who wants to break something. */
import fc from "fast-check";
import type { DocumentedOperation, OpenApiDocument } from "../../src/openapi/document.ts";
import { isSchema } from "../../src/openapi/type-text.ts";

/** Everything of a call but its method. */
export interface FuzzedCall {
  /** As it is sent, encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface Facts {
  readonly document: OpenApiDocument;
  readonly template: string;
  readonly operation: DocumentedOperation;
  /** Values for parameters that lead to something. */
  readonly known: Known;
  /** The same for fields of bodies. */
  readonly fields: Known;
}

/** Values by names. */
type Known = Readonly<Record<string, readonly unknown[]>>;

interface Context {
  readonly schemas: OpenApiDocument["components"]["schemas"];
  readonly fields: Known;
}

/** As the document asks for it, mostly about things that are there. */
export function conformingCall(facts: Facts): fc.Arbitrary<FuzzedCall> {
  const { document, operation, known, fields } = facts;
  const context = { schemas: document.components.schemas, fields };
  const segments = fc.record(
    Object.fromEntries(
      namesIn(facts.template).map((name) => [name, segmentOf(known[name] ?? [])] as const),
    ),
  );
  const query = operation.parameters.filter(({ in: place }) => place === "query");
  const pairs = fc.record(
    Object.fromEntries(
      query.map(({ name, schema, required }) => {
        const value = mostlyKnown(name, valueOf(schema, context), known);
        // Few at a time: some exclude each other, and with many none would be left that fits.
        return [name, required ? value : fc.option(value, { nil: undefined, freq: 2 })] as const;
      }),
    ),
    { requiredKeys: query.filter(({ required }) => required).map(({ name }) => name) },
  );
  const schema = operation.requestBody?.content["application/json"].schema;
  const body = schema
    ? valueOf(schema, context).map((value) => JSON.stringify(value) ?? "null")
    : NONE;
  return fc.record({ segments, pairs, body }).map(({ segments, pairs, body }) => ({
    path: fill(facts.template, (name) => encode(String(segments[name] ?? ""))),
    query: new URLSearchParams(toTexts(pairs)).toString(),
    headers: { "content-type": "application/json" },
    body,
  }));
}

/** Anything that can be sent, with the operation's own names where those matter. */
export function hostileCall(facts: Facts): fc.Arbitrary<FuzzedCall> {
  const { operation, known, template } = facts;
  const segments = fc.record(
    Object.fromEntries(
      namesIn(template).map((name) => [
        name,
        fc.oneof(
          fc.constantFrom(...(known[name] ?? ["x"]).map((value) => encode(String(value)))),
          HOSTILE_SEGMENT,
        ),
      ]),
    ),
  );
  const names = operation.parameters.filter((each) => each.in === "query").map(({ name }) => name);
  const name = names.length > 0 ? fc.oneof(fc.constantFrom(...names), HOSTILE_TEXT) : HOSTILE_TEXT;
  const pairs = fc.array(fc.tuple(name, HOSTILE_TEXT), { maxLength: 5 });
  const body = operation.requestBody ? HOSTILE_BODY : NONE;
  return fc.record({ segments, pairs, headers: HOSTILE_HEADERS, body }).map((parts) => ({
    path: fill(template, (name) => String(parts.segments[name] ?? "")),
    query: parts.pairs.map((pair) => pair.map(encode).join("=")).join("&"),
    headers: parts.headers,
    body: parts.body,
  }));
}

const NONE = fc.constant(undefined);

const HOSTILE_TEXTS = [
  "",
  " ",
  ".",
  "..",
  "../../../etc/passwd",
  "\u0000",
  "a\u0000b",
  "a\r\nx-injected: 1",
  "\ud800",
  "a\udc00",
  "\u2028",
  "__proto__",
  "constructor",
  "toString",
  "latest",
  "*",
  "}:0",
  "{default}:i:a",
  "-1",
  "0",
  "1.5",
  "1e308",
  "1e999",
  "9007199254740993",
  "NaN",
  "-0",
  "0x10",
  "true",
  "null",
  "undefined",
  "1:",
  "999999999999999:x",
  "2026-13-45",
  "+275760-09-13T00:00:00.001Z",
  "x".repeat(20_000),
  "\u{1f600}".repeat(300),
];

const HOSTILE_TEXT = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: "binary", maxLength: 50 }),
  fc.string({ maxLength: 20 }),
);

/** As they are sent. Some are no encoding of anything. */
const HOSTILE_SEGMENT = fc.oneof(
  HOSTILE_TEXT.map(encode),
  fc.constantFrom("%2e%2e", "%2f", "a%2fb", "%252f", "%00", "%zz", "%", "%ff%fe", "%c0%af", ";x=1"),
);

const HOSTILE_HEADERS = fc.dictionary(
  fc.constantFrom(
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "origin",
    "x-auth-key",
    "x-forwarded-for",
    "x-http-method-override",
  ),
  fc.oneof(
    fc.constantFrom("", "Bearer ", "Bearer x", "text/event-stream", "multipart/form-data", "*/*"),
    fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^ -~]/g, "").trim()),
  ),
  { maxKeys: 3 },
);

const HOSTILE_BODY = fc.oneof(
  fc.json({ stringUnit: "binary" }),
  fc.constantFrom(
    "",
    "{",
    "null",
    "[]",
    "{}",
    "1e999",
    "-0",
    '"\\ud800"',
    '"\\u0000"',
    '{"__proto__":{"a":1}}',
    '{"params":{"__proto__":null,"constructor":{"prototype":1}}}',
    '{"params":1e999}',
    '{"params":"\\ud800"}',
    '{"instance_id":"\\u0000"}',
    '{"instance_id":"x"}'.replace("x", "x".repeat(10_000)),
    '{"instance_retention":{"success_retention":1e300}}',
    '{"instance_retention":{"success_retention":"99999999999 years"}}',
    '{"instance_retention":{"success_retention":1e-300}}',
    '{"status":"restart","from":{"name":"\\ud800","count":9007199254740991}}',
    '{"class_name":"\\ud800","script_name":"\\u0000"}',
    '{"class_name":"a","script_name":"a","default_retention":{"success_retention":1e300}}',
    '{"class_name":"a","script_name":"a","concurrency":{"limit":9007199254740991}}',
    `{"params":${"[".repeat(3_000)}${"]".repeat(3_000)}}`,
    "[".repeat(20_000),
    `[${"{},".repeat(200)}{}]`,
    `{"instances":["a","a","\\u0000"]}`,
    "\ufeff{}",
  ),
  HOSTILE_TEXT,
);

function namesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

function fill(template: string, valueOfName: (name: string) => string): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOfName(name));
}

/** As far as it can be: half of a pair of surrogates has no encoding, and goes as bytes that are none either. */
function encode(text: string): string {
  return /\p{Surrogate}/u.test(text) ? "%ed%a0%80" : encodeURIComponent(text);
}

function segmentOf(known: readonly unknown[]): fc.Arbitrary<unknown> {
  const other = fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((text) => !/^\.{1,2}$/.test(text));
  return known.length === 0
    ? other
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, other);
}

function mostlyKnown(
  name: string,
  any: fc.Arbitrary<unknown>,
  known: Known,
): fc.Arbitrary<unknown> {
  const values = known[name] ?? [];
  if (values.length === 0) return any;
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, any);
}

function toTexts(pairs: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(pairs).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((each) => [name, toText(each)]);
    return isSchema(value)
      ? Object.entries(value).map(([field, each]) => [`${name}[${field}]`, toText(each)])
      : [[name, String(value)]];
  });
}

/** Not all that can be in JSON can be made a text of: an object may have a field `toString`. */
function toText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Of a part of JSON Schema: the one that the document uses. */
export function valueOf(schema: unknown, context: Context): fc.Arbitrary<unknown> {
  if (!isSchema(schema)) return fc.jsonValue();
  const { examples, ...rest } = schema;
  if (Array.isArray(examples)) {
    const example = fc.constantFrom(...(examples as unknown[]));
    return fc.oneof({ weight: 3, arbitrary: example }, valueOf(rest, context));
  }
  const { $ref, const: literal, enum: literals, anyOf, oneOf, type } = schema;
  if (typeof $ref === "string")
    return valueOf(context.schemas[$ref.split("/").at(-1) ?? ""], context);
  if ("const" in schema) return fc.constant(literal);
  if (Array.isArray(literals)) return fc.constantFrom(...(literals as unknown[]));
  const union = anyOf ?? oneOf;
  if (Array.isArray(union)) return fc.oneof(...union.map((each) => valueOf(each, context)));
  if (Array.isArray(type)) {
    return fc.oneof(...type.map((each: unknown) => valueOf({ ...schema, type: each }, context)));
  }
  return typeof type === "string" ? valueOfType(type, schema, context) : fc.jsonValue();
}

function valueOfType(
  type: string,
  schema: Readonly<Record<string, unknown>>,
  context: Context,
): fc.Arbitrary<unknown> {
  const { minimum, maximum, minItems, maxItems, items } = schema as Limits;
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: minimum ?? -1_000, max: Math.min(maximum ?? 1e6, 0x7fffffff) });
    case "number":
      return fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.double({ noNaN: true }));
    case "string":
      return textOf(schema);
    case "array":
      return fc.array(valueOf(items, context), {
        minLength: minItems ?? 0,
        maxLength: Math.min(maxItems ?? 5, 5),
      });
    default:
      return objectOf(schema, context);
  }
}

interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: unknown;
}

/** What names and ids consist of. */
const NAME_UNIT = fc.constantFrom("a", "b", "z", "0", "9", "_");

function textOf(schema: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  if (schema["format"] === "date-time") {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (schema["format"] === "uri") {
    const path = fc.webPath({ size: "xsmall" });
    return path.map((text) => `https://example.com${text}`);
  }
  const { minLength = 0, maxLength = 20 } = schema as Limits;
  const limits = { minLength, maxLength: Math.min(maxLength, 20) };
  return fc.oneof(
    fc.string({ ...limits, unit: NAME_UNIT }),
    fc.string({ ...limits, unit: "grapheme" }),
  );
}

function objectOf(
  { properties, required }: Readonly<Record<string, unknown>>,
  context: Context,
): fc.Arbitrary<unknown> {
  if (!isSchema(properties)) return fc.dictionary(fc.string(), fc.jsonValue());
  const entries = Object.entries(properties).map(
    ([name, property]) =>
      [name, mostlyKnown(name, valueOf(property, context), context.fields)] as const,
  );
  const requiredKeys = Array.isArray(required) ? (required as string[]) : [];
  return fc.record(Object.fromEntries(entries), { requiredKeys });
}
