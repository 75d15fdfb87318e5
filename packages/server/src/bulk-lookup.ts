/** Finds a bulk action by its id. */
import type { JobReport, Namespace } from "bullmq-workflows/internal";
import { bulkNotFound } from "./api-error.ts";

/** @throws {@link ApiError} 404 */
export async function findBulk(
  namespace: Namespace,
  workflow: string,
  id: string,
): Promise<JobReport> {
  const reports = await namespace.directory.jobReports(workflow);
  const report = reports.find((each) => each.id === id);
  if (!report) throw bulkNotFound();
  return report;
}
