/** Tells others in the namespace which workflows this engine has registered: once, and after each reconnect. */
import { randomUUID } from "node:crypto";
import type { WorkflowDefinition } from "../engine/definition.ts";
import type { Announcement, Directory, WorkflowRecord } from "../engine/ports/directory.ts";
import { insist } from "../engine/insist.ts";
import type { Store } from "../engine/ports/store.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import type { StatusFeed } from "../engine/ports/status-feed.ts";
import { keepWanted, statusesWanted } from "../engine/ports/webhook-ledger.ts";
import type { WebhookLedger } from "../engine/ports/webhook-ledger.ts";
import { systemClock } from "../worker/system-clock.ts";
import type { ResolvedEngineConfig } from "./engine-config.ts";

export interface AnnouncerParts {
  readonly directory: Directory;
  readonly webhooks: WebhookLedger;
  readonly store: Pick<Store, "notices">;
  readonly feed: StatusFeed;
  readonly telemetry: Telemetry;
  readonly isClosing: () => boolean;
}

/** Who runs a workflow decides how it is set up; a client only says that it exists. */
export function toAnnouncement(
  definition: WorkflowDefinition,
  className: string,
  { mode, scriptName }: Pick<ResolvedEngineConfig, "mode" | "scriptName">,
): Announcement {
  const { name, stepLimit, concurrencyLimit, retention, searchable } = definition;
  return {
    name,
    id: randomUUID(),
    versionId: randomUUID(),
    renews: mode === "client" ? "never" : "changed",
    settings: {
      className: className === "" ? name : className,
      scriptName,
      stepLimit,
      ...(concurrencyLimit > 0 && { concurrencyLimit }),
      retention,
      ...(searchable.length > 0 && { searchable }),
    },
  };
}

/**
 * Resolves when it is known, with what is known of it; with nothing when the engine closes before. A Redis
 * that comes back may have lost it, so it is said again then.
 */
export async function announce(
  parts: AnnouncerParts,
  announcement: Announcement,
): Promise<WorkflowRecord | undefined> {
  const { store, telemetry, isClosing } = parts;
  const say = async (): Promise<WorkflowRecord> => await sayOnce(parts, announcement);
  const known = await insist(say, { clock: systemClock, mayRetry: () => !isClosing() });
  if (isClosing()) return undefined;
  const onBack = (): void => {
    say().catch((error: unknown) => {
      const facts = { workflow: announcement.name, error };
      telemetry.log("warn", "could not make a workflow known again", facts);
    });
  };
  store.notices.onConnection({ onLost: () => undefined, onBack });
  return known;
}

/** Webhooks may have been there before the workflow was, and no server may be running now. */
async function sayOnce(
  { directory, webhooks, feed }: AnnouncerParts,
  announcement: Announcement,
): Promise<WorkflowRecord> {
  const known = await directory.announce(announcement);
  const { name } = announcement;
  const isWanted = statusesWanted(await webhooks.webhooks(), name).length > 0;
  if (isWanted) await keepWanted(webhooks, feed, name);
  return known;
}
