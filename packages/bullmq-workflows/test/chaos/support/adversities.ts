/** What may happen to a process at a probe, from inside the process. */
import type { CuttableProxy } from "./cuttable-proxy.ts";
import type { Cell } from "./messages.ts";

export const ADVERSITIES = ["kill", "cut", "redis", "block"] as const;

/**
 * `kill`: SIGKILL. `cut`: all connections break, before a write so that it is made and its answer lost.
 * `redis`: the server gets a SIGKILL and is started again. `block`: the event loop stands still for
 * longer than the lease.
 */
export type Adversity = (typeof ADVERSITIES)[number];

/** How much longer than the lease a process stands still: others adopt and go far meanwhile. */
const BEYOND_LEASE_MS = 400;

interface Scene {
  readonly cell: Cell;
  readonly proxy: CuttableProxy;
  readonly isBeforeWrite: boolean;
}

export function strike({ cell, proxy, isBeforeWrite }: Scene): void {
  switch (cell.adversity) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return standStill(60_000);
    case "cut":
      return isBeforeWrite ? proxy.cutAtNextAnswer() : proxy.cut();
    case "redis":
      return void process.kill(cell.redisPid, "SIGKILL");
    case "block":
      return standStill(cell.leaseMs + BEYOND_LEASE_MS);
    case undefined:
  }
}

/** Blocks the event loop without using the processor, which other tests need. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
