import { BulkApi } from "./bulk-api.ts";
import { Caller } from "./caller.ts";
import { InstancesApi } from "./instances-api.ts";
import { WorkflowsApi } from "./workflows-api.ts";

/**
 * Talks to a server of BullMQ Workflows, from browsers and Node alike.
 *
 * @example
 * ```ts
 * const client = new WorkflowsClient({ url: "http://localhost:8080", token });
 * const { id } = await client.instances.create("orders", { params: { orderId: 7 } });
 * for await (const instance of client.instances.list("orders", { status: "errored" })) …
 * ```
 */
export class WorkflowsClient extends Caller {
  readonly workflows: WorkflowsApi = new WorkflowsApi(this);
  readonly instances: InstancesApi = new InstancesApi(this);
  readonly bulk: BulkApi = new BulkApi(this);
}
