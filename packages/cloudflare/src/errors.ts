import { WorkflowEngineError } from "bullmq-workflows";

/** What went wrong, in a form a program can act on. Each code has a row in docs/errors.md. */
export type ProjectErrorCode =
  | "project.not_found"
  | "project.invalid_config"
  | "project.invalid_option"
  | "project.build_failed"
  | "project.load_failed"
  | "project.missing_export"
  | "project.nothing_to_run"
  | "project.missing_binding"
  | "project.still_loading"
  | "project.invalid_response"
  | "project.cannot_listen";

/** Every error that this package throws on purpose. Branch on `code`; the message is for people. */
export class ProjectError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "ProjectError" });
  }

  override readonly code: ProjectErrorCode;

  constructor(code: ProjectErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.code = code;
  }
}

/** The message of anything thrown, for quoting inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
