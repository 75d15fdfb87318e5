import { pick, silenceMs } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const workerFreeze: Fault = {
  name: "worker-freeze",
  summary: "SIGSTOP of a worker, and SIGCONT when its leases have run out",
  setups: ["always", "everysec", "no", "cluster"],
  hinders: false,
  async strike(stage) {
    const place = pick(stage, 0, stage.crew.size - 1);
    stage.ledger.write({ type: "silenced", worker: stage.crew.nameAt(place) });
    stage.crew.signal(place, "SIGSTOP");
    await stage.sleep(silenceMs(stage));
    stage.crew.signal(place, "SIGCONT");
  },
};
