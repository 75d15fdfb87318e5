/**
 * The webhooks of a namespace: who is told of which changes of status, and what became of that. How they are
 * told is the business of who tells them, and text here.
 */
import type { InstanceStatus } from "../../model/status.ts";
import type { StatusFeed } from "./status-feed.ts";

export interface WebhookRecord {
  readonly id: string;
  /** The only workflow that it is about; absent for all. */
  readonly workflow?: string;
  readonly statuses: readonly InstanceStatus[];
  /** Whether anybody is told at present. */
  readonly isActive: boolean;
  readonly text: string;
}

export interface WebhookLedger {
  webhooks(): Promise<readonly WebhookRecord[]>;
  webhook(id: string): Promise<WebhookRecord | undefined>;
  /** Answers false, and changes nothing, when there is something else now than the caller has known. */
  put(webhook: WebhookRecord, known?: WebhookRecord): Promise<boolean>;
  /** Answers whether there was one. */
  remove(id: string): Promise<boolean>;
  /** Notes what became of a delivery; the last `keep` notes of a webhook stay. */
  note(id: string, text: string, keep: number): Promise<void>;
  /** Newest first. */
  notes(id: string, limit: number): Promise<readonly string[]>;
}

/** The statuses of which somebody wants to be told, for one workflow. */
export function statusesWanted(
  webhooks: readonly WebhookRecord[],
  workflow: string,
): readonly InstanceStatus[] {
  const about = webhooks.filter(
    (webhook) => webhook.isActive && (webhook.workflow ?? workflow) === workflow,
  );
  return [...new Set(about.flatMap(({ statuses }) => statuses))].toSorted();
}

/**
 * Has the outbox of a workflow keep what its webhooks want, also when they change meanwhile.
 * Answers what it keeps.
 */
export async function keepWanted(
  ledger: Pick<WebhookLedger, "webhooks">,
  feed: Pick<StatusFeed, "keep">,
  workflow: string,
): Promise<readonly InstanceStatus[]> {
  let wanted = statusesWanted(await ledger.webhooks(), workflow);
  for (;;) {
    await feed.keep(wanted);
    const now = statusesWanted(await ledger.webhooks(), workflow);
    if (now.join() === wanted.join()) return wanted;
    wanted = now;
  }
}
