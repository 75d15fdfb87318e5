/** What the server process is started with, as its one argument in JSON. */
export interface ServerProcessOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly directory?: string;
  readonly snapshotEveryMs: number;
}

/** What the server process tells its parent. The parent answers by hanging up: that is "stop". */
export type ServerMessage =
  | { readonly type: "ready"; readonly port: number; readonly version: string }
  | { readonly type: "failed"; readonly reason: "port" | "snapshot" | "other"; message: string }
  | { readonly type: "warning"; readonly message: string };

/** Exit codes of the server process, next to 0. */
export const EXIT_NOT_STARTED = 1;
export const EXIT_SNAPSHOT_FAILED = 3;
export const EXIT_CRASHED = 70;
