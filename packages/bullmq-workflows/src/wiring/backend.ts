import type { AccessLedger } from "../engine/ports/access-ledger.ts";
import type { DeliveryQueue, DeliveryQueueOptions } from "../engine/ports/delivery-queue.ts";
import type { Directory } from "../engine/ports/directory.ts";
import type { Dispatcher } from "../engine/ports/dispatcher.ts";
import type { Store } from "../engine/ports/store.ts";
import type { StatusFeed } from "../engine/ports/status-feed.ts";
import type { WebhookLedger } from "../engine/ports/webhook-ledger.ts";
import type { Barrier } from "../model/barrier.ts";
import type { ServerFacts } from "../model/server-facts.ts";
import type { ResolvedEngineConfig, WorkflowEngineConfig } from "./engine-config.ts";

/** Where the instances of one workflow are kept, and how requests to run them get to workers. */
export interface WorkflowBackend {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly feed: StatusFeed;
}

/** What an engine stands on: Redis with BullMQ, or memory. */
export interface Backend {
  /**
   * @param barrier what the workflow's creates and commands wait for.
   * @param namespace another one than the engine's own.
   */
  open(workflowName: string, barrier?: Barrier, namespace?: string): WorkflowBackend;
  /** What is known of a namespace, the engine's own if none is named. */
  directory(namespace?: string): Directory;
  /** The tokens and the audit log of all namespaces. */
  accessLedger(): AccessLedger;
  /** The webhooks of a namespace, the engine's own if none is named. */
  webhookLedger(namespace?: string): WebhookLedger;
  /** Their deliveries. Whoever opens it closes it. */
  openDeliveries(namespace: string, options: DeliveryQueueOptions): DeliveryQueue;
  /** What every primary says of itself. */
  inspect(): Promise<readonly ServerFacts[]>;
  /** Closes what the backend itself opened. */
  close(): Promise<void>;
}

export type BackendFactory = (
  config: WorkflowEngineConfig,
  resolved: ResolvedEngineConfig,
) => Backend;
