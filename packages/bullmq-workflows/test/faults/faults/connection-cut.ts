import { PERSISTENT, pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const connectionCut: Fault = {
  name: "connection-cut",
  summary: "connections break at random moments, then none can be made for a while",
  setups: PERSISTENT,
  hinders: true,
  async strike(stage) {
    const hit = stage.setup.proxies.filter(() => stage.random() < 0.6);
    for (let cut = pick(stage, 1, 5); cut > 0; cut--) {
      for (const proxy of hit) proxy.cut();
      await stage.sleep(pick(stage, 20, 300));
    }
    for (const proxy of hit) proxy.refuse();
    await stage.sleep(pick(stage, 100, 2_000));
    for (const proxy of hit) proxy.calm();
  },
};
