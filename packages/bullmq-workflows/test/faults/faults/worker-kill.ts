import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const workerKill: Fault = {
  name: "worker-kill",
  summary: "SIGKILL of a worker; another is started in its place",
  setups: ["always", "everysec", "no", "sentinel", "cluster"],
  hinders: false,
  async strike(stage) {
    await stage.crew.kill(pick(stage, 0, stage.crew.size - 1));
  },
};
