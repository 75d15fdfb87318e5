/**
 * Jobs that go by what there is to be done, not by what was done: they are over when nothing of their scope
 * is left, and doing them again from the beginning is harmless.
 */
import type { WorkflowInstance } from "bullmq-workflows";
import type { ListRequest } from "bullmq-workflows/internal";
import type { Turn } from "./turn.ts";

/** Instances at once. */
const BATCH = 100;

/** Which instances a job is about. What is done to one takes it out of its scope. */
export type JobScope = Pick<ListRequest, "statuses" | "createdTo">;

export function clearing(apply: (instance: WorkflowInstance) => Promise<void>): Turn {
  return async ({ store, workflow }, { detail }) => {
    const scope = JSON.parse(detail) as JobScope & Pick<ListRequest, "cursor">;
    const { instances, cursor } = await store.instances.list({ ...scope, limit: BATCH });
    const changes = instances.map(async ({ id }) => {
      try {
        await apply(await workflow.get(id));
      } catch (error) {
        if (!isOver(error)) throw error;
      }
    });
    await Promise.all(changes);
    if (instances.length > 0) return { isDone: false, detail };
    // Many may be known by their names alone, when Redis has lost their records: there is nothing to do to them.
    const next = cursor === undefined ? scope : { ...scope, cursor };
    return { isDone: cursor === undefined, detail: JSON.stringify(next) };
  };
}

/** Whoever is gone or has ended meanwhile needs nothing done. */
function isOver(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code;
  return code === "instance.not_found" || code === "instance.cannot_terminate";
}
