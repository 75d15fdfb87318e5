import { WorkflowEngineError } from "../model/errors.ts";

/** Code uses what only Cloudflare's platform has. Importing it, or extending it, is harmless. */
export class CloudflareOnlyError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "CloudflareOnlyError" });
  }

  /** What was used, as it is called in code. */
  readonly feature: string;

  constructor(feature: string, advice: string) {
    super("cloudflare.unavailable", `${feature} exists only at Cloudflare. ${advice}`);
    this.feature = feature;
  }
}
