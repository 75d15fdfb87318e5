import { pick, silenceMs } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const workerBlock: Fault = {
  name: "worker-block",
  summary: "a worker's event loop stands still for longer than its leases",
  setups: ["always", "everysec", "no", "cluster"],
  hinders: false,
  async strike(stage) {
    const place = pick(stage, 0, stage.crew.size - 1);
    const ms = silenceMs(stage);
    stage.ledger.write({ type: "silenced", worker: stage.crew.nameAt(place) });
    stage.crew.tell(place, { type: "block", ms });
    await stage.sleep(ms);
  },
};
