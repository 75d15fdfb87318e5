/** JSON Schema in TypeScript's notation: for people on the reference page, and for the typed client. */
import type { JsonSchema } from "./json-schema.ts";

export interface TypeTextOptions {
  /** How a component is named. @defaultValue its id */
  readonly toName?: (id: string) => string;
  /** Whether properties have their descriptions as comments. @defaultValue false */
  readonly hasComments?: boolean;
}

/** What it allows beside its form, such as lengths, is not in the notation. */
export function toTypeText(schema: unknown, options: TypeTextOptions = {}): string {
  if (schema === true || !isSchema(schema)) return "unknown";
  const { $ref, const: literal, enum: literals, anyOf, oneOf, allOf, not } = schema;
  if (typeof $ref === "string") return toName($ref, options);
  if ("const" in schema) return JSON.stringify(literal);
  if (Array.isArray(literals)) return literals.map((each) => JSON.stringify(each)).join(" | ");
  if (Array.isArray(allOf)) return join(allOf, " & ", options);
  const union = anyOf ?? oneOf;
  if (Array.isArray(union)) return join(union, " | ", options);
  if (isSchema(not) && Object.keys(not).length === 0) return "never";
  return toPlainType(schema, options);
}

function toPlainType(schema: JsonSchema, options: TypeTextOptions): string {
  const { type } = schema;
  if (Array.isArray(type)) {
    return type.map((each: unknown) => toTypeText({ ...schema, type: each }, options)).join(" | ");
  }
  switch (type) {
    case "array":
      return `readonly ${inParentheses(toTypeText(schema["items"], options))}[]`;
    case "object":
      return toObjectType(schema, options);
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return "unknown";
  }
}

function toObjectType(schema: JsonSchema, options: TypeTextOptions): string {
  const { properties, required, additionalProperties } = schema;
  if (!isSchema(properties) || Object.keys(properties).length === 0) {
    return isSchema(additionalProperties)
      ? `Readonly<Record<string, ${toTypeText(additionalProperties, options)}>>`
      : "Readonly<Record<string, unknown>>";
  }
  const needed = new Set(Array.isArray(required) ? required : []);
  const lines = Object.entries(properties).map(([name, property]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const type = indent(toTypeText(property, options));
    return `${toComment(property, options)}  readonly ${key}${needed.has(name) ? "" : "?"}: ${type};\n`;
  });
  return `{\n${lines.join("")}}`;
}

function toComment(property: unknown, { hasComments = false }: TypeTextOptions): string {
  const description = isSchema(property) ? property["description"] : undefined;
  if (!hasComments || typeof description !== "string") return "";
  return `  /** ${description.replaceAll("*/", "* /").replaceAll("\n", " ")} */\n`;
}

function join(schemas: readonly unknown[], by: string, options: TypeTextOptions): string {
  const texts = schemas.map((each) => toTypeText(each, options));
  const isMixed = by === " & ";
  return [...new Set(texts)].map((text) => (isMixed ? inParentheses(text) : text)).join(by);
}

/** Outside of braces, a bar makes it a union, and `readonly` an array. */
function inParentheses(text: string): string {
  return /^\{[^]*\}$/.test(text) || /^[\w.<>, ]+$/.test(text) ? wrapUnion(text) : `(${text})`;
}

function wrapUnion(text: string): string {
  return text.startsWith("readonly ") || /\} \| \{/.test(text) ? `(${text})` : text;
}

function toName($ref: string, { toName: name = (id) => id }: TypeTextOptions): string {
  return name($ref.slice($ref.lastIndexOf("/") + 1));
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
