/** As in the REST API. An older wrangler, which says `action` in place of `status`, looks for `success`. */
import { z } from "zod";
import { changeInstance, ChangedStatus, StatusChange } from "../../handlers/change-status.ts";
import { operation } from "../../operation.ts";
import { InstancePath } from "../../schemas.ts";

export const changeStatus = operation({
  id: "explorerChangeStatus",
  summary: "Pause, resume, terminate or restart an instance",
  role: "operate",
  path: InstancePath,
  body: StatusChange,
  result: ChangedStatus.extend({ success: z.literal(true) }),
  handle: async ({ workflow, path, body, note }) => {
    const changed = await changeInstance(await workflow(), path.instance_id, { body, note });
    return { result: { ...changed, success: true as const } };
  },
});
