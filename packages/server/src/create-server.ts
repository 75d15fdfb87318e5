/** Puts the server together: a web-standard `fetch` handler over an engine's connection. */
import { Hono } from "hono";
import {
  checkStore,
  namespaceOf,
  openAccessLedger,
  openNamespace,
} from "bullmq-workflows/internal";
import type { Logger, WorkflowEngine } from "bullmq-workflows";
import { AuditLog } from "./access/audit-log.ts";
import type { Authenticate } from "./access/authentication.ts";
import { findClientBy } from "./access/client-address.ts";
import type { TrustProxy } from "./access/client-address.ts";
import { RateLimits } from "./access/rate-limits.ts";
import type { RateLimitOptions } from "./access/rate-limits.ts";
import { Rechecks } from "./access/rechecks.ts";
import { Tokens } from "./access/tokens.ts";
import { noMethod, noRoute } from "./api-error.ts";
import { fail } from "./envelope.ts";
import { mountExplorer } from "./explorer/mount-explorer.ts";
import { answering } from "./invoke.ts";
import type { InvocationParts, ServedNamespace } from "./invoke.ts";
import { Jobs } from "./jobs.ts";
import { LiveAnswers } from "./live/live-answers.ts";
import type { LiveOptions } from "./live/live-answers.ts";
import { NamespaceFeed } from "./live/namespace-feed.ts";
import { WebhookService } from "./webhooks/webhook-service.ts";
import type { WebhookOptions } from "./webhooks/webhook-service.ts";
import { mountRoute, toHono } from "./mounting.ts";
import type { FetchContext, Mounting } from "./mounting.ts";
import { once } from "./once.ts";
import { toDocument } from "./openapi/document.ts";
import type { OpenApiDocument } from "./openapi/document.ts";
import { toReferencePage } from "./openapi/reference-page.ts";
import type { ServerFacts } from "./operation.ts";
import { Readiness } from "./readiness.ts";
import { ROUTES } from "./routes.ts";
import type { Route } from "./routes.ts";
import { VERSION } from "./version.ts";

export interface ServerOptions {
  /** Whose Redis, prefix and durability are used. A `client` is enough. The server does not close it. */
  readonly engine: WorkflowEngine<never>;
  /** The namespaces that are served, each as a Cloudflare account. @defaultValue the engine's own */
  readonly namespaces?: readonly string[];
  /** The host's own check of who is calling. With it, being on the same machine is not enough. */
  readonly authenticate?: Authenticate;
  /** What the paths begin with. @defaultValue "/client/v4" */
  readonly basePath?: string;
  /**
   * Whether the engine's own namespace is also served as Cloudflare's local explorer does, under
   * `/cdn-cgi/local/explorer/api`: what `wrangler workflows … --local` calls. That sends no token, so once
   * there are tokens it gets nothing. @defaultValue false
   */
  readonly localExplorer?: boolean;
  /** The largest body, in bytes. @defaultValue 2 MiB */
  readonly bodyLimit?: number;
  /** What may be subscribed to at the same time, and how it is kept alive. */
  readonly subscriptions?: LiveOptions;
  readonly webhooks?: WebhookOptions;
  /** How often anybody may call, per process; `false` for as often as he likes. See {@link RateLimitOptions} */
  readonly rateLimit?: RateLimitOptions | false;
  /** How many proxies are in front, or which: what those say of where a call comes from is believed. @defaultValue none */
  readonly trustProxy?: TrustProxy;
  /** Hears of what failed without being the caller's fault. @defaultValue silence */
  readonly logger?: Logger;
}

export interface WorkflowServer {
  /** Answers a request. Without the caller's address in `context`, nobody passes for a local program. */
  readonly fetch: (request: Request, context?: FetchContext) => Promise<Response>;
  readonly tokens: Tokens;
  readonly audit: AuditLog;
  /** How many subscriptions are open. */
  readonly openSubscriptions: () => number;
  /** Ends the subscriptions that are open, and takes no more: for a host that is about to close. */
  readonly endSubscriptions: () => void;
  /** Resolves when it has done what it was told to do in the background. */
  readonly settled: () => Promise<void>;
  /** The OpenAPI document that it serves. */
  readonly document: () => OpenApiDocument;
  /** Stops what it does in the background, and closes what it opened. */
  readonly close: () => Promise<void>;
}

const BODY_LIMIT_BYTES = 2 * 1_048_576;

/** No answer is for a browser to show, guess the type of, frame or keep. */
const SAFE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/**
 * Creates the server of the REST API.
 *
 * @example
 * ```ts
 * const engine = new WorkflowEngine({ connection: "redis://localhost:6379", mode: "client" });
 * const server = createServer({ engine });
 * const response = await server.fetch(new Request("http://localhost/client/v4/accounts/default/workflows"));
 * ```
 */
