/** A bulk action, as the API answers it and as people read it. */
import { styled } from "../text.ts";
import type { Text } from "../text.ts";

export interface BulkResult {
  readonly id: string;
  readonly action: string;
  readonly state: "running" | "complete" | "cancelled";
  readonly matched: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly errors: readonly {
    readonly id: string;
    readonly code: number;
    readonly message: string;
  }[];
  readonly started_by: string;
  readonly started_on: string;
  readonly ended_on: string | null;
}

export function bulkCounts({ done, skipped, failed }: BulkResult): string {
  return `${done} done, ${skipped} with nothing to do, ${failed} failed`;
}

/** What came of it, and the first errors. */
export function bulkOutcome(result: BulkResult): readonly Text[] {
  const state = result.state === "complete" ? "is complete" : `is ${result.state}`;
  return [
    `Bulk action ${result.id} (${result.action}) ${state}: ${bulkCounts(result)}.`,
    ...result.errors.map(({ id, message }) => styled("red", `"${id}": ${message}`)),
  ];
}
