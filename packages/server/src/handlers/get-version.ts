import { versionNotFound } from "../api-error.ts";
import { operation } from "../operation.ts";
import { VersionPath } from "../schemas.ts";
import { toVersionView, VersionView } from "../views/version-view.ts";

export const getVersion = operation({
  id: "getVersion",
  summary: "Get a version of a workflow",
  role: "view",
  path: VersionPath,
  result: VersionView,
  handle: async ({ workflow, path }) => {
    const { record } = await workflow();
    if (record.versionId !== path.version_id) throw versionNotFound();
    return { result: toVersionView(record) };
  },
});