export function createServer(options: ServerOptions): WorkflowServer {
  const { engine, basePath = "/client/v4", logger } = options;
  const ledger = openAccessLedger(engine);
  const tokens = new Tokens(ledger, namespaceOf(engine));
  const audit = new AuditLog(ledger);
  const onError = (error: unknown): void => {
    logger?.("error", "a call of the REST API failed", { error });
  };
  // Nobody has called: deliveries, bulk actions and the like.
  const onBackgroundError = (error: unknown): void => {
    logger?.("error", "background work of the REST API failed", { error });
  };
  const live = new LiveAnswers(options.subscriptions ?? {}, onError);
  const names = options.namespaces ?? [namespaceOf(engine)];
  const served = new Map(names.map((name) => [name, serve(options, name, onBackgroundError)]));
  const readiness = new Readiness({ check: async () => await checkStore(engine), onError });
  const server = describeServer([...served.keys()], basePath, readiness);
  const parts: InvocationParts = {
    tokens,
    audit,
    live,
    rechecks: new Rechecks(),
    server,
    authenticate: options.authenticate,
    limits: options.rateLimit === false ? undefined : new RateLimits(options.rateLimit),
    onCheckFailed: (error) => logger?.("warn", "the host's own check refused a call", { error }),
    bodyLimitBytes: options.bodyLimit ?? BODY_LIMIT_BYTES,
    namespaceOf: (name) => served.get(name),
    onError,
  };
  const app = createApp();
  const mounting = { app, findClient: findClientBy(options.trustProxy) };
  mountApi(mounting, basePath, parts);
  if (options.localExplorer) mountExplorer(mounting, parts, namespaceOf(engine));
  return {
    tokens,
    audit,
    document: server.document,
    fetch: async (request, context = {}) => await app.fetch(request, context),
    openSubscriptions: () => live.size,
    endSubscriptions: () => live.close(),
    settled: async () => {
      await Promise.all([...served.values()].map(async ({ jobs }) => await jobs.settled()));
    },
    close: async () => {
      readiness.close();
      live.close();
      await Promise.all([...served.values()].map(close));
    },
  };
}

async function close({ namespace, jobs, webhooks }: ServedNamespace): Promise<void> {
  await jobs.close();
  await webhooks.close();
  await namespace.close();
}

/** The document takes a while to make, and is not asked for by most. */
function describeServer(
  namespaces: readonly string[],
  basePath: string,
  readiness: Readiness,
): ServerFacts {
  const document = once(() => toDocument(ROUTES, { basePath, version: VERSION }));
  return {
    namespaces,
    readiness,
    document,
    documentText: once(() => JSON.stringify(document())),
    referencePage: once(() => toReferencePage(document())),
  };
}

function serve(
  { engine, webhooks = {}, logger }: ServerOptions,
  name: string,
  onError: (error: unknown) => void,
): ServedNamespace {
  const namespace = openNamespace(engine, name);
  const parts = { namespace, onError };
  const onLoss = (workflow: string, dropped: number): void => {
    const facts = { namespace: name, workflow, dropped };
    logger?.("error", "an outbox was full, webhooks are not told of its oldest changes", facts);
  };
  return {
    namespace,
    jobs: new Jobs(parts),
    feed: new NamespaceFeed(parts),
    webhooks: new WebhookService({ ...parts, onLoss, options: webhooks }),
  };
}

function createApp(): Mounting["app"] {
  // Not strict: a slash at the end of a path makes no difference.
  const app: Mounting["app"] = new Hono({ strict: false });
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SAFE_HEADERS)) {
      // An answer may have a policy of its own.
      if (!context.res.headers.has(name)) context.header(name, value);
    }
  });
  return app;
}

function mountApi(mounting: Mounting, basePath: string, parts: InvocationParts): void {
  const { app } = mounting;
  for (const route of ROUTES) {
    mountRoute(mounting, route, toPattern(basePath, route), (path) => ({ path, parts }));
  }
  for (const pattern of new Set(ROUTES.map((route) => toPattern(basePath, route)))) {
    app.all(toHono(pattern), (context) => fail(noMethod(context.req.method)));
  }
  app.notFound((context) => fail(noRoute(context.req.path)));
  app.onError(async (error) => {
    return await answering(parts, async () => await Promise.reject<Response>(error));
  });
}

function toPattern(basePath: string, { path, operation, isAtRoot }: Route): string {
  const base = isAtRoot ? "" : basePath;
  const account = operation.scope === "account" ? "/accounts/{account_id}" : "";
  return `${base}${account}${path}`;
}
