import { foldCalls } from "./folded-calls.ts";
import { Workflow } from "./workflow.ts";

/** {@link Workflow} with Cloudflare's form of errors. */
export class FoldedWorkflow<Params = unknown, Output = unknown, Events = object> extends Workflow<
  Params,
  Output,
  Events
> {
  static {
    foldCalls(this.prototype, Workflow.prototype);
  }
}
