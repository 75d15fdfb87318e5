import type { FeedEvent } from "./api.generated.ts";
import { BulkApi } from "./bulk-api.ts";
import { Caller } from "./caller.ts";
import type { PartsOf } from "./caller.ts";
import { InstancesApi } from "./instances-api.ts";
import type { CallOptions } from "./transport.ts";
import { WebhooksApi } from "./webhooks-api.ts";
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
  readonly webhooks: WebhooksApi = new WebhooksApi(this);

  /** The same as `workflows.follow`, of all workflows that the token may look at. */
  follow(
    query: PartsOf<"followNamespace">["query"] = {},
    options?: CallOptions,
  ): AsyncGenerator<FeedEvent, void, undefined> {
    return this.events("followNamespace", { query }, options);
  }
}
