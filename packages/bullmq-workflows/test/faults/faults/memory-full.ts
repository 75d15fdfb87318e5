import { PERSISTENT, pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const memoryFull: Fault = {
  name: "memory-full",
  summary: "`maxmemory` is reached: Redis refuses what needs memory; then there is room again",
  setups: [...PERSISTENT, "cluster"],
  hinders: true,
  async strike(stage) {
    for (const { client } of stage.setup.nodes) await client.config("SET", "maxmemory", "1mb");
    await stage.sleep(pick(stage, 1_500, 3_500));
    for (const { client } of stage.setup.nodes) await client.config("SET", "maxmemory", "0");
  },
};
