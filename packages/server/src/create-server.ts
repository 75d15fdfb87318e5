/** Puts the server together: a web-standard `fetch` handler over an engine's connection. */
import { Hono } from "hono";
import { namespaceOf, openAccessLedger, openNamespace } from "bullmq-workflows/internal";
import type { Logger, WorkflowEngine } from "bullmq-workflows";
import { AuditLog } from "./access/audit-log.ts";
import type { Authenticate } from "./access/authentication.ts";
import { Rechecks } from "./access/rechecks.ts";
import { Tokens } from "./access/tokens.ts";
import { noMethod, noRoute } from "./api-error.ts";
import { fail } from "./envelope.ts";
import { answering, invoke } from "./invoke.ts";
import type { InvocationParts, ServedNamespace } from "./invoke.ts";
import { Jobs } from "./jobs.ts";
import { LiveAnswers } from "./live/live-answers.ts";
import type { LiveOptions } from "./live/live-answers.ts";
import { NamespaceFeed } from "./live/namespace-feed.ts";
import { WebhookService } from "./webhooks/webhook-service.ts";
import type { WebhookOptions } from "./webhooks/webhook-service.ts";
import { ROUTES } from "./routes.ts";
import type { Route } from "./routes.ts";

export interface ServerOptions {
  /** Whose Redis, prefix and durability are used. A `client` is enough. The server does not close it. */
  readonly engine: WorkflowEngine<never>;
  /** The namespaces that are served, each as a Cloudflare account. @defaultValue the engine's own */
  readonly namespaces?: readonly string[];
  /** The host's own check of who is calling. With it, being on the same machine is not enough. */
  readonly authenticate?: Authenticate;
  /** What the paths begin with. @defaultValue "/client/v4" */
  readonly basePath?: string;
  /** The largest body, in bytes. @defaultValue 2 MiB */
  readonly bodyLimit?: number;
  /** What may be subscribed to at the same time, and how it is kept alive. */
  readonly subscriptions?: LiveOptions;
  readonly webhooks?: WebhookOptions;
  /** Hears of what failed without being the caller's fault. @defaultValue silence */
  readonly logger?: Logger;
}

/** What a host knows of a call beside the request; Hono's adapter for Node has it in another form. */
export interface FetchContext {
  readonly remoteAddress?: string;
  readonly incoming?: {
    readonly socket?: {
      readonly remoteAddress?: string | undefined;
      readonly destroy?: () => unknown;
    };
  };
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
  const { engine, basePath = "/client/v4" } = options;
  const ledger = openAccessLedger(engine);
  const tokens = new Tokens(ledger, namespaceOf(engine));
  const audit = new AuditLog(ledger);
  const onError = (error: unknown): void => {
    options.logger?.("error", "a call of the REST API failed", { error });
  };
  const live = new LiveAnswers(options.subscriptions ?? {}, onError);
  const names = options.namespaces ?? [namespaceOf(engine)];
  const served = new Map(names.map((name) => [name, serve(options, name, onError)]));
  const parts: InvocationParts = {
    tokens,
    audit,
    live,
    rechecks: new Rechecks(),
    authenticate: options.authenticate,
    bodyLimitBytes: options.bodyLimit ?? BODY_LIMIT_BYTES,
    namespaceOf: (name) => served.get(name),
    onError,
  };
  const app = createApp(basePath, parts);
  return {
    tokens,
    audit,
    fetch: async (request, context = {}) => await app.fetch(request, context),
    openSubscriptions: () => live.size,
    endSubscriptions: () => live.close(),
    close: async () => {
      live.close();
      await Promise.all(
        [...served.values()].map(async ({ namespace, jobs, webhooks }) => {
          await jobs.close();
          await webhooks.close();
          await namespace.close();
        }),
      );
    },
  };
}

function serve(
  { engine, webhooks = {} }: ServerOptions,
  name: string,
  onError: (error: unknown) => void,
): ServedNamespace {
  const namespace = openNamespace(engine, name);
  const parts = { namespace, onError };
  return {
    namespace,
    jobs: new Jobs(parts),
    feed: new NamespaceFeed(parts),
    webhooks: new WebhookService({ ...parts, options: webhooks }),
  };
}

type Bindings = { readonly Bindings: FetchContext };

function createApp(basePath: string, parts: InvocationParts): Hono<Bindings> {
  // Not strict: a slash at the end of a path makes no difference.
  const app = new Hono<Bindings>({ strict: false });
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SAFE_HEADERS)) {
      if (!context.res.headers.has(name)) context.header(name, value);
    }
  });
  for (const route of ROUTES) mount(app, basePath, route, parts);
  const paths = new Set(ROUTES.map(({ path }) => path));
  for (const path of paths) {
    app.all(toPattern(basePath, path), (context) => fail(noMethod(context.req.method)));
  }
  app.notFound((context) => fail(noRoute(context.req.path)));
  app.onError(async (error) => {
    return await answering(parts, async () => await Promise.reject<Response>(error));
  });
  return app;
}

function mount(
  app: Hono<Bindings>,
  basePath: string,
  { method, path, operation }: Route,
  parts: InvocationParts,
): void {
  app.on(method, toPattern(basePath, path), async ({ req, env }) => {
    const { socket } = env.incoming ?? {};
    const peer = { remoteAddress: env.remoteAddress ?? socket?.remoteAddress };
    const cutOff = socket?.destroy && ((): void => void socket.destroy?.());
    return await invoke({ operation, request: req.raw, peer, path: req.param(), cutOff }, parts);
  });
}

function toPattern(basePath: string, path: string): string {
  return `${basePath}/accounts/:account_id${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
}
