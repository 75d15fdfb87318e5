/**
 * Cloudflare's local explorer as a table: the API of one program's workflows, without accounts, that
 * `wrangler workflows … --local` calls. Answers that it has in common with the REST API are the same.
 */
import { deleteInstance } from "../handlers/delete-instance.ts";
import { deleteInstances } from "../handlers/delete-instances.ts";
import { getDocument } from "../handlers/get-document.ts";
import { getStep } from "../handlers/get-step.ts";
import type { Route } from "../routes.ts";
import { changeStatus } from "./handlers/change-status.ts";
import { createInstance } from "./handlers/create-instance.ts";
import { deleteWorkflow } from "./handlers/delete-workflow.ts";
import { getInstance } from "./handlers/get-instance.ts";
import { getWorkflow } from "./handlers/get-workflow.ts";
import { listInstances } from "./handlers/list-instances.ts";
import { listWorkers } from "./handlers/list-workers.ts";
import { listWorkflows } from "./handlers/list-workflows.ts";
import { sendEvent } from "./handlers/send-event.ts";

/** What the paths of {@link EXPLORER_ROUTES} begin with. */
export const EXPLORER_PATH = "/cdn-cgi/local/explorer/api";

const WORKFLOW = "/workflows/{workflow_name}";
const INSTANCE = `${WORKFLOW}/instances/{instance_id}`;

export const EXPLORER_ROUTES: readonly Route[] = [
  { method: "GET", path: "", operation: getDocument },
  { method: "GET", path: "/local/workers", operation: listWorkers },
  { method: "GET", path: "/workflows", operation: listWorkflows },
  { method: "GET", path: WORKFLOW, operation: getWorkflow },
  { method: "DELETE", path: WORKFLOW, operation: deleteWorkflow },
  { method: "GET", path: `${WORKFLOW}/instances`, operation: listInstances },
  { method: "POST", path: `${WORKFLOW}/instances`, operation: createInstance },
  { method: "POST", path: `${WORKFLOW}/instances/batch/delete`, operation: deleteInstances },
  { method: "GET", path: INSTANCE, operation: getInstance },
  { method: "DELETE", path: INSTANCE, operation: deleteInstance },
  { method: "GET", path: `${INSTANCE}/step`, operation: getStep },
  { method: "PATCH", path: `${INSTANCE}/status`, operation: changeStatus },
  { method: "POST", path: `${INSTANCE}/events/{event_type}`, operation: sendEvent },
];
