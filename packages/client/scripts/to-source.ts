/** The types of the client, made of the OpenAPI document. */
import { METHODS } from "../../server/src/openapi/document.ts";
import type {
  DocumentedOperation,
  DocumentedParameter,
  OpenApiDocument,
} from "../../server/src/openapi/document.ts";
import type { JsonSchema } from "../../server/src/openapi/json-schema.ts";
import type { MediaType } from "../../server/src/openapi/responses.ts";
import { isSchema, toTypeText } from "../../server/src/openapi/type-text.ts";

const HEAD = `/**
 * What the server's API takes and answers with. Generated from its OpenAPI document by
 * \`npm run generate -w packages/client\`; a test fails when it is not what that would write.
 */
`;

const COMMENTED = { hasComments: true };

interface Found {
  readonly method: string;
  readonly path: string;
  readonly operation: DocumentedOperation;
}

export function toSource(document: OpenApiDocument): string {
  const operations = findOperations(document);
  const types = Object.entries(document.components.schemas)
    .filter(([id]) => !OF_THE_ENVELOPE.has(id))
    .map(([id, schema]) => toDeclaration(id, schema));
  const entries = operations.map(toEntry).join("\n");
  const table = operations.map(toRow).join("\n");
  return `${HEAD}
${types.join("\n\n")}

/** What each operation takes beside the account, and what comes of it, by its id. */
export interface Operations {
${entries}
}

/** How each operation is called. */
export const OPERATIONS: Readonly<Record<keyof Operations, OperationFacts>> = {
${table}
};

export interface OperationFacts {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Under the base path. Parameters in braces. */
  readonly path: string;
  /** Its result is the whole body. */
  readonly isBare?: true;
  /** Media types other than JSON that it may answer with. */
  readonly streams?: readonly string[];
}
`;
}

const OF_THE_ENVELOPE: ReadonlySet<string> = new Set(["Failure"]);

function findOperations(document: OpenApiDocument): readonly Found[] {
  return Object.entries(document.paths)
    .filter(([, item]) => item.servers === undefined)
    .flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        return operation ? [{ method: method.toUpperCase(), path, operation }] : [];
      }),
    );
}

function toDeclaration(id: string, schema: JsonSchema): string {
  const { description } = schema;
  const comment = typeof description === "string" ? `/** ${description} */\n` : "";
  const type = toTypeText(schema, COMMENTED);
  if (/^\{[^]*\}$/.test(type) && !/\n\} \| \{/.test(type)) {
    return `${comment}export interface ${id} ${type}`;
  }
  return `${comment}export type ${id} = ${type};`;
}

function toEntry({ operation }: Found): string {
  const { operationId, summary, parameters, requestBody } = operation;
  const body = requestBody?.content["application/json"].schema;
  const path = toPart("path", parameters);
  const query = toPart("query", parameters);
  const parts = {
    type: "object",
    properties: { ...path, ...query, ...(body && { body }) },
    required: [
      ...Object.keys(path),
      ...(isNeeded("query", parameters) ? ["query"] : []),
      ...(body ? ["body"] : []),
    ],
  };
  const isWithout = Object.keys(parts.properties).length === 0;
  const partsType = isWithout
    ? "Readonly<Record<never, never>>"
    : indent(toTypeText(parts, COMMENTED));
  const result = indent(toTypeText(resultOf(operation), COMMENTED));
  return `  /** ${summary}. */
  readonly ${operationId}: {
    readonly parts: ${partsType};
    readonly result: ${result};
    readonly event: ${indent(toTypeText(eventOf(operation), COMMENTED))};
  };`;
}

/** The account is the client's, not a call's. */
function toPart(
  place: "path" | "query",
  parameters: readonly DocumentedParameter[],
): Readonly<Record<string, JsonSchema>> {
  const own = parameters.filter((each) => each.in === place && each.name !== "account_id");
  if (own.length === 0) return {};
  const properties = own.map(({ name, description, schema }) => [
    name,
    { ...schema, ...(description !== undefined && { description }) },
  ]);
  const required = own.filter((each) => each.required).map(({ name }) => name);
  return { [place]: { type: "object", properties: Object.fromEntries(properties), required } };
}

function isNeeded(place: string, parameters: readonly DocumentedParameter[]): boolean {
  return parameters.some((each) => each.in === place && each.required);
}

/** Without its envelope; of what is a stream alone, nothing. */
function resultOf(operation: DocumentedOperation): JsonSchema {
  const schema = contentOf(operation)["application/json"]?.schema;
  return schema ? (enveloped(schema) ?? schema) : { not: {} };
}

/** What it tells as server-sent events, if it does. */
function eventOf(operation: DocumentedOperation): unknown {
  return contentOf(operation)["text/event-stream"]?.schema["contentSchema"] ?? { not: {} };
}

/** What is in the envelope; `undefined` if it is none. */
function enveloped({ properties }: JsonSchema): JsonSchema | undefined {
  const isEnvelope = isSchema(properties) && isSchema(properties["success"]);
  return isEnvelope && isSchema(properties["result"]) ? properties["result"] : undefined;
}

function contentOf({ responses }: DocumentedOperation): Readonly<Record<string, MediaType>> {
  const response = responses["200"];
  return response && "content" in response ? (response.content ?? {}) : {};
}

function toRow({ method, path, operation }: Found): string {
  const content = contentOf(operation);
  const json = content["application/json"];
  const streams = Object.keys(content).filter((mediaType) => mediaType !== "application/json");
  const facts = {
    method,
    path,
    ...(json && !enveloped(json.schema) && { isBare: true }),
    ...(streams.length > 0 && { streams }),
  };
  return `  ${operation.operationId}: ${JSON.stringify(facts)},`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n    ");
}
