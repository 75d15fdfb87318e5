/** An instance as people look at it: its record and steps, with every value as observers may see it. */
import type { InstanceRecord, Store } from "../engine/ports.ts";
import type { NamedMessage } from "../model/error-folding.ts";
import type { RollbackOutcome } from "../model/history.ts";
import { toInstanceDetails } from "../model/instance-details.ts";
import type { InstanceDetails } from "../model/instance-details.ts";
import { observeValues } from "../model/observed-values.ts";
import { createWorkflowCodec } from "../model/payload.ts";

export interface Inspection extends InstanceDetails {
  readonly record: Omit<InstanceRecord, "params" | "output" | "error" | "rollback">;
  readonly params: unknown;
  /** Present when it is complete. */
  readonly output?: { readonly value: unknown };
  /** Present when it is errored. */
  readonly error?: NamedMessage;
  /** Present when a rollback has ended. */
  readonly rollback?: {
    readonly outcome: RollbackOutcome["outcome"];
    readonly error: NamedMessage | null;
  };
}

/** How workflows of any kind have stored values and errors. */
const codec = createWorkflowCodec({}, "cloudflare");
const values = observeValues({ codec, errors: "cloudflare" });

/** What there is of an instance; `undefined` when it is not there. Errors read as at Cloudflare. */
export async function inspectInstance(
  store: Store,
  instanceId: string,
): Promise<Inspection | undefined> {
  const [found, entries] = await Promise.all([store.get(instanceId), store.history(instanceId)]);
  if (!found) return undefined;
  const { params, output, error, rollback, ...record } = found;
  const startedAt = record.startedAt ?? record.createdAt;
  return {
    ...toInstanceDetails({ startedAt, entries }, values),
    record,
    params: values.ofPayload(params),
    ...(output !== undefined && { output: { value: values.ofPayload(output) } }),
    ...(error !== undefined && { error: values.ofError(JSON.parse(error)) }),
    ...(rollback && { rollback: toRollback(rollback) }),
  };
}

function toRollback(ended: RollbackOutcome): NonNullable<Inspection["rollback"]> {
  const { outcome } = ended;
  return {
    outcome,
    error: ended.outcome === "failed" ? values.ofError(JSON.parse(ended.error)) : null,
  };
}
