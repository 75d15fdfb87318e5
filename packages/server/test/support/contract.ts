/**
 * Compares what a server answers with the OpenAPI document that it serves.
 *
 * More strictly than a client should: a field or a code that the document does not name is one that
 * somebody forgot to describe.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { ERROR_ANSWERS } from "../../src/error-table.ts";
import type { WorkflowServer } from "../../src/index.ts";
import type { DocumentedOperation, OpenApiDocument } from "../../src/openapi/document.ts";
import { isSchema } from "../../src/openapi/type-text.ts";

interface Answer {
  readonly method: string;
  readonly pathname: string;
  readonly status: number;
  readonly mediaType: string;
  /** Empty when it is a stream. */
  readonly text: string;
}

interface Matcher {
  readonly method: string;
  readonly pattern: RegExp;
  readonly operation: DocumentedOperation;
}

export class Contract {
  readonly #document: OpenApiDocument;
  readonly #matchers: readonly Matcher[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false });
  readonly #validators = new Map<unknown, ValidateFunction>();

  constructor(document: OpenApiDocument) {
    this.#document = closed(document);
    this.#matchers = toMatchers(this.#document);
    // It is a function, and TypeScript takes it for a module.
    (addFormats as unknown as typeof addFormats.default)(this.#ajv);
  }

  /** What is wrong with an answer; `undefined` when nothing is. */
  violation(answer: Answer): string | undefined {
    const wrong = this.#check(answer);
    const { method, pathname, status, text } = answer;
    return wrong && `${method} ${pathname}: ${status} ${wrong}\n${text.slice(0, 1_000)}`;
  }

  operationOf(method: string, pathname: string): DocumentedOperation | undefined {
    const path = pathname.replace(/(?<=.)\/$/, "");
    const wanted = method === "HEAD" ? "GET" : method;
    return this.#matchers.find((each) => each.method === wanted && each.pattern.test(path))
      ?.operation;
  }

  #check({ method, pathname, status, mediaType, text }: Answer): string | undefined {
    const operation = this.operationOf(method, pathname);
    const failure = { $ref: "#/components/schemas/Failure" };
    if (!operation) {
      if (status !== 404 && status !== 405)
        return "is answered where the document has no operation";
      return this.#mismatch(failure, text) ?? unknownCode(status, text);
    }
    const response = this.#resolve(operation.responses[String(status)]);
    if (!response) return `is no status that ${operation.operationId} is said to have`;
    if (!response.content && text === "") return undefined;
    const media = response.content?.[mediaType];
    if (!media)
      return `has the type ${mediaType}, which ${operation.operationId} is not said to have`;
    if (mediaType !== "application/json" || method === "HEAD") return undefined;
    const code = status >= 400 && "errors" in parse(text) ? unknownCode(status, text) : undefined;
    return this.#mismatch(media.schema, text) ?? code;
  }

  #resolve(response: DocumentedOperation["responses"][string] | undefined) {
    if (!response || !("$ref" in response)) return response;
    return this.#document.components.responses[response.$ref.split("/").at(-1) ?? ""];
  }

  #mismatch(schema: object, text: string): string | undefined {
    const { components } = this.#document;
    const known = this.#validators.get(schema);
    const validate = known ?? this.#ajv.compile({ ...schema, components });
    this.#validators.set(schema, validate);
    if (validate(JSON.parse(text))) return undefined;
    return `does not match its schema: ${this.#ajv.errorsText(validate.errors)}`;
  }
}

function parse(text: string): object {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? value : {};
}

function unknownCode(status: number, text: string): string | undefined {
  const { errors } = parse(text) as { readonly errors: readonly { readonly code: number }[] };
  const known = ERROR_ANSWERS[status]?.codes ?? {};
  const unknown = errors.find(({ code }) => !(code in known));
  return unknown && `has the code ${unknown.code}, which error-table.ts does not have for it`;
}

function toMatchers({ paths, servers }: OpenApiDocument): readonly Matcher[] {
  return Object.entries(paths).flatMap(([path, { servers: own, ...methods }]) => {
    const bases = own ?? servers;
    // What is about the server is at the root too.
    const roots = path.startsWith("/accounts/") ? bases : [...bases, { url: "/" }];
    return roots.flatMap(({ url }) => {
      const base = url === "/" ? "" : url;
      const text = path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
      const pattern = new RegExp(`^${base}${text}$`);
      return Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        pattern,
        operation,
      }));
    });
  });
}

/** The same, with objects that have what they are said to have and nothing else. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (!isSchema(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, closed(each)] as const);
  const all = Object.fromEntries(entries);
  const isOpen = "properties" in all && all["type"] === "object";
  return (isOpen ? { additionalProperties: false, ...all } : all) as T;
}

const CONTRACTS = new Map<string, Contract>();

/** Compiling schemas takes longer than most tests. */
export function contractOf(document: OpenApiDocument): Contract {
  const key = document.servers[0]?.url ?? "";
  const contract = CONTRACTS.get(key) ?? new Contract(document);
  CONTRACTS.set(key, contract);
  return contract;
}

/** The same server; what it answers otherwise than it says goes to `violations`. */
export function watched(server: WorkflowServer, violations: string[]): WorkflowServer {
  const contract = contractOf(server.document());
  return {
    ...server,
    fetch: async (request, context) => {
      const response = await server.fetch(request, context);
      const mediaType = response.headers.get("content-type")?.split(";")[0] ?? "";
      const text = mediaType === "application/json" ? await response.clone().text() : "";
      const { pathname } = new URL(request.url);
      const { method } = request;
      // What only wrangler calls has Cloudflare's own description.
      if (pathname.startsWith("/cdn-cgi/")) return response;
      const wrong = contract.violation({
        method,
        pathname,
        status: response.status,
        mediaType,
        text,
      });
      if (wrong !== undefined) violations.push(wrong);
      return response;
    },
  };
}
