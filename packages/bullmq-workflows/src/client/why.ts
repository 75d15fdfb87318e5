/** Finds out why an instance does not run. */
import type { Directory } from "../engine/ports/directory.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Headroom } from "../model/headroom.ts";
import { decodeEntry } from "../model/history.ts";
import { toInstanceDetails } from "../model/instance-details.ts";
import { explain } from "./explanation.ts";
import type { Explanation } from "./explanation.ts";

export interface WhyParts {
  readonly workflow: string;
  readonly store: Pick<Store, "insights" | "instances">;
  readonly directory: Pick<Directory, "workers">;
  /** How full Redis is, if it tells. */
  readonly headroom: () => Promise<Headroom | undefined>;
  /** Who paused it by this instant, if that is on record. */
  readonly whoPaused?: ((pausedAt: number) => Promise<string | undefined>) | undefined;
}

/** Entries that say nothing of why it is paused. */
const IN_A_PAUSE: ReadonlySet<string> = new Set(["history_lost", "workflow_paused"]);

/** `undefined` when it is not there. Instants are of the store's clock. */
export async function whyNotRunning(
  parts: WhyParts,
  instanceId: string,
): Promise<Explanation | undefined> {
  const { store, directory, workflow, headroom, whoPaused } = parts;
  const [where, entries, workers, memory] = await Promise.all([
    store.insights.whereabouts(instanceId),
    store.instances.history(instanceId),
    directory.workers(),
    // That Redis does not tell is no reason to tell nothing.
    headroom().catch(() => undefined),
  ]);
  if (!where) return undefined;
  const { pausedAt, createdAt, startedAt = createdAt } = where;
  const last = entries.findLast(({ text }) => IN_A_PAUSE.has(decodeEntry(text).type));
  const hasLostEntries = last !== undefined && decodeEntry(last.text).type === "history_lost";
  return explain({
    where,
    steps: toInstanceDetails({ startedAt, entries }).steps,
    hasLostEntries,
    workers: workers.filter(({ workflows }) => workflows.some(({ name }) => name === workflow)),
    headroom: memory,
    pausedBy: pausedAt === undefined ? undefined : await whoPaused?.(pausedAt),
  });
}
