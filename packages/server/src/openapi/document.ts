/**
 * The OpenAPI 3.1 document, made of the table of operations and of the schemas that check calls, so that
 * what is said of the API is what it does.
 */
import type { Operation } from "../operation.ts";
import type { Route } from "../routes.ts";
import { SchemaCollector } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";
import { toErrorResponses, toResponses } from "./responses.ts";
import type { DocumentedResponse, Reference } from "./responses.ts";

export interface DocumentedParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  /** Fields are named one by one: `name[field]=value`. */
  readonly style?: "deepObject";
  readonly schema: JsonSchema;
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly DocumentedParameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: { readonly "application/json": { readonly schema: JsonSchema } };
  };
  readonly responses: Readonly<Record<string, DocumentedResponse | Reference>>;
  /** Empty where nobody is asked who he is. */
  readonly security?: readonly [];
  /** What a caller needs to be: `view`, `operate`, `admin`, or `open`. */
  readonly "x-role": Operation["role"];
  /** Whether there may be more pages. */
  readonly "x-paged"?: true;
}

type PathItem = {
  readonly servers?: readonly { readonly url: string }[];
} & { readonly [method in Lowercase<Route["method"]>]?: DocumentedOperation };

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, DocumentedResponse>>;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}

export interface DocumentOptions {
  /** What the paths begin with. */
  readonly basePath: string;
  /** The server's. */
  readonly version: string;
  /** Whether it is all about one namespace, which paths then do not name. @defaultValue false */
  readonly hasNoAccounts?: boolean;
}

const DESCRIPTION = `The REST API of Cloudflare Workflows, over the instances in your Redis, and what this project
adds to it. Answers come in an envelope: \`{ success, errors, messages, result, result_info? }\`.

An \`account_id\` is a namespace. A token goes with a call as \`Authorization: Bearer\`, or as \`X-Auth-Key\`. While
there are no tokens, programs on the server's own machine need none, and nobody else is served.`;

const SECURITY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "An API token." },
  authKey: {
    type: "apiKey",
    in: "header",
    name: "X-Auth-Key",
    description: "An API token, as some of Cloudflare's clients send it.",
  },
} as const;

const ACCOUNT: DocumentedParameter = {
  name: "account_id",
  in: "path",
  required: true,
  description: "The namespace.",
  schema: { type: "string" },
};

/** How an operation on an account says which one. */
interface AccountPart {
  readonly prefix: string;
  readonly parameters: readonly DocumentedParameter[];
}

const IN_ACCOUNT: AccountPart = { prefix: "/accounts/{account_id}", parameters: [ACCOUNT] };

const NO_ACCOUNT: AccountPart = { prefix: "", parameters: [] };

/** @throws Error when two schemas that differ have the same id. */
export function toDocument(
  routes: readonly Route[],
  { basePath, version, hasNoAccounts = false }: DocumentOptions,
): OpenApiDocument {
  const collector = new SchemaCollector();
  const paths = toPaths(routes, collector, hasNoAccounts ? NO_ACCOUNT : IN_ACCOUNT);
  const { responses, schemas, headers } = toErrorResponses();
  return {
    openapi: "3.1.1",
    info: { title: "BullMQ Workflows", version, description: DESCRIPTION },
    servers: [{ url: basePath === "" ? "/" : basePath }],
    security: [{ bearer: [] }, { authKey: [] }],
    tags: toTags(paths),
    paths,
    components: {
      schemas: { ...schemas, ...collector.components },
      responses,
      headers,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** What is served in two places is described in one. */
function toPaths(
  routes: readonly Route[],
  collector: SchemaCollector,
  inAccount: AccountPart,
): Readonly<Record<string, PathItem>> {
  const paths: Record<string, PathItem> = {};
  const described = new Set<Operation>();
  for (const route of routes.toSorted(byPlace)) {
    const { method, operation } = route;
    if (described.has(operation)) continue;
    described.add(operation);
    const account = operation.scope === "account" ? inAccount : NO_ACCOUNT;
    const path = `${account.prefix}${route.path}` || "/";
    const servers = route.isAtRoot ? { servers: [{ url: "/" }] } : {};
    const documented = { [method.toLowerCase()]: toOperation(route, collector, account) };
    paths[path] = { ...paths[path], ...servers, ...documented };
  }
  return paths;
}

/** Those under the base path first; otherwise as they stand in the table. */
function byPlace(a: Route, b: Route): number {
  return Number(a.isAtRoot ?? false) - Number(b.isAtRoot ?? false);
}

function toOperation(
  { path, operation }: Route,
  collector: SchemaCollector,
  account: AccountPart,
): DocumentedOperation {
  const { id, summary, description, role, body, isPaged, scope } = operation;
  const needs = role === "open" ? "Anybody may call it." : `Needs the role \`${role}\`.`;
  return {
    operationId: id,
    summary,
    description: description === undefined ? needs : `${description}\n\n${needs}`,
    tags: [tagOf(path, scope)],
    parameters: [...account.parameters, ...toParameters(operation, collector)],
    ...(body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: collector.convert(body) } },
      },
    }),
    responses: toResponses(operation, collector),
    ...(role === "open" && { security: [] as const }),
    "x-role": role,
    ...(isPaged && { "x-paged": true }),
  };
}

function toParameters(
  { path, query, headers }: Operation,
  collector: SchemaCollector,
): DocumentedParameter[] {
  const places = { path, query, header: headers } as const;
  return (["path", "query", "header"] as const).flatMap((place) =>
    Object.entries(places[place]?.shape ?? {}).map(([name, schema]) => {
      const { description, ...rest } = collector.convert(schema as Operation["path"]);
      return {
        name,
        in: place,
        required: place === "path" || !(schema as Operation["path"]).safeParse(undefined).success,
        ...(typeof description === "string" && { description }),
        ...(rest["type"] === "object" && { style: "deepObject" as const }),
        schema: rest,
      };
    }),
  );
}

const TAGS: Readonly<Record<string, string>> = {
  Workflows: "What can be run.",
  Versions: "The settings of a workflow.",
  Instances: "What runs.",
  Bulk: "One thing that is done to many instances.",
  Workers: "The processes that run workflows.",
  Feed: "Changes of status, as they happen.",
  Webhooks: "Who is called when something happens.",
  Server: "The server itself.",
};

/** By the last of the things that the path names. */
function tagOf(path: string, scope: Operation["scope"]): string {
  if (scope === "server") return "Server";
  const things = path.split("/").filter((part) => /^[a-z-]+$/.test(part));
  const known = things.filter((part) => toTitle(part) in TAGS).at(-1) ?? things[0] ?? "server";
  return toTitle(known);
}

function toTitle(word: string): string {
  const text = word.replaceAll("-", " ");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function toTags(paths: OpenApiDocument["paths"]): OpenApiDocument["tags"] {
  const names = Object.values(paths).flatMap((item) =>
    METHODS.flatMap((method) => item[method]?.tags ?? []),
  );
  return [...new Set(names)].map((name) => ({ name, description: TAGS[name] ?? `${name}.` }));
}

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
