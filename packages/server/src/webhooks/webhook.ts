/** A webhook: where to, about what, and how it has fared. */
import type { StatusChange, WebhookRecord } from "bullmq-workflows/internal";
import { createSecret } from "./signature.ts";

type KeptStatus = WebhookRecord["statuses"][number];

/** What webhooks can be told of: Cloudflare's words for what happens to an instance as a whole. */
export const WEBHOOK_EVENT_TYPES = [
  "workflow_queued",
  "workflow_running",
  "workflow_waiting",
  "workflow_waiting_for_pause",
  "workflow_paused",
  "workflow_completed",
  "workflow_errored",
  "workflow_terminated",
  "rollback_started",
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** Those of a webhook that does not say. */
export const DEFAULT_EVENT_TYPES: readonly WebhookEventType[] = [
  "workflow_completed",
  "workflow_errored",
  "workflow_terminated",
];

const STATUS_OF: Readonly<Record<WebhookEventType, KeptStatus>> = {
  workflow_queued: "queued",
  workflow_running: "running",
  workflow_waiting: "waiting",
  workflow_waiting_for_pause: "waitingForPause",
  workflow_paused: "paused",
  workflow_completed: "complete",
  workflow_errored: "errored",
  workflow_terminated: "terminated",
  rollback_started: "rollingBack",
};

/** How long after a rotation messages are signed with the secret before it as well. */
const OVERLAP_MS = 86_400_000;

/** Why nothing is sent any more. */
interface Disabled {
  /** Epoch milliseconds, as all instants here. */
  readonly at: number;
  readonly reason: "by_request" | "failing" | "gone";
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Absent when it is about all workflows of its namespace. */
  readonly workflow?: string;
  readonly eventTypes: readonly WebhookEventType[];
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly secret: string;
  readonly secretBefore?: { readonly secret: string; readonly until: number };
  readonly disabled?: Disabled;
  /** Since when nothing has got through. */
  readonly failingSince?: number;
}

export function toWebhookRecord(webhook: Webhook): WebhookRecord {
  const { id, workflow, eventTypes, disabled, ...rest } = webhook;
  return {
    id,
    ...(workflow !== undefined && { workflow }),
    statuses: eventTypes.map((type) => STATUS_OF[type]),
    isActive: disabled === undefined,
    text: JSON.stringify({ ...rest, eventTypes, ...(disabled && { disabled }) }),
  };
}

export function fromWebhookRecord({ id, workflow, text }: WebhookRecord): Webhook {
  const rest = JSON.parse(text) as Omit<Webhook, "id" | "workflow">;
  return { id, ...(workflow !== undefined && { workflow }), ...rest };
}

/** The type of a change that the webhook is to be told of; `undefined` when it is not. */
export function typeWanted(
  { disabled, workflow, eventTypes }: Webhook,
  of: { readonly workflow: string; readonly change: StatusChange },
): WebhookEventType | undefined {
  if (disabled || (workflow ?? of.workflow) !== of.workflow) return undefined;
  return eventTypes.find((type) => STATUS_OF[type] === of.change.status);
}

/** With another secret. The one before stays good for a day, so that receivers can be told of the new one. */
export function rotated(webhook: Webhook, now: number): Webhook {
  const { secret } = webhook;
  const secretBefore = { secret, until: now + OVERLAP_MS };
  return { ...webhook, secret: createSecret(), secretBefore, modifiedAt: now };
}

/** What to sign with at an instant. */
export function secretsOf({ secret, secretBefore }: Webhook, now: number): readonly string[] {
  return secretBefore && secretBefore.until > now ? [secret, secretBefore.secret] : [secret];
}
