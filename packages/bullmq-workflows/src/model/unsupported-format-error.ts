/** Thrown when stored data is in a format newer than this version of the library can read. */
export class UnsupportedFormatError extends Error {
  readonly code = "store.newer_format";
  /** The format that was found. */
  readonly found: string;
  /** The newest format this version of the library reads. */
  readonly supported: string;

  static {
    this.prototype.name = "UnsupportedFormatError";
  }

  constructor(found: string, supported: string) {
    super(
      `This data was written in the format "${found}" by a newer version of bullmq-workflows; ` +
        `this version reads "${supported}". Update bullmq-workflows in this process.`,
    );
    this.found = found;
    this.supported = supported;
  }
}
