import { connectionCut } from "./connection-cut.ts";
import { connectionDelay } from "./connection-delay.ts";
import { connectionHalfOpen } from "./connection-half-open.ts";
import { diskFull } from "./disk-full.ts";
import { eviction } from "./eviction.ts";
import { failover, laggingFailover } from "./failover.ts";
import type { Fault } from "./fault.ts";
import { memoryFull } from "./memory-full.ts";
import { powerLoss } from "./power-loss.ts";
import { redisClock } from "./redis-clock.ts";
import { redisKill } from "./redis-kill.ts";
import { reshard } from "./reshard.ts";
import { workerBlock } from "./worker-block.ts";
import { workerClock } from "./worker-clock.ts";
import { workerFreeze } from "./worker-freeze.ts";
import { workerKill } from "./worker-kill.ts";

/** Every fault there is. */
export const FAULTS: readonly Fault[] = [
  workerKill,
  workerFreeze,
  workerBlock,
  workerClock,
  connectionCut,
  connectionDelay,
  connectionHalfOpen,
  redisKill,
  powerLoss,
  diskFull,
  memoryFull,
  redisClock,
  failover,
  laggingFailover,
  reshard,
  eviction,
];
