/** What an operation may be answered with: its result in the envelope, streams, and every kind of error. */
import { z } from "zod";
import { ERROR_ANSWERS } from "../error-table.ts";
import type { ErrorAnswer } from "../error-table.ts";
import type { Operation } from "../operation.ts";
import { referTo } from "./json-schema.ts";
import type { JsonSchema, SchemaCollector } from "./json-schema.ts";

export interface MediaType {
  readonly schema: JsonSchema;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Reference {
  readonly $ref: string;
}

const MESSAGE_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    code: { type: "integer", description: "What kind of error it is. Others may be added." },
    message: { type: "string", description: "For people." },
  },
  required: ["code", "message"],
};

const FAILURE_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    success: { const: false },
    errors: { type: "array", items: referTo("ApiMessage"), minItems: 1 },
    messages: { type: "array", items: {} },
    result: { type: "null" },
  },
  required: ["success", "errors", "messages", "result"],
};

const RESULT_INFO_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    count: { type: "integer", description: "How many are on this page." },
    per_page: { type: "integer" },
    total_count: {
      type: "integer",
      description: "How many there are on all pages. Absent where counting would take too long.",
    },
    page: { type: "integer" },
    total_pages: { type: "integer" },
    cursor: {
      type: "string",
      description: "Where the next page begins. Absent when there are no more.",
    },
  },
  required: ["count", "per_page"],
};

const LIMIT_HEADERS = {
  "RateLimit-Policy": {
    description: "How many calls there may be in how many seconds. Absent where there is no limit.",
    schema: { type: "string", examples: ['"calls";q=6000;w=60'] },
  },
  RateLimit: {
    description: "How many are left, and in how many seconds all of them are back.",
    schema: { type: "string", examples: ['"calls";r=5990;t=1'] },
  },
} as const;

const RETRY_AFTER = {
  "Retry-After": { description: "In seconds.", schema: { type: "integer", minimum: 1 } },
} as const;

const LIMIT_REFERENCES = {
  "RateLimit-Policy": { $ref: "#/components/headers/RateLimit-Policy" },
  RateLimit: { $ref: "#/components/headers/RateLimit" },
} as const;

/** Answers that any operation may get, as components. */
export function toErrorResponses(): {
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly headers: Readonly<Record<string, unknown>>;
} {
  const responses = Object.entries(ERROR_ANSWERS).map(
    ([status, answer]): [string, DocumentedResponse] => [
      answer.id,
      {
        description: describeError(answer),
        ...(status === "429" && { headers: { ...LIMIT_REFERENCES, ...RETRY_AFTER } }),
        content: toJsonContent(referTo("Failure")),
      },
    ],
  );
  return {
    responses: Object.fromEntries(responses),
    headers: LIMIT_HEADERS,
    schemas: {
      ApiMessage: MESSAGE_SCHEMA,
      Failure: FAILURE_SCHEMA,
      ResultInfo: RESULT_INFO_SCHEMA,
    },
  };
}

function describeError({ description, codes }: ErrorAnswer): string {
  const rows = Object.entries(codes).map(([code, when]) => `- \`${code}\`: ${when}`);
  return `${description}\n\n${rows.join("\n")}`;
}

/** By status. */
export function toResponses(
  operation: Operation,
  collector: SchemaCollector,
): Readonly<Record<string, DocumentedResponse | Reference>> {
  const { role, otherAnswers = {} } = operation;
  const errors = statusesOf(operation).flatMap((status) => {
    const answer = ERROR_ANSWERS[status];
    return answer ? [[status, { $ref: `#/components/responses/${answer.id}` }] as const] : [];
  });
  const own = Object.entries(otherAnswers).map(([status, { description, body }]) => {
    const isEmpty = body instanceof z.ZodNever;
    const content = isEmpty ? {} : { content: toJsonContent(collector.convert(body)) };
    return [status, { description, ...content }] as const;
  });
  return {
    200: {
      description: "Done.",
      ...(role !== "open" && { headers: LIMIT_REFERENCES }),
      content: toContent(operation, collector),
    },
    ...Object.fromEntries(errors),
    ...Object.fromEntries(own),
  };
}

function statusesOf({ role, body, scope }: Operation): readonly number[] {
  const always = [400, 404, 500, 503];
  return [...always, ...(role === "open" ? [] : [401, 403, 429]), ...(body ? [413] : [])]
    .filter((status) => role !== "open" || scope === "account" || status === 500)
    .toSorted((a, b) => a - b);
}

function toContent(
  operation: Operation,
  collector: SchemaCollector,
): Readonly<Record<string, MediaType>> {
  const { result, streams = [], streamItem } = operation;
  const isJson = result !== undefined && !(result instanceof z.ZodNever);
  const item = streamItem && collector.convert(streamItem);
  const streamed = streams.map((mediaType) => [mediaType, toStream(mediaType, item)] as const);
  return {
    ...(isJson && toJsonContent(toBody(operation, collector.convert(result)))),
    ...Object.fromEntries(streamed),
  };
}

function toJsonContent(schema: JsonSchema): Readonly<Record<string, MediaType>> {
  return { "application/json": { schema } };
}

/** A stream of JSON says of what one item of it is. */
function toStream(mediaType: string, item: JsonSchema | undefined): MediaType {
  if (mediaType === "application/octet-stream") return { schema: {} };
  const isOfJson = item && { contentMediaType: "application/json", contentSchema: item };
  return { schema: { type: "string", ...isOfJson } };
}

function toBody({ isBare, isPaged }: Operation, result: JsonSchema): JsonSchema {
  if (isBare) return result;
  return {
    type: "object",
    properties: {
      success: { const: true },
      errors: { type: "array", items: referTo("ApiMessage"), maxItems: 0 },
      messages: { type: "array", items: {} },
      result,
      ...(isPaged && { result_info: referTo("ResultInfo") }),
    },
    required: ["success", "errors", "messages", "result", ...(isPaged ? ["result_info"] : [])],
  };
}
