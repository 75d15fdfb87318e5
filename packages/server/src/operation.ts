/**
 * An operation of the API: what it takes, what it answers with, who may call it, and what it does.
 *
 * The schemas are what calls are checked with, and what the OpenAPI document is made of.
 */
import type { Namespace, OpenWorkflow, WorkflowRecord } from "bullmq-workflows/internal";
import type { z } from "zod";
import type { Principal, Role } from "./access/principal.ts";
import type { ResultInfo } from "./envelope.ts";
import type { Jobs } from "./jobs.ts";
import type { StartTelling } from "./live/live-answers.ts";
import type { WebhookService } from "./webhooks/webhook-service.ts";
import type { NamespaceFeed } from "./live/namespace-feed.ts";

/** What a handler is given. Path, query and body have been checked. */
interface Call<Path, Query, Body> {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
  readonly principal: Principal;
  readonly namespace: Namespace;
  readonly jobs: Jobs;
  readonly feed: NamespaceFeed;
  readonly webhooks: WebhookService;
  /** Answers piece by piece, for as long as there is something to tell. @throws {@link ApiError} 429, 503 */
  readonly live: (start: StartTelling) => Promise<Response>;
  /** The workflow that the path names. @throws {@link ApiError} 404 when it is not known */
  readonly workflow: () => Promise<KnownWorkflow>;
}

export interface KnownWorkflow extends OpenWorkflow {
  readonly record: WorkflowRecord;
}

/** What a handler answers with: a result for the envelope, or a response of its own. */
type Answer<Result> = { readonly result: Result; readonly resultInfo?: ResultInfo } | Response;

export interface Operation {
  /** Unique; methods of generated clients are called so. */
  readonly id: string;
  readonly summary: string;
  readonly role: Role;
  readonly path: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly result: z.ZodType;
  /** The result is a list, of which there may be more pages. */
  readonly isPaged?: boolean;
  /** Media types other than JSON that it may answer with. */
  readonly streams?: readonly string[];
  readonly handle: (call: Call<never, never, never>) => Promise<Answer<unknown>>;
}

interface OperationOf<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
> extends Omit<Operation, "path" | "query" | "body" | "result" | "handle"> {
  readonly path: Path;
  readonly query?: Query;
  readonly body?: Body;
  readonly result: Result;
  readonly handle: (
    call: Call<z.output<Path>, z.output<Query>, z.output<Body>>,
  ) => Promise<Answer<z.input<Result>>>;
}

/** Only for its types: handlers see what their schemas say. */
export function operation<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Result extends z.ZodType,
>(definition: OperationOf<Path, Query, Body, Result>): Operation {
  return definition;
}
