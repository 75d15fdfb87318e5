import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const eviction: Fault = {
  name: "eviction",
  summary: "`maxmemory` is reached under `allkeys-lru`: Redis deletes keys",
  setups: ["eviction"],
  hinders: true,
  async strike(stage) {
    for (const { client } of stage.setup.nodes) {
      const used = Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
      // Less than is used, more than is needed by connections and scripts alone.
      await client.config("SET", "maxmemory", String(used - 100_000));
      await stage.sleep(pick(stage, 500, 1_500));
      await client.config("SET", "maxmemory", "0");
    }
  },
};
