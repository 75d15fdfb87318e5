/** The public API of the client. */
export type { BulkApi } from "./bulk-api.ts";
export { WorkflowsClient } from "./workflows-client.ts";
export type {
  CallArguments,
  EventOf,
  EventsId,
  ItemOf,
  ListId,
  OperationId,
  PartsOf,
  ResultOf,
} from "./caller.ts";
export { WorkflowsApiError, WorkflowsConnectionError } from "./errors.ts";
export type { InstancesApi, RestartPoint, StatusChange } from "./instances-api.ts";
export { OPERATIONS } from "./api.generated.ts";
export type * from "./api.generated.ts";
export type { Page, Pages, Place } from "./pages.ts";
export type { CallOptions, ClientOptions } from "./transport.ts";
export type { WebhooksApi } from "./webhooks-api.ts";
export type { WorkflowsApi } from "./workflows-api.ts";
