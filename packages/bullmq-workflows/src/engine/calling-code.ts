/**
 * Whose code is running: a step's callback, `run` outside of steps, or none of a workflow. One for all runs,
 * as code belongs to one only.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Attempt } from "./attempt.ts";
import type { Store } from "./ports/store.ts";

/** A run whose code may call. */
export interface CallingRun {
  readonly instanceId: string;
  readonly store: Store;
}

const calling = new AsyncLocalStorage<Attempt | CallingRun | undefined>();

/** Runs code so that what it calls is known to come from there. */
export function callAs<T>(caller: Attempt | CallingRun, callback: () => T): T {
  return calling.run(caller, callback);
}

/** The attempt in whose callback this is called. */
export function callingAttempt(): Attempt | undefined {
  const caller = calling.getStore();
  return caller instanceof Attempt ? caller : undefined;
}

/** Whether it is the code of this very instance that calls. */
export function isCalledBy(store: Store, instanceId: string): boolean {
  const caller = calling.getStore();
  const run = caller instanceof Attempt ? caller.run : caller;
  return run?.store === store && run.instanceId === instanceId;
}
