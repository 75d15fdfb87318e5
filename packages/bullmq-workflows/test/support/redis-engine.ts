/** Engines on a real server, each test under a prefix of its own. */
import { randomUUID } from "node:crypto";
import { WorkflowEngine } from "../../src/index.ts";
import type { WorkflowEngineConfig } from "../../src/index.ts";

export interface RedisEngines {
  /** Another engine under the same prefix, as in a process of its own. */
  start(config?: Partial<WorkflowEngineConfig>): WorkflowEngine;
  close(): Promise<void>;
}

/** Leases and sweeps are short, so that tests of recovery need not wait for long. */
export function createRedisEngines(url: string): RedisEngines {
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const engines: WorkflowEngine[] = [];
  return {
    start(config = {}) {
      const engine = new WorkflowEngine({
        connection: url,
        prefix,
        lease: 600,
        sweepInterval: 50,
        ...config,
      });
      engines.push(engine);
      return engine;
    },
    async close() {
      await Promise.all(engines.map(async (engine) => await engine.close({ force: true })));
    },
  };
}
