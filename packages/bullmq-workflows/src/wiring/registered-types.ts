/** What a workflow class and its schemas say of the types of its params, output and events. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Schema } from "../model/validation.ts";
import type { WorkflowEvent, WorkflowStep } from "../model/workflow.ts";
import type { EventSchemas } from "./workflow-options.ts";

/** What `event.payload` of a workflow class is. */
export type ParamsOf<Class> = Class extends abstract new (...parameters: never[]) => infer Instance
  ? Instance extends {
      run(event: Readonly<WorkflowEvent<infer Params>>, step: WorkflowStep): unknown;
    }
    ? Params
    : unknown
  : unknown;

/** What `run` of a workflow class resolves with. */
export type OutputOf<Class> = Class extends abstract new (...parameters: never[]) => infer Instance
  ? Instance extends { run(...parameters: never[]): Promise<infer Output> }
    ? Output
    : unknown
  : unknown;

/** What a schema takes. */
export type InputOf<Given extends Schema> = StandardSchemaV1.InferInput<Given>;

/** The same of each event type that is known. */
export type InputsOf<Events extends EventSchemas> = string extends keyof Events
  ? object
  : { -readonly [Type in keyof Events]: InputOf<Events[Type]> };
