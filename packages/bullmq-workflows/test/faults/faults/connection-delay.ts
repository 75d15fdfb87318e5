import { PERSISTENT, pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const connectionDelay: Fault = {
  name: "connection-delay",
  summary: "everything between Redis and some clients arrives later",
  setups: PERSISTENT,
  hinders: true,
  async strike(stage) {
    for (const proxy of stage.setup.proxies) {
      if (stage.random() < 0.6) proxy.delay(pick(stage, 20, 250));
    }
    await stage.sleep(pick(stage, 1_500, 3_000));
    for (const proxy of stage.setup.proxies) proxy.calm();
  },
};
