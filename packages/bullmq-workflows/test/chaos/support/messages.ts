/** What the test and its processes say to each other. */
import type { ProbeName } from "../../../src/engine/probes.ts";
import type { Adversity } from "./adversities.ts";

/** Where in a process something terrible happens. */
export interface Target {
  readonly probe: ProbeName;
  /** Whose write; {@link NOBODY} or {@link SOMEBODY} for sweeps and settings. */
  readonly subject: string;
  /** At the how-manieth time, from 1. */
  readonly hit: number;
}

/** The subject of what concerns no instance. */
export const NOBODY = "nobody";

/** The subject of a sweep that found instances. */
export const SOMEBODY = "somebody";

export interface Cell {
  readonly prefix: string;
  readonly redisPort: number;
  readonly redisPid: number;
  /** File that every execution of a callback is written to. */
  readonly ledger: string;
  /** File for what the engines have to say, for who looks for the cause of a failure. */
  readonly log: string;
  readonly leaseMs: number;
  readonly target?: Target;
  readonly adversity?: Adversity;
}

export type CommandVerb =
  | "create"
  | "sendEvent"
  | "pause"
  | "resume"
  | "terminate"
  | "rollBack"
  | "restart"
  | "restartFrom"
  | "delete";

export interface Command {
  readonly verb: CommandVerb;
  readonly instanceId: string;
}

/** How often each probe was passed, per subject. */
export type Hits = Readonly<Record<string, Readonly<Record<string, number>>>>;

export type ToChild =
  | { readonly type: "open"; readonly cell: Cell }
  | { readonly type: "call"; readonly call: number; readonly command: Command }
  | { readonly type: "go"; readonly checkpoint: string }
  | { readonly type: "close" };

export type ToParent =
  | { readonly type: "opened" }
  | { readonly type: "struck" }
  | { readonly type: "answered"; readonly call: number; readonly error?: string }
  | { readonly type: "checkpoint"; readonly checkpoint: string; readonly name: string }
  | { readonly type: "closed"; readonly hits: Hits };
