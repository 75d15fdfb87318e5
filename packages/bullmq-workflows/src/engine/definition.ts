import type { Barrier } from "../model/barrier.ts";
import type { ErrorForm } from "../model/error-folding.ts";
import type { PayloadCodec } from "../model/payload.ts";
import type { Retention } from "./ports/instances.ts";
import type { ScheduleDeclaration } from "./ports/schedules.ts";
import type { ExecutionContext, WorkflowEvent, WorkflowStep } from "../model/workflow.ts";

/** The object that has the user's `run`. */
export interface RunnableWorkflow {
  run(event: Readonly<WorkflowEvent<unknown>>, step: WorkflowStep): Promise<unknown>;
}

/** What to do when the code asks for other steps than the history has. */
export type Determinism = "log" | "strict";

/** A registered workflow, options resolved. */
export interface WorkflowDefinition {
  readonly name: string;
  /** `step.do` calls that one run may make. */
  readonly stepLimit: number;
  /** Bytes that all streams of one instance may take. */
  readonly stateSizeLimit: number;
  readonly determinism: Determinism;
  readonly retention: Retention;
  /** Paths of the fields of params by which its instances can be found. */
  readonly searchable: readonly string[];
  /** How errors reach the code that catches them. */
  readonly errors: ErrorForm;
  /** Stores and reads the values and errors of its steps. */
  readonly codec: PayloadCodec;
  /** Instances that may run at once over all workers; 0 for no limit. */
  readonly concurrencyLimit: number;
  /** What starts instances by itself. */
  readonly schedules: ScheduleDeclaration | Promise<ScheduleDeclaration>;
  /** What an outcome waits for before it is released, where its step says nothing. */
  readonly barrier: Barrier;
  /** Why the store cannot do what a step asks for; nothing when it can, or when only trying will tell. */
  readonly whyNoBarrier?: (barrier: Barrier) => string | undefined;
  /** Makes the object for one activation. */
  readonly instantiate: (context: ExecutionContext) => RunnableWorkflow;
}
