/**
 * Reads the query of a call for the schema that is to check it, which says what a name may stand for: one
 * value (of several the last one), a list where it may be repeated, or fields that are named one by one.
 */
import { z } from "zod";
import { invalidInput } from "./api-error.ts";

/**
 * `name=a&name=b` for a list; `name.field=a` or `name[field]=a` for a record.
 *
 * @throws {@link ApiError} 400 for a field that zod would leave out without a word.
 */
export function readQuery(
  schema: z.ZodObject,
  parameters: URLSearchParams,
): Readonly<Record<string, unknown>> {
  const read: Record<string, unknown> = Object.fromEntries(parameters);
  for (const [name, field] of Object.entries(schema.shape)) {
    const type = unwrap(field);
    if (mayBeList(type) && parameters.has(name)) read[name] = listOf(parameters.getAll(name), type);
    if (type instanceof z.ZodRecord) {
      const fields = fieldsOf(name, parameters);
      if (fields.length > 0) read[name] = Object.fromEntries(fields);
    }
  }
  return read;
}

/** What counts is what it is in the end, also when values are first brought into its form. */
function unwrap(field: unknown): unknown {
  if (field instanceof z.ZodOptional) return unwrap(field.unwrap());
  return field instanceof z.ZodPipe ? unwrap(field.out) : field;
}

function mayBeList(type: unknown): boolean {
  if (type instanceof z.ZodUnion) return type.options.some(mayBeList);
  return type instanceof z.ZodArray;
}

/** One that need not be a list stays what it is. */
function listOf(values: readonly string[], type: unknown): unknown {
  return type instanceof z.ZodUnion && values.length === 1 ? values[0] : values;
}

function fieldsOf(name: string, parameters: URLSearchParams): (readonly [string, string])[] {
  return [...parameters].flatMap(([key, value]) => {
    const rest = key.startsWith(name) ? key.slice(name.length) : "";
    const [, dotted, bracketed] = /^(?:\.(.+)|\[(.+)\])$/s.exec(rest) ?? [];
    const field = dotted ?? bracketed;
    if (field === "__proto__") throw invalidInput(`\`${name}\`: \`__proto__\` is no field`);
    return field === undefined ? [] : [[field, value] as const];
  });
}
