/** Ends a bulk action before its time: what it has done stays done. No effect on one that has ended. */
import { findBulk } from "../bulk-lookup.ts";
import { operation } from "../operation.ts";
import { BulkPath } from "../schemas.ts";
import { BulkView, toBulkView } from "../views/bulk-view.ts";

export const cancelBulk = operation({
  id: "cancelBulk",
  summary: "Cancel a bulk action",
  role: "operate",
  path: BulkPath,
  result: BulkView,
  handle: async ({ workflow, path, namespace }) => {
    const { record } = await workflow();
    const { bulk_id: id } = path;
    await namespace.directory.cancelJob({ kind: "bulk", workflow: record.name, id });
    return { result: toBulkView(await findBulk(namespace, record.name, id)) };
  },
});
