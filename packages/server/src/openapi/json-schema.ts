/** Schemas of zod as JSON Schema: what has an id becomes a component, once, and is referred to. */
import { z } from "zod";

export type JsonSchema = { readonly [key: string]: unknown };

const REF = "#/components/schemas/";

export class SchemaCollector {
  readonly #components = new Map<string, JsonSchema>();

  /** By their ids, in the order in which they were met. */
  get components(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#components);
  }

  /**
   * What a value is before it was parsed. That is also what handlers answer with: nothing parses a result.
   *
   * @throws Error when two different schemas have the same id.
   */
  convert(schema: z.ZodType): JsonSchema {
    // In an object, so that a schema with an id is referred to as well when it is the outermost one.
    const { $defs = {}, properties } = toJsonSchema(z.object({ it: schema }));
    for (const [id, component] of Object.entries($defs)) this.#add(id, component);
    return properties.it;
  }

  #add(id: string, component: JsonSchema): void {
    const known = this.#components.get(id);
    if (known && JSON.stringify(known) !== JSON.stringify(component)) {
      throw new Error(`Two schemas that differ have the id "${id}"`);
    }
    this.#components.set(id, component);
  }
}

interface Converted {
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly properties: { readonly it: JsonSchema };
}

function toJsonSchema(schema: z.ZodType): Converted {
  const converted = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => dropSafeBounds(jsonSchema),
  });
  const text = JSON.stringify(converted).replaceAll('"$ref":"#/$defs/', `"$ref":"${REF}`);
  return JSON.parse(text) as Converted;
}

/** That an integer fits into a number goes without saying. */
function dropSafeBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

export function referTo(id: string): JsonSchema {
  return { $ref: `${REF}${id}` };
}
