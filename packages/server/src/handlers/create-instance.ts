import { operation } from "../operation.ts";
import { CreatedInstance, NewInstance, WorkflowPath } from "../schemas.ts";
import { toCreateOptions } from "../views/create-options.ts";
import { toCreated } from "../views/instance-view.ts";

export const createInstance = operation({
  id: "createInstance",
  summary: "Create an instance",
  role: "operate",
  path: WorkflowPath,
  body: NewInstance,
  result: CreatedInstance,
  handle: async ({ workflow, body }) => {
    const { record, workflow: binding } = await workflow();
    const { id } = await binding.create(toCreateOptions(body));
    return { result: toCreated(id, record) };
  },
});
