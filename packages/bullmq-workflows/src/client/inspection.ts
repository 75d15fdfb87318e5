/** An instance as people look at it: its record and steps, with every value as observers may see it. */
import type { InstanceRecord } from "../engine/ports/instances.ts";
import type { Store } from "../engine/ports/store.ts";
import type { NamedMessage } from "../model/error-folding.ts";
import type { RollbackOutcome } from "../model/history.ts";
import { toInstanceDetails } from "../model/instance-details.ts";
import type { InstanceDetails } from "../model/instance-details.ts";
import { observeValues } from "../model/observed-values.ts";
import { OBSERVER } from "./observation.ts";

/** What there is of an instance beside its steps. */
export interface Summary {
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

const values = observeValues(OBSERVER);

export interface Inspection extends Summary, InstanceDetails {}

/** What there is of an instance without its steps, which may be many; `undefined` when it is not there. */
export async function summarizeInstance(
  store: Pick<Store, "instances">,
  instanceId: string,
): Promise<Summary | undefined> {
  const found = await store.instances.get(instanceId);
  return found && toSummary(found);
}

/** What there is of an instance; `undefined` when it is not there. Errors read as at Cloudflare. */
export async function inspectInstance(
  store: Pick<Store, "instances">,
  instanceId: string,
): Promise<Inspection | undefined> {
  const [found, entries] = await Promise.all([
    store.instances.get(instanceId),
    store.instances.history(instanceId),
  ]);
  if (!found) return undefined;
  const startedAt = found.startedAt ?? found.createdAt;
  return { ...toInstanceDetails({ startedAt, entries }, values), ...toSummary(found) };
}

function toSummary({ params, output, error, rollback, ...record }: InstanceRecord): Summary {
  return {
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
