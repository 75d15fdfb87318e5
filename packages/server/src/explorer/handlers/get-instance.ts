import { instanceNotFound } from "../../api-error.ts";
import { operation } from "../../operation.ts";
import { InstancePath } from "../../schemas.ts";
import { ExplorerDetails, toExplorerDetails } from "../views/details-view.ts";

export const getInstance = operation({
  id: "explorerGetInstance",
  summary: "Get an instance with its steps",
  role: "view",
  path: InstancePath,
  result: ExplorerDetails,
  handle: async ({ workflow, path }) => {
    const { record, inspect } = await workflow();
    const inspection = await inspect(path.instance_id);
    if (!inspection) throw instanceNotFound();
    return { result: toExplorerDetails(inspection, record) };
  },
});
