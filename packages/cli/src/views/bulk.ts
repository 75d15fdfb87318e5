/** A bulk action, as people read it. */
import type { Bulk } from "@bullmq-workflows/client";
import { styled } from "../text.ts";
import type { Text } from "../text.ts";

export function bulkCounts({ done, skipped, failed }: Bulk): string {
  return `${done} done, ${skipped} with nothing to do, ${failed} failed`;
}

/** What came of it, and the first errors. */
export function bulkOutcome(result: Bulk): readonly Text[] {
  const state = result.state === "complete" ? "is complete" : `is ${result.state}`;
  return [
    `Bulk action ${result.id} (${result.action}) ${state}: ${bulkCounts(result)}.`,
    ...result.errors.map(({ id, message }) => styled("red", `"${id}": ${message}`)),
  ];
}
