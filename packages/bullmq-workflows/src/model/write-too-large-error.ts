import { WorkflowEngineError } from "./errors.ts";

interface OversizedWrite {
  /** What was to be written, as the beginning of a sentence. @defaultValue "A write" */
  readonly what?: string;
  /** Bytes of the write, and what Redis takes; unknown when Redis did not tell before. */
  readonly size?: number | undefined;
  readonly limit?: number | undefined;
}

/** Redis would never take a write of that size: its `proto-max-bulk-len` is smaller. */
export class WriteTooLargeError extends WorkflowEngineError {
  readonly sizeBytes: number | undefined;
  readonly limitBytes: number | undefined;

  static {
    Object.defineProperty(this.prototype, "name", { value: "WriteTooLargeError" });
  }

  constructor({ what = "A write", size, limit }: OversizedWrite = {}) {
    const bytes = size === undefined ? "" : ` of ${size} bytes`;
    const most = limit === undefined ? "" : `, which is ${limit}`;
    super(
      "store.write_too_large",
      `${what} is too large: a write${bytes} is more than Redis takes by its setting ` +
        `\`proto-max-bulk-len\`${most}. Raise that, or keep the data elsewhere and pass a reference to it.`,
    );
    this.sizeBytes = size;
    this.limitBytes = limit;
  }

  /** The same, said of what the caller knows it to be. */
  about(what: string): WriteTooLargeError {
    return new WriteTooLargeError({ what, size: this.sizeBytes, limit: this.limitBytes });
  }
}
