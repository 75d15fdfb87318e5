/** The public API of the server. */
export { createServer } from "./create-server.ts";
export type { ServerOptions, WorkflowServer } from "./create-server.ts";
export type { LiveOptions } from "./live/live-answers.ts";
export type { FetchContext } from "./mounting.ts";
export type { WebhookOptions } from "./webhooks/webhook-service.ts";
export type { Authenticate, Peer } from "./access/authentication.ts";
export type { Principal, Role } from "./access/principal.ts";
export { openTokens } from "./access/tokens.ts";
export type { TokenInfo, TokenOptions, Tokens } from "./access/tokens.ts";
export { openAuditLog } from "./access/audit-log.ts";
export type {
  AuditAnswer,
  AuditCall,
  AuditDetail,
  AuditLog,
  AuditRecord,
} from "./access/audit-log.ts";
export type { TrustProxy } from "./access/client-address.ts";
export type { RateLimitOptions } from "./access/rate-limits.ts";
export type { OpenApiDocument } from "./openapi/document.ts";
