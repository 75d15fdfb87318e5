import { z } from "zod";
import { instanceNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { InstancePath } from "../schemas.ts";
import { DetailsView, toDetailsView } from "../views/details-view.ts";

export const getInstance = operation({
  id: "getInstance",
  summary: "Get an instance with its steps",
  role: "view",
  path: InstancePath,
  query: z.object({
    order: z.enum(["asc", "desc"]).optional().describe("Of the steps: first to last, or back."),
    simple: z.enum(["true", "false"]).optional().describe("Whether to leave the steps out."),
  }),
  result: DetailsView,
  handle: async ({ workflow, path, query }) => {
    const { record, inspect } = await workflow();
    const inspection = await inspect(path.instance_id);
    if (!inspection) throw instanceNotFound();
    const { order = "asc", simple } = query;
    return { result: toDetailsView(inspection, record, { order, isSimple: simple === "true" }) };
  },
});
