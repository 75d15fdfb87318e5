import { pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

const HOUR_MS = 3_600_000;

export const workerClock: Fault = {
  name: "worker-clock",
  summary: "a worker's wall clock jumps by an hour, forward or back, and back again",
  setups: ["always", "everysec", "no", "cluster"],
  hinders: false,
  async strike(stage) {
    const place = pick(stage, 0, stage.crew.size - 1);
    const ms = stage.random() < 0.5 ? HOUR_MS : -HOUR_MS;
    stage.crew.tell(place, { type: "shift_clock", ms });
    await stage.sleep(pick(stage, 1_000, 3_000));
    stage.crew.tell(place, { type: "shift_clock", ms: -ms });
  },
};
