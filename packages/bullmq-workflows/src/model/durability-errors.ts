/** When Redis promises less than was asked for, or has no room for more. */
import { WorkflowEngineError } from "./errors.ts";
import type { DurabilityGrade } from "./durability.ts";
import type { Durability } from "./durability-report.ts";

/** Redis promises less than the minimum, or does not tell, or cannot do what a barrier needs. */
export class DurabilityError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "DurabilityError" });
  }
}

/** Redis is so full that new instances would take the room that running ones need to finish. */
export class LowMemoryError extends WorkflowEngineError {
  static {
    Object.defineProperty(this.prototype, "name", { value: "LowMemoryError" });
  }

  constructor(ratio: number) {
    super(
      "store.low_memory",
      `Redis has used ${Math.round(ratio * 100)} % of its maxmemory, so no new instances are taken until there is room again. ` +
        `Raise maxmemory, shorten retention, or delete instances.`,
    );
  }
}

export function tooLow(
  { grade, promises, advice }: Durability,
  minimum: DurabilityGrade,
): DurabilityError {
  return new DurabilityError(
    "durability.too_low",
    `Redis is of durability grade ${grade}, and ${minimum} is asked for. ${promises} ${advice}`,
  );
}

export function undecided(durability: Durability, minimum: DurabilityGrade): DurabilityError {
  const replica = durability.servers.find(({ role }) => role === "replica");
  const reason = replica
    ? `${replica.address} is a replica`
    : `Redis does not tell ${durability.unknown.map((name) => `\`${name}\``).join(" and ")}`;
  return new DurabilityError(
    "durability.unknown",
    `The durability grade ${minimum} is asked for, and it cannot be determined: ${reason}. ` +
      `Connect to the primary, allow CONFIG GET, or say with \`durability.declared\` what its operator promises.`,
  );
}

export function barrierUnsupported(barrier: string, reason: string): DurabilityError {
  return new DurabilityError(
    "durability.barrier_unsupported",
    `The barrier "${barrier}" cannot be had: ${reason}.`,
  );
}
