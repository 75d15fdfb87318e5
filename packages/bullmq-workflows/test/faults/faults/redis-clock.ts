import { PERSISTENT, pick } from "./fault.ts";
import type { Fault } from "./fault.ts";

export const redisClock: Fault = {
  name: "redis-clock",
  summary: "Redis's wall clock jumps by seconds, forward or back, and back again",
  setups: PERSISTENT,
  hinders: true,
  absence: ({ preload }) => (preload ? undefined : "needs Linux and a C compiler"),
  async strike({ setup, ledger, ...rest }) {
    const stage = { setup, ledger, ...rest };
    const ms = pick(stage, 500, 3_000) * (stage.random() < 0.5 ? 1 : -1);
    for (const shiftMs of [ms, -ms]) {
      ledger.write({ type: "redis_clock", shiftMs });
      setup.preload?.shiftClock(shiftMs);
      await stage.sleep(pick(stage, 1_000, 3_000));
    }
  },
};
