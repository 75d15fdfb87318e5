import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const powerLoss: Fault = {
  name: "power-loss",
  summary: "Redis's machine loses its power: of its file only what was synced is left",
  setups: ["always", "unsynced"],
  hinders: true,
  absence: ({ preload }) => (preload ? undefined : "needs Linux and a C compiler"),
  async strike(stage) {
    for (const node of stage.setup.nodes) {
      await node.losePower();
      await stage.sleep(pick(stage, 0, 2_000));
      await node.start();
    }
  },
};
