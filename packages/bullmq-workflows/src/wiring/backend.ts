import type { Dispatcher, Store } from "../engine/ports.ts";
import type { Barrier } from "../model/barrier.ts";
import type { ServerFacts } from "../model/server-facts.ts";
import type { ResolvedEngineConfig, WorkflowEngineConfig } from "./engine-config.ts";

/** Where the instances of one workflow are kept, and how requests to run them get to workers. */
export interface WorkflowBackend {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
}

/** What an engine stands on: Redis with BullMQ, or memory. */
export interface Backend {
  /** @param barrier what the workflow's creates and commands wait for. */
  open(workflowName: string, barrier?: Barrier): WorkflowBackend;
  /** What every primary says of itself. */
  inspect(): Promise<readonly ServerFacts[]>;
  /** Closes what the backend itself opened. */
  close(): Promise<void>;
}

export type BackendFactory = (
  config: WorkflowEngineConfig,
  resolved: ResolvedEngineConfig,
) => Backend;
