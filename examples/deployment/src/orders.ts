import { WorkflowEntrypoint } from "bullmq-workflows";
import type { WorkflowEvent, WorkflowStep } from "bullmq-workflows";

export interface Order {
  readonly item: string;
}

export class OrderWorkflow extends WorkflowEntrypoint<unknown, Order> {
  async run({ payload }: WorkflowEvent<Order>, step: WorkflowStep): Promise<string> {
    await step.do("reserve", async () => payload.item);
    await step.sleep("packing", "1 second");
    return await step.do("ship", async () => `${payload.item} is on its way`);
  }
}
