/** The graph of a version's code. There is none: nothing here reads code, which Cloudflare's API allows for. */
import { z } from "zod";
import { versionNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { Instant, VersionPath } from "../schemas.ts";
import { toVersionView } from "../views/version-view.ts";

export const getGraph = operation({
  id: "getGraph",
  summary: "Get the graph of a version, which is null",
  role: "view",
  path: VersionPath,
  result: z.object({
    id: z.string(),
    class_name: z.string(),
    created_on: Instant,
    modified_on: Instant,
    workflow_id: z.string(),
    graph: z.null(),
  }),
  handle: async ({ workflow, path }) => {
    const { record } = await workflow();
    if (record.versionId !== path.version_id) throw versionNotFound();
    const { id, class_name, created_on, modified_on, workflow_id } = toVersionView(record);
    return { result: { id, class_name, created_on, modified_on, workflow_id, graph: null } };
  },
});
