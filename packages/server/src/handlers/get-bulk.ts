import { findBulk } from "../bulk-lookup.ts";
import { operation } from "../operation.ts";
import { BulkPath } from "../schemas.ts";
import { BulkView, toBulkView } from "../views/bulk-view.ts";

export const getBulk = operation({
  id: "getBulk",
  summary: "Get how far a bulk action has come",
  role: "view",
  path: BulkPath,
  result: BulkView,
  handle: async ({ workflow, path, namespace }) => {
    const { record } = await workflow();
    return { result: toBulkView(await findBulk(namespace, record.name, path.bulk_id)) };
  },
});
