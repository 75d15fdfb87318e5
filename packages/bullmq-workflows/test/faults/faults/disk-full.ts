import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const diskFull: Fault = {
  name: "disk-full",
  summary:
    "Redis's files cannot grow: it refuses writes, or with `always` ends; then there is room again",
  setups: ["always", "everysec", "no"],
  hinders: true,
  absence: () => (process.platform === "linux" ? undefined : "needs prlimit, which Linux has"),
  async strike(stage) {
    for (const node of stage.setup.nodes) {
      await node.fillDisk();
      await stage.sleep(pick(stage, 1_500, 3_500));
      await node.freeDisk();
      if (!node.isRunning) await node.start();
      await writable(stage, node);
    }
  },
};

/** Redis tries its failed write again once a second. */
async function writable(
  stage: Parameters<Fault["strike"]>[0],
  node: (typeof stage.setup.nodes)[number],
): Promise<void> {
  while (!(await node.client.info("persistence")).includes("aof_last_write_status:ok")) {
    await stage.sleep(50);
  }
}
