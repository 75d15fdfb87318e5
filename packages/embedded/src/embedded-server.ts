/** Where the server came from: named by you, a program on the PATH, or the WebAssembly build. */
export type ServerKind = "external" | "native" | "wasm";

/** How a server process ended. Exactly one of the two is set. */
export interface ServerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running Redis-compatible server. It never keeps your process alive, and never outlives it. */
export interface EmbeddedServer extends AsyncDisposable {
  /** What to hand to a client, for example `redis://127.0.0.1:6379`. */
  readonly url: string;
  readonly kind: ServerKind;
  /** One line for people: which server this is, and what a crash of it would lose. */
  readonly description: string;
  /** Process id of the server, absent for an external one. */
  readonly pid?: number;
  /**
   * Settles when the server's process is gone, whoever ended it. Never settles for an external one.
   */
  readonly exited: Promise<ServerExit>;
  /**
   * Stops the server after it has written everything down. A second call waits for the first.
   * Does nothing to an external server.
   *
   * @throws {@link EmbeddedServerError} `server.stop_failed` if the last snapshot could not be written
   */
  close(): Promise<void>;
  /**
   * Ends the server with SIGKILL, as a crash would. For crash tests; `exited` tells when it is gone.
   *
   * @throws {@link EmbeddedServerError} `server.not_ours` for an external server
   */
  kill(): void;
}
