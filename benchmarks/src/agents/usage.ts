/** What this process has used so far. */
export interface Usage {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

export function readUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, memoryBytes: process.memoryUsage.rss() };
}
