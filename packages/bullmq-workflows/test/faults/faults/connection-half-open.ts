import { PERSISTENT, pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const connectionHalfOpen: Fault = {
  name: "connection-half-open",
  summary: "connections go silent without being closed, as when a host dies",
  setups: PERSISTENT,
  hinders: true,
  async strike(stage) {
    const hit = stage.setup.proxies.filter(() => stage.random() < 0.6);
    for (const proxy of hit) proxy.silence();
    await stage.sleep(pick(stage, 3_000, 7_000));
    for (const proxy of hit) proxy.calm();
  },
};
