/**
 * The API as a table. Paths of operations on an account are under `/client/v4/accounts/{account_id}`, those
 * of operations on the server under `/client/v4`, or at the root. Where two match, the first counts.
 *
 * If you add an operation, it is in the OpenAPI document by that; give it a row in docs/server.md, and run
 * `npm run generate -w packages/client`.
 */
import { cancelBulk } from "./handlers/cancel-bulk.ts";
import { changeStatus } from "./handlers/change-status.ts";
import { createInstance } from "./handlers/create-instance.ts";
import { createInstances } from "./handlers/create-instances.ts";
import { createWebhook } from "./handlers/create-webhook.ts";
import { deleteInstance } from "./handlers/delete-instance.ts";
import { deleteInstances } from "./handlers/delete-instances.ts";
import { deleteWebhook } from "./handlers/delete-webhook.ts";
import { deleteWorkflow } from "./handlers/delete-workflow.ts";
import { getBulk } from "./handlers/get-bulk.ts";
import { followNamespace } from "./handlers/follow-namespace.ts";
import { followWorkflow } from "./handlers/follow-workflow.ts";
import { getDocument } from "./handlers/get-document.ts";
import { getGraph } from "./handlers/get-graph.ts";
import { getHealth } from "./handlers/get-health.ts";
import { getHistory } from "./handlers/get-history.ts";
import { getInstance } from "./handlers/get-instance.ts";
import { getQueue } from "./handlers/get-queue.ts";
import { getReadiness } from "./handlers/get-readiness.ts";
import { getReference } from "./handlers/get-reference.ts";
import { getStep } from "./handlers/get-step.ts";
import { getVersion } from "./handlers/get-version.ts";
import { getWebhook } from "./handlers/get-webhook.ts";
import { getWorkflow } from "./handlers/get-workflow.ts";
import { getWhy } from "./handlers/get-why.ts";
import { listBulk } from "./handlers/list-bulk.ts";
import { listAccounts } from "./handlers/list-accounts.ts";
import { listInstances } from "./handlers/list-instances.ts";
import { listMemberships } from "./handlers/list-memberships.ts";
import { listVersions } from "./handlers/list-versions.ts";
import { listWorkers } from "./handlers/list-workers.ts";
import { listWebhookDeliveries } from "./handlers/list-webhook-deliveries.ts";
import { listWebhooks } from "./handlers/list-webhooks.ts";
import { listWorkflows } from "./handlers/list-workflows.ts";
import { putWorkflow } from "./handlers/put-workflow.ts";
import { rotateWebhookSecret } from "./handlers/rotate-webhook-secret.ts";
import { sendEvent } from "./handlers/send-event.ts";
import { startBulk } from "./handlers/start-bulk.ts";
import { subscribeInstance } from "./handlers/subscribe-instance.ts";
import { terminateInstances } from "./handlers/terminate-instances.ts";
import { testWebhook } from "./handlers/test-webhook.ts";
import { updateWebhook } from "./handlers/update-webhook.ts";
import type { Operation } from "./operation.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Parameters in braces. */
  readonly path: string;
  /** At the root, not under the base path. Only for operations on the server. */
  readonly isAtRoot?: true;
  readonly operation: Operation;
}

const WORKFLOW = "/workflows/{workflow_name}";
const INSTANCE = `${WORKFLOW}/instances/{instance_id}`;
const WEBHOOK = "/webhooks/{webhook_id}";

/** For who looks after the server, or at it. Also at the root, where probes and people look first. */
const ABOUT: readonly Route[] = [
  { method: "GET", path: "/healthz", operation: getHealth },
  { method: "GET", path: "/readyz", operation: getReadiness },
  { method: "GET", path: "/openapi.json", operation: getDocument },
  { method: "GET", path: "/docs", operation: getReference },
];

export const ROUTES: readonly Route[] = [
  { method: "GET", path: "/accounts", operation: listAccounts },
  { method: "GET", path: "/memberships", operation: listMemberships },
  { method: "GET", path: "/workers", operation: listWorkers },
  { method: "GET", path: "/workflows", operation: listWorkflows },
  { method: "GET", path: WORKFLOW, operation: getWorkflow },
  { method: "PUT", path: WORKFLOW, operation: putWorkflow },
  { method: "DELETE", path: WORKFLOW, operation: deleteWorkflow },
  { method: "GET", path: `${WORKFLOW}/versions`, operation: listVersions },
  { method: "GET", path: `${WORKFLOW}/versions/{version_id}`, operation: getVersion },
  { method: "GET", path: `${WORKFLOW}/versions/{version_id}/graph`, operation: getGraph },
  { method: "GET", path: `${WORKFLOW}/queue`, operation: getQueue },
  { method: "GET", path: `${WORKFLOW}/instances`, operation: listInstances },
  { method: "POST", path: `${WORKFLOW}/instances`, operation: createInstance },
  { method: "POST", path: `${WORKFLOW}/instances/batch`, operation: createInstances },
  { method: "POST", path: `${WORKFLOW}/instances/batch/delete`, operation: deleteInstances },
  { method: "PUT", path: `${WORKFLOW}/instances/terminate`, operation: terminateInstances },
  { method: "GET", path: `${WORKFLOW}/bulk`, operation: listBulk },
  { method: "POST", path: `${WORKFLOW}/bulk`, operation: startBulk },
  { method: "GET", path: `${WORKFLOW}/bulk/{bulk_id}`, operation: getBulk },
  { method: "DELETE", path: `${WORKFLOW}/bulk/{bulk_id}`, operation: cancelBulk },
  { method: "GET", path: INSTANCE, operation: getInstance },
  { method: "DELETE", path: INSTANCE, operation: deleteInstance },
  { method: "GET", path: `${INSTANCE}/step`, operation: getStep },
  { method: "GET", path: `${INSTANCE}/why`, operation: getWhy },
  { method: "GET", path: `${INSTANCE}/history`, operation: getHistory },
  { method: "GET", path: `${INSTANCE}/subscribe`, operation: subscribeInstance },
  { method: "PATCH", path: `${INSTANCE}/status`, operation: changeStatus },
  { method: "POST", path: `${INSTANCE}/events/{event_type}`, operation: sendEvent },
  { method: "GET", path: `${WORKFLOW}/feed`, operation: followWorkflow },
  { method: "GET", path: "/feed", operation: followNamespace },
  { method: "GET", path: "/webhooks", operation: listWebhooks },
  { method: "POST", path: "/webhooks", operation: createWebhook },
  { method: "GET", path: WEBHOOK, operation: getWebhook },
  { method: "PATCH", path: WEBHOOK, operation: updateWebhook },
  { method: "DELETE", path: WEBHOOK, operation: deleteWebhook },
  { method: "POST", path: `${WEBHOOK}/secret`, operation: rotateWebhookSecret },
  { method: "POST", path: `${WEBHOOK}/test`, operation: testWebhook },
  { method: "GET", path: `${WEBHOOK}/deliveries`, operation: listWebhookDeliveries },
  ...ABOUT,
  ...ABOUT.map((route): Route => ({ ...route, isAtRoot: true })),
];
