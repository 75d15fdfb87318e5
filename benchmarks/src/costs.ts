/** What something cost: the difference of two readings. */
import type { RedisMeters } from "./stores/store.ts";

/** By whom. Absent where it cannot be told. */
export interface Costs {
  readonly workerCpuMs: number;
  readonly clientCpuMs: number;
  readonly storeCpuMs: number | undefined;
  readonly redis: RedisMeters | undefined;
  /** Resident bytes of all workers afterwards. */
  readonly workerBytes: number;
}

export function difference(before: Costs, after: Costs): Costs {
  return {
    workerCpuMs: after.workerCpuMs - before.workerCpuMs,
    clientCpuMs: after.clientCpuMs - before.clientCpuMs,
    workerBytes: after.workerBytes,
    storeCpuMs:
      before.storeCpuMs === undefined || after.storeCpuMs === undefined
        ? undefined
        : after.storeCpuMs - before.storeCpuMs,
    redis: before.redis && after.redis ? subtract(before.redis, after.redis) : undefined,
  };
}

function subtract(before: RedisMeters, after: RedisMeters): RedisMeters {
  const byCommand = Object.entries(after.byCommand).map(([name, { calls, us }]) => {
    const earlier = before.byCommand[name] ?? { calls: 0, us: 0 };
    return [name, { calls: calls - earlier.calls, us: us - earlier.us }] as const;
  });
  return {
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    bytesIn: after.bytesIn - before.bytesIn,
    bytesOut: after.bytesOut - before.bytesOut,
    memoryBytes: after.memoryBytes - before.memoryBytes,
    byCommand: Object.fromEntries(byCommand.filter(([, { calls }]) => calls > 0)),
  };
}
