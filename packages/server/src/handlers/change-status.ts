/** Pauses, resumes, terminates or restarts an instance. The key for which is `status`, once `action`. */
import { z } from "zod";
import type { WorkflowInstance } from "bullmq-workflows";
import { operation } from "../operation.ts";
import type { KnownWorkflow } from "../operation.ts";
import { Instant, InstancePath, Status } from "../schemas.ts";
import { toIso } from "../views/workflow-view.ts";

const From = z.object({
  name: z.string().min(1).max(256),
  count: z.number().int().min(1).optional(),
  type: z.enum(["do", "sleep", "waitForEvent"]).optional(),
});

const Change = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("pause") }),
  z.strictObject({ status: z.literal("resume") }),
  z.strictObject({ status: z.literal("terminate"), rollback: z.boolean().optional() }),
  z.strictObject({ status: z.literal("restart"), from: From.optional() }),
]);

/** What is to be done. */
export const StatusChange = z.preprocess((given) => {
  if (typeof given !== "object" || given === null || !("action" in given)) return given;
  const { action, ...rest } = given;
  return { status: action, ...rest };
}, Change);

/** The status that it has by then. */
export const ChangedStatus = z.object({ status: Status, timestamp: Instant });

export const changeStatus = operation({
  id: "changeStatus",
  summary: "Pause, resume, terminate or restart an instance",
  description: "`action` is understood for `status` too.",
  role: "operate",
  path: InstancePath,
  body: StatusChange,
  result: ChangedStatus,
  handle: async ({ workflow, path, body, note }) => {
    const known = await workflow();
    return { result: await changeInstance(known, path.instance_id, { body, note }) };
  },
});

interface StatusCall {
  readonly body: z.output<typeof StatusChange>;
  readonly note: (detail: Readonly<Record<string, unknown>>) => Promise<void>;
}

export async function changeInstance(
  { workflow }: KnownWorkflow,
  instanceId: string,
  { body, note }: StatusCall,
): Promise<z.input<typeof ChangedStatus>> {
  const instance = await workflow.get(instanceId);
  await note({ status: body.status });
  await change(instance, body);
  const { status } = await instance.status();
  return { status, timestamp: toIso(Date.now()) };
}

async function change(instance: WorkflowInstance, body: z.output<typeof Change>): Promise<void> {
  switch (body.status) {
    case "pause":
      return await instance.pause();
    case "resume":
      return await instance.resume();
    case "terminate":
      // What the library does not support it refuses by itself.
      return await instance.terminate({ rollback: body.rollback === true });
    case "restart":
      return await instance.restart(body.from && { from: toFrom(body.from) });
  }
}

function toFrom({ name, count, type }: z.output<typeof From>): WorkflowInstanceRestartFrom {
  return { name, ...(count !== undefined && { count }), ...(type !== undefined && { type }) };
}

type WorkflowInstanceRestartFrom = NonNullable<
  NonNullable<Parameters<WorkflowInstance["restart"]>[0]>["from"]
>;
