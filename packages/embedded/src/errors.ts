/** What went wrong, in a form a program can act on. Each code is explained in the package's README. */
export type EmbeddedServerErrorCode =
  | "server.invalid_option"
  | "server.unreachable"
  | "server.not_installed"
  | "server.install_failed"
  | "server.start_failed"
  | "server.stop_failed"
  | "server.data_in_use"
  | "server.data_of_other_kind"
  | "server.snapshot_unreadable"
  | "server.not_ours";

/** Every error this package throws on purpose. Branch on `code`; the message is for people. */
export class EmbeddedServerError extends Error {
  static {
    this.prototype.name = "EmbeddedServerError";
  }

  readonly code: EmbeddedServerErrorCode;

  constructor(code: EmbeddedServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything thrown, for quoting inside another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
