import type { Dispatcher, Store } from "../engine/ports.ts";
import type { ResolvedEngineConfig, WorkflowEngineConfig } from "./engine-config.ts";

/** Where the instances of one workflow are kept, and how requests to run them get to workers. */
export interface WorkflowBackend {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
}

/** What an engine stands on: Redis with BullMQ, or memory. */
export interface Backend {
  open(workflowName: string): WorkflowBackend;
  /** Closes what the backend itself opened. */
  close(): Promise<void>;
}

export type BackendFactory = (
  config: WorkflowEngineConfig,
  resolved: ResolvedEngineConfig,
) => Backend;
