/** What tests of subscriptions need. */
import type {
  WorkflowInstanceEvent,
  WorkflowInstanceEventType,
  WorkflowInstanceSubscription,
} from "../../src/index.ts";
import type { Body } from "./harness.ts";

export const oneStep: Body = async (step) => await step.do("a", () => "of a");

/** What {@link oneStep} is told to do. */
export const ONE_STEP_RUN: readonly WorkflowInstanceEventType[] = [
  "workflow_queued",
  "workflow_started",
  "workflow_running",
  "step_started",
  "attempt_started",
  "attempt_completed",
  "step_completed",
  "workflow_completed",
];

/** All that come until it ends. */
export async function drain(
  subscription: WorkflowInstanceSubscription,
): Promise<readonly WorkflowInstanceEvent[]> {
  const events: WorkflowInstanceEvent[] = [];
  for await (const event of subscription) events.push(event);
  return events;
}

export function typesOf(events: readonly WorkflowInstanceEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

/** All that come until one of this type has. */
export async function takeUntil(
  subscription: WorkflowInstanceSubscription,
  type: WorkflowInstanceEventType,
): Promise<readonly WorkflowInstanceEvent[]> {
  const events: WorkflowInstanceEvent[] = [];
  while (events.at(-1)?.type !== type) {
    const { value } = await subscription.next();
    if (!value) throw new Error(`It ended before ${type}`);
    events.push(value);
  }
  return events;
}
