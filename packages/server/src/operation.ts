/**
 * An operation of the API: what it takes, what it answers with, who may call it, and what it does.
 *
 * The schemas are what calls are checked with, and what the OpenAPI document is made of: give whatever a
 * caller fills in a description, by `.describe()`, and what several operations share an id, by `.meta()`.
 */
import type { Namespace, OpenWorkflow, WorkflowRecord } from "bullmq-workflows/internal";
import type { z } from "zod";
import type { AuditLog } from "./access/audit-log.ts";
import type { Principal, Role } from "./access/principal.ts";
import type { ExplorerResultInfo, ResultInfo } from "./envelope.ts";
import type { Jobs } from "./jobs.ts";
import type { StartTelling } from "./live/live-answers.ts";
import type { WebhookService } from "./webhooks/webhook-service.ts";
import type { NamespaceFeed } from "./live/namespace-feed.ts";
import type { OpenApiDocument } from "./openapi/document.ts";
import type { Readiness } from "./readiness.ts";

/** What any handler is given. Path, query and body have been checked. */
interface AnyCall<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
}

/** What the handler of an operation on an account is given. */
interface Call<Path, Query, Body> extends AnyCall<Path, Query, Body> {
  readonly principal: Principal;
  readonly namespace: Namespace;
  readonly jobs: Jobs;
  readonly audit: AuditLog;
  /** Puts on record what the call asks for, where its path does not say it. */
  readonly note: (detail: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly feed: NamespaceFeed;
  readonly webhooks: WebhookService;
  /** Answers piece by piece, for as long as there is something to tell. @throws {@link ApiError} 429, 503 */
  readonly live: (start: StartTelling) => Promise<Response>;
  /** The workflow that the path names. @throws {@link ApiError} 404 when it is not known */
  readonly workflow: () => Promise<KnownWorkflow>;
}

/** What the handler of an operation on the server itself is given. */
interface ServerCall<Path, Query, Body> extends AnyCall<Path, Query, Body> {
  /** Absent where the role is `open`: nobody was asked who he is. */
  readonly principal: Principal | undefined;
  readonly server: ServerFacts;
}

/** What is known of a server without looking into an account. */
export interface ServerFacts {
  /** Those that are served, whoever may use them. */
  readonly namespaces: readonly string[];
  readonly readiness: Readiness;
  /** The description of the API. Made once, as are its forms as a text: anybody may ask for them. */
  readonly document: () => OpenApiDocument;
  readonly documentText: () => string;
  readonly referencePage: () => string;
}

export interface KnownWorkflow extends OpenWorkflow {
  readonly record: WorkflowRecord;
}

/** What a handler answers with: a result for the envelope, or a response of its own. */
type Answer<Result> =
  | { readonly result: Result; readonly resultInfo?: ResultInfo | ExplorerResultInfo }
  | Response;

interface OtherAnswer {
  readonly description: string;
  readonly body: z.ZodType;
}

export interface Operation {
  /** Unique; what generated clients call it. */
  readonly id: string;
  /** One line. */
  readonly summary: string;
  /** What the summary has no room for. */
  readonly description?: string;
  /** What it is about: an account, which the path then begins with, or the server itself. */
  readonly scope: "account" | "server";
  /** Who may call it; `open`, which only operations on the server can be, is anybody. */
  readonly role: Role | "open";
  readonly path: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers that mean something to it. They are only described: it reads them itself. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A body that is missing, or no JSON, is taken for none. */
  readonly hasOptionalBody?: boolean;
  /** Absent when it answers with `streams` alone. */
  readonly result?: z.ZodType;
  /** The result is a list, of which there may be more pages. */
  readonly isPaged?: boolean;
  /** The result is all of the body, without an envelope. */
  readonly isBare?: boolean;
  /** Media types other than JSON that it may answer with. */
  readonly streams?: readonly string[];
  /** Of what one item of such a stream is, where it consists of JSON. */
  readonly streamItem?: z.ZodType;
  /** Answers of its own with another status than 200: their bodies, without an envelope; `z.never()` for none. */
  readonly otherAnswers?: Readonly<Record<number, OtherAnswer>>;
  readonly handle: (call: never) => Promise<Answer<unknown>>;
}

type Schemas<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
> = Omit<Operation, "scope" | "role" | "path" | "query" | "body" | "result" | "handle"> & {
  readonly path: Path;
  readonly query?: Query;
  readonly body?: Body;
  readonly result?: Result;
};

/** An operation on an account. Only for its types: handlers see what their schemas say. */
export function operation<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
>(
  definition: Schemas<Path, Query, Body, Result> & {
    readonly role: Role;
    readonly handle: (
      call: Call<z.output<Path>, z.output<Query>, z.output<Body>>,
    ) => Promise<Answer<z.input<Result>>>;
  },
): Operation {
  return { ...definition, scope: "account" };
}

/** An operation on the server itself. It sees no namespace, and has to heed what the principal may see. */
export function serverOperation<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
>(
  definition: Schemas<Path, Query, Body, Result> & {
    readonly role: Role | "open";
    readonly handle: (
      call: ServerCall<z.output<Path>, z.output<Query>, z.output<Body>>,
    ) => Promise<Answer<z.input<Result>>>;
  },
): Operation {
  return { ...definition, scope: "server" };
}
