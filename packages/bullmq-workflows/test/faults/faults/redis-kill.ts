import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const redisKill: Fault = {
  name: "redis-kill",
  summary: "SIGKILL of Redis, and a start with what its disk has",
  setups: ["always", "everysec", "no", "snapshots", "memory"],
  hinders: true,
  async strike(stage) {
    for (const node of stage.setup.nodes) {
      await node.kill();
      await stage.sleep(pick(stage, 0, 2_000));
      await node.start();
    }
  },
};
