/** How much memory Redis has left, and from where on that is worth a word. */

/**
 * `unlimited`: no `maxmemory`. `low` from 80 %, `critical` from 90 %, `full` from where new instances are
 * refused.
 */
export type HeadroomLevel = "unlimited" | "enough" | "low" | "critical" | "full";

export interface Headroom {
  readonly level: HeadroomLevel;
  /** Bytes that count against the limit. */
  readonly usedMemory: number;
  /** `maxmemory` in bytes; 0 when there is none. */
  readonly maxMemory: number;
  /** The one divided by the other; 0 without a limit. */
  readonly ratio: number;
}

export interface MemoryUse {
  readonly usedMemory: number;
  readonly maxMemory: number;
}

/** Emptiest first. */
const LEVELS: readonly HeadroomLevel[] = ["unlimited", "enough", "low", "critical", "full"];

/** So far below its beginning a level is left, or one that is just reached would come and go. */
const MARGIN = 0.02;

const LOW_AT = 0.8;
const CRITICAL_AT = 0.9;

/** Of several servers the fullest one counts. */
export function toHeadroom(servers: readonly MemoryUse[], fullAt: number): Headroom {
  const uses = servers.map(({ usedMemory, maxMemory }) => ({
    usedMemory,
    maxMemory,
    ratio: maxMemory > 0 ? usedMemory / maxMemory : 0,
  }));
  const none = { usedMemory: 0, maxMemory: 0, ratio: 0 };
  const fullest = uses.reduce(
    (worst, use) => (use.ratio > worst.ratio ? use : worst),
    uses[0] ?? none,
  );
  return { level: levelOf(fullest, fullAt), ...fullest };
}

/** The level to speak of, after the one that was spoken of last. */
export function toSteadyLevel(
  before: HeadroomLevel,
  headroom: Headroom,
  fullAt: number,
): HeadroomLevel {
  const { level, ratio } = headroom;
  const almost = levelOf({ ...headroom, ratio: ratio + MARGIN }, fullAt);
  const isLeaving = LEVELS.indexOf(level) < LEVELS.indexOf(before);
  return isLeaving && LEVELS.indexOf(almost) >= LEVELS.indexOf(before) ? before : level;
}

function levelOf({ maxMemory, ratio }: Omit<Headroom, "level">, fullAt: number): HeadroomLevel {
  if (maxMemory === 0) return "unlimited";
  if (ratio >= fullAt) return "full";
  if (ratio >= CRITICAL_AT) return "critical";
  return ratio >= LOW_AT ? "low" : "enough";
}
