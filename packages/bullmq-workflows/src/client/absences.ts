/**
 * Tells why an instance is not there that somebody has seen: it was deleted, or the store has lost it.
 */
import { InstanceNotFoundError } from "../model/errors.ts";
import { InstanceLostError } from "../model/store-errors.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";

/** When an instance was seen, and which of those that may have had its id. */
export interface Sighting {
  readonly seenAt: number;
  /** It was created after this moment of {@link HeardEnds}. */
  readonly createdSince?: number | undefined;
  readonly createdAt?: number;
}

export interface AbsencesParts {
  readonly workflow: string;
  readonly store: Pick<Store, "activations">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class Absences {
  readonly #parts: AbsencesParts;

  constructor(parts: AbsencesParts) {
    this.#parts = parts;
  }

  /** It is there now. */
  see(record: { readonly createdAt?: number } = {}): Sighting {
    const { createdAt } = record;
    return { seenAt: this.#parts.clock.now(), ...(createdAt !== undefined && { createdAt }) };
  }

  /** It was created just now, after that moment. */
  seeCreated(since: number | undefined): Sighting {
    return { seenAt: this.#parts.clock.now(), createdSince: since };
  }

  /** What to reject with. */
  async explain(instanceId: string, sighting: Sighting | undefined): Promise<Error> {
    const notFound = new InstanceNotFoundError(instanceId);
    if (!sighting || !(await this.#isLost(instanceId, sighting))) return notFound;
    const { telemetry, workflow } = this.#parts;
    telemetry.log("error", "an instance is gone that nobody deleted", { workflow, instanceId });
    telemetry.count("loss.missing", { workflow });
    return new InstanceLostError(instanceId);
  }

  async #isLost(instanceId: string, { seenAt, createdAt }: Sighting): Promise<boolean> {
    const { store, clock } = this.#parts;
    const ageMs = clock.now() - seenAt;
    const nothing = { fence: 0, lastEvent: 0, lastEventAt: 0, entries: 0, held: [] };
    try {
      const known = createdAt === undefined ? {} : { createdAt };
      const outcome = await store.activations.reassert({ instanceId, ageMs, ...known, ...nothing });
      return outcome.type === "missing";
    } catch {
      // That it is not there is all that is known.
      return false;
    }
  }
}
