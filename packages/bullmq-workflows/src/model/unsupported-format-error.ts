import { WorkflowEngineError } from "./errors.ts";

/** Thrown when stored data is in a format newer than this version of the library can read. */
export class UnsupportedFormatError extends WorkflowEngineError {
  /** The format that was found. */
  readonly found: string;
  /** The newest format this version of the library reads. */
  readonly supported: string;

  static {
    Object.defineProperty(this.prototype, "name", { value: "UnsupportedFormatError" });
  }

  constructor(found: string, supported: string) {
    super(
      "store.newer_format",
      `This data was written in the format "${found}" by a newer version of bullmq-workflows; ` +
        `this version reads "${supported}". Update bullmq-workflows in this process.`,
    );
    this.found = found;
    this.supported = supported;
  }
}
