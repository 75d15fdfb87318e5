/** Creating and deleting many instances in one call, as Cloudflare does. */
import { InvalidArgumentError } from "../model/errors.ts";
import { BATCH_LIMIT } from "../model/limits.ts";
import { ValidationError } from "../model/validation-error.ts";
import type { WorkflowInstanceCreateOptions, WorkflowRetention } from "./create-options.ts";
import type { WorkflowInstance } from "./instance-handle.ts";
import type { SchemaChecks } from "./schema-checks.ts";

/** Either so many instances alike, or each with its own options. */
export type WorkflowBatchCreateOptions<Params = unknown> =
  | { count: number; params?: Params; retention?: WorkflowRetention; locationHint?: string }
  | { instances: readonly WorkflowInstanceCreateOptions<Params>[] };

/** What was created, and why the rest was not. */
export interface WorkflowBatchCreateResult<Output = unknown, Events = object> {
  created: WorkflowInstance<Output, Events>[];
  errors: { index: number; id: string; code: number; message: string }[];
}

/** What was deleted, and why the rest was not, in the order of the ids given. */
export interface WorkflowBatchDeleteResult {
  deleted: { id: string }[];
  errors: { id: string; code: number; message: string }[];
}

/** Ours: Cloudflare has no schemas. The message is that of the {@link ValidationError}. */
export const INVALID_PARAMS_CODE = 10_422;

/** Cloudflare's numbers and texts for what may be wrong with one entry. */
export const BATCH_ERRORS = {
  exists: { code: 10_405, message: "workflows.api.error.instance.already_exists" },
  duplicate: { code: 10_415, message: "workflows.api.error.instance.duplicate_in_batch" },
  missing: { code: 10_400, message: "workflows.api.error.instance.not_found" },
  internal: { code: 10_001, message: "workflows.api.error.internal_server" },
} as const;

/** The instances that a batch asks for. @throws {@link InvalidArgumentError} before anything is created */
export function expandBatch<Params>(
  batch: WorkflowBatchCreateOptions<Params>,
): readonly WorkflowInstanceCreateOptions<Params>[] {
  if (typeof batch !== "object" || batch === null) throw invalid("Provided argument is invalid");
  if ("instances" in batch) {
    if (!Array.isArray(batch.instances)) throw invalid("Provided argument is invalid");
    const size = batch.instances.length;
    if (size === 0 || size > BATCH_LIMIT) throw invalid("Batch size exceeds maximum allowed");
    return batch.instances;
  }
  if (!("count" in batch)) throw invalid("Provided argument is invalid");
  const { count, ...options } = batch;
  if (!Number.isInteger(count) || count < 1) throw invalid("count must be a positive integer");
  if (count > BATCH_LIMIT) throw invalid("batchCreate only supports 100 instances at a time");
  return Array.from({ length: count }, () => options);
}

/** The ids of a `deleteBatch`, each once. @throws {@link InvalidArgumentError} */
export function checkDeleteBatch(ids: unknown): readonly string[] {
  if (!Array.isArray(ids)) throw invalid("Provided argument is invalid");
  if (ids.length === 0) throw invalid("batchDeleteInstances should have at least 1 instance");
  if (ids.length > BATCH_LIMIT) {
    throw invalid("batchDeleteInstances only supports 100 instances at a time");
  }
  return ids as readonly string[];
}

function invalid(sentence: string): InvalidArgumentError {
  return new InvalidArgumentError("batch.invalid", `(body) ${sentence}`);
}

/** The entries of a batch with their params checked, and why some are refused, by their index. */
export interface CheckedEntries<Params> {
  readonly entries: readonly WorkflowInstanceCreateOptions<Params>[];
  readonly refusals: ReadonlyMap<number, ValidationError>;
}

/** Entries that are one and the same are checked once. */
export async function checkEntries<Params>(
  entries: readonly WorkflowInstanceCreateOptions<Params>[],
  checks: SchemaChecks,
): Promise<CheckedEntries<Params>> {
  const refusals = new Map<number, ValidationError>();
  const outcomes = new Map<object, Promise<unknown> | undefined>();
  for (const [index, entry] of entries.entries()) {
    if (!outcomes.has(Object(entry))) outcomes.set(entry, checks.params(entry?.params, index));
  }
  const checked = entries.map(async (entry, index) => {
    try {
      return { ...entry, params: (await outcomes.get(entry)) as Params };
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      refusals.set(index, error);
      // What else is wrong with it still has to be found.
      const { params: _, ...rest } = entry;
      return rest;
    }
  });
  return { entries: await Promise.all(checked), refusals };
}
