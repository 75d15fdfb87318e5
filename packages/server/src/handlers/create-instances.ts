/** Creates up to 100 instances. Those whose ids are taken are left out, as the binding does with a list. */
import { BATCH_LIMIT } from "bullmq-workflows/internal";
import { z } from "zod";
import { operation } from "../operation.ts";
import { CreatedInstance, NewInstance, WorkflowPath } from "../schemas.ts";
import { toCreateOptions } from "../views/create-options.ts";
import { toCreated } from "../views/instance-view.ts";

export const createInstances = operation({
  id: "createInstances",
  summary: "Create up to 100 instances; those whose ids are taken are left out",
  role: "operate",
  path: WorkflowPath,
  body: z.array(NewInstance).min(1).max(BATCH_LIMIT),
  result: z.array(CreatedInstance),
  handle: async ({ workflow, body }) => {
    const { record, workflow: binding } = await workflow();
    const created = await binding.createBatch(body.map(toCreateOptions));
    return { result: created.map(({ id }) => toCreated(id, record)) };
  },
});
