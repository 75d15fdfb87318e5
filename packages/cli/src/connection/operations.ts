/** The operations of the API that commands call, by the ids that its table of routes has for them. */

const WORKFLOW = "/workflows/{workflow_name}";
const INSTANCE = `${WORKFLOW}/instances/{instance_id}`;

export type OperationId =
  | "listWorkflows"
  | "getWorkflow"
  | "deleteWorkflow"
  | "listVersions"
  | "listInstances"
  | "createInstance"
  | "deleteInstances"
  | "terminateInstances"
  | "getInstance"
  | "getWhy"
  | "listBulk"
  | "startBulk"
  | "getBulk"
  | "cancelBulk"
  | "getHistory"
  | "subscribeInstance"
  | "followWorkflow"
  | "followNamespace"
  | "changeStatus"
  | "sendEvent";

interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
}

export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {
  listWorkflows: { method: "GET", path: "/workflows" },
  getWorkflow: { method: "GET", path: WORKFLOW },
  deleteWorkflow: { method: "DELETE", path: WORKFLOW },
  listVersions: { method: "GET", path: `${WORKFLOW}/versions` },
  listInstances: { method: "GET", path: `${WORKFLOW}/instances` },
  createInstance: { method: "POST", path: `${WORKFLOW}/instances` },
  deleteInstances: { method: "POST", path: `${WORKFLOW}/instances/batch/delete` },
  terminateInstances: { method: "PUT", path: `${WORKFLOW}/instances/terminate` },
  getInstance: { method: "GET", path: INSTANCE },
  getWhy: { method: "GET", path: `${INSTANCE}/why` },
  listBulk: { method: "GET", path: `${WORKFLOW}/bulk` },
  startBulk: { method: "POST", path: `${WORKFLOW}/bulk` },
  getBulk: { method: "GET", path: `${WORKFLOW}/bulk/{bulk_id}` },
  cancelBulk: { method: "DELETE", path: `${WORKFLOW}/bulk/{bulk_id}` },
  getHistory: { method: "GET", path: `${INSTANCE}/history` },
  subscribeInstance: { method: "GET", path: `${INSTANCE}/subscribe` },
  followWorkflow: { method: "GET", path: `${WORKFLOW}/feed` },
  followNamespace: { method: "GET", path: "/feed" },
  changeStatus: { method: "PATCH", path: `${INSTANCE}/status` },
  sendEvent: { method: "POST", path: `${INSTANCE}/events/{event_type}` },
};
