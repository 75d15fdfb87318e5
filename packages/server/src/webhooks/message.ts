/** What a webhook says of a change of status. */
import { createHash } from "node:crypto";
import { jsonView } from "bullmq-workflows/internal";
import type { OpenWorkflow, OutboxEntry, Summary } from "bullmq-workflows/internal";
import { toIso } from "../views/workflow-view.ts";

/** The largest output that goes along, in characters of JSON. */
const OUTPUT_LIMIT = 65_536;

export interface Occasion {
  readonly namespace: string;
  readonly workflow: string;
  readonly entry: OutboxEntry;
}

/** The same whoever makes it and how often, so that a message is not sent twice because of a crash. */
export function messageId(webhookId: string, { namespace, workflow, entry }: Occasion): string {
  const text = JSON.stringify([webhookId, namespace, workflow, entry.id]);
  return `msg_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}

/** What there is to say of the instance, as far as it is still there, and still so. */
export async function describeOccasion(
  occasion: Occasion,
  { summarize }: Pick<OpenWorkflow, "summarize">,
): Promise<object> {
  const { namespace, workflow, entry } = occasion;
  const { instanceId, status, at } = entry.change;
  const summary = await summarize(instanceId);
  return {
    account_id: namespace,
    workflow_name: workflow,
    instance_id: instanceId,
    status,
    timestamp: toIso(at),
    ...(summary && factsOf(summary)),
    ...(summary?.record.status === status ? resultOf(summary) : (MISSING[status] ?? {})),
  };
}

/** It was deleted, or restarted, before anybody made the message: that something is missing is said. */
const MISSING: Readonly<Record<string, object>> = {
  complete: { output_omitted: true },
  errored: { error_omitted: true },
};

export function toBody(type: string, at: number, data: object): string {
  return JSON.stringify({ type, timestamp: toIso(at), data });
}

function factsOf({ record }: Summary): object {
  const { createdAt, startedAt, endedAt, trigger } = record;
  return {
    created_on: toIso(createdAt),
    started_on: startedAt === undefined ? null : toIso(startedAt),
    ended_on: endedAt === undefined ? null : toIso(endedAt),
    trigger_source: trigger,
  };
}

function resultOf({ output, error }: Summary): object {
  if (error) return { error };
  if (!output) return {};
  const view = jsonView(output.value);
  // Who wants all of it asks for the instance.
  return JSON.stringify(view).length > OUTPUT_LIMIT ? { output_omitted: true } : { output: view };
}
