/** What `dev` and the process that runs the code say to each other. */
import type { Target } from "../program/target.ts";

export interface LoadRequest {
  readonly target: Target;
  readonly redisUrl: string;
  readonly prefix: string | undefined;
  readonly namespace: string | undefined;
  readonly environment: string | undefined;
  readonly bindingsFile: string | undefined;
  /** The Redis was started for this: what it promises is known, and not worth a warning. */
  readonly isEmbedded: boolean;
}

export interface LoadedProgram {
  readonly title: string;
  readonly workflows: readonly string[];
  readonly notes: readonly string[];
  /** Where its fetch handler answers on this machine; absent when it has none. */
  readonly port?: number;
}

/** What went wrong, for people. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  /** Of what the code itself threw. */
  readonly stack?: string;
}

export type ToRunner =
  | { readonly type: "load"; readonly request: LoadRequest }
  | { readonly type: "close"; readonly isForced: boolean };

export type FromRunner =
  /** All that does not depend on the code is loaded, and messages are heard. */
  | { readonly type: "warm" }
  | { readonly type: "bundled"; readonly files: readonly string[] }
  | { readonly type: "loaded"; readonly program: LoadedProgram }
  | { readonly type: "failed"; readonly failure: Failure };
