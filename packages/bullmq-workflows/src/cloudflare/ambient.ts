/**
 * What code under a Cloudflare module sees around it: `env`, `exports`, and the context whose
 * `waitUntil` it means. A host gives the process its own, and each call may have others, which follow it
 * through everything that it awaits.
 */
import { AsyncLocalStorage } from "node:async_hooks";

interface AmbientContext {
  waitUntil(promise: Promise<unknown>): void;
}

export interface Ambient {
  /** What `env` of `cloudflare:workers` shows. */
  readonly env?: object;
  /** What `exports` of `cloudflare:workers` shows. */
  readonly exports?: object;
  /** To whom `waitUntil` of `cloudflare:workers` hands its promise. */
  readonly context?: AmbientContext;
}

const scope = new AsyncLocalStorage<Ambient>();
let provided: Ambient = {};

/** Sets what code sees that was called under no {@link withAmbient}, also while modules load. */
export function provideAmbient(ambient: Ambient): void {
  provided = { ...provided, ...ambient };
}

/** Calls `callback`; it and all it awaits see what is given here, and the rest as before. */
export function withAmbient<T>(ambient: Ambient, callback: () => T): T {
  return scope.run({ ...scope.getStore(), ...ambient }, callback);
}

/** An object that shows whatever the caller's `env` or `exports` is at the moment it is looked at. */
export function createAmbientView(part: "env" | "exports"): object {
  const current = (): object => scope.getStore()?.[part] ?? provided[part] ?? {};
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(current(), key) as unknown,
      set: (_, key, value) => Reflect.set(current(), key, value),
      has: (_, key) => Reflect.has(current(), key),
      deleteProperty: (_, key) => Reflect.deleteProperty(current(), key),
      ownKeys: () => Reflect.ownKeys(current()),
      getOwnPropertyDescriptor(_, key) {
        const descriptor = Reflect.getOwnPropertyDescriptor(current(), key);
        // A proxy may show only configurable properties that its own target lacks.
        return descriptor && { ...descriptor, configurable: true };
      },
    },
  );
}

/** Lets work go on after the call it belongs to; outside of any, only its failure is reported. */
export function waitUntil(promise: Promise<unknown>): void {
  const context = scope.getStore()?.context ?? provided.context;
  if (context) return context.waitUntil(promise);
  Promise.resolve(promise).catch((error: unknown) => {
    process.emitWarning(`Work given to waitUntil failed: ${String(error)}`, "CloudflareWarning");
  });
}
