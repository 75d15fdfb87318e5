/** The workflow of the soak: what an instance does follows from the seed and its number. */
import { NonRetryableError } from "../../../src/model/errors.ts";
import { WorkflowEntrypoint } from "../../../src/model/workflow.ts";
import type {
  WorkflowEvent,
  WorkflowStep,
  WorkflowStepContext,
} from "../../../src/model/workflow.ts";
import { seededRandom } from "./random.ts";

export const WORKFLOW = "soak";

const RETRIES = { retries: { limit: 10, delay: 200, backoff: "constant" } } as const;

export interface SoakSurroundings {
  readonly seed: string;
  /** Puts an execution of a callback on record. */
  execute(instanceId: string, context: WorkflowStepContext): void;
}

export interface Plan {
  readonly sleepMs: number;
  /** Attempts that fail before the one that does not. */
  readonly failures: number;
  /** When the event is sent, in ms after the creation; 0 if the instance waits for none. */
  readonly eventAfterMs: number;
  readonly hasRace: boolean;
  readonly end: "complete" | "errored" | "terminated";
}

export function planOf(seed: string, number: number): Plan {
  const random = seededRandom(`${seed} ${number}`);
  const chance = random();
  return {
    sleepMs: 10 + Math.floor(random() ** 2 * 4_000),
    failures: random() < 0.2 ? 1 + Math.floor(random() * 2) : 0,
    eventAfterMs: random() < 0.5 ? 1 + Math.floor(random() * 4_000) : 0,
    hasRace: random() < 0.3,
    end: chance < 0.9 ? "complete" : chance < 0.96 ? "errored" : "terminated",
  };
}

/** What an instance that completes ends with. */
export function outputOf(plan: Plan, number: number): unknown {
  return [
    `first ${number}`,
    `left ${number}`,
    `right ${number}`,
    plan.eventAfterMs > 0 ? `event ${number}` : "no event",
    plan.hasRace ? "quick" : "no race",
    `last ${number}`,
  ];
}

export class Soak extends WorkflowEntrypoint<SoakSurroundings, { number: number }> {
  async run(
    { instanceId, payload: { number } }: WorkflowEvent<{ number: number }>,
    step: WorkflowStep,
  ): Promise<unknown> {
    const plan = planOf(this.env.seed, number);
    const work = (value: string) => async (context: WorkflowStepContext) => {
      this.env.execute(instanceId, context);
      if (context.attempt <= plan.failures) throw new Error("This attempt fails");
      return `${value} ${number}`;
    };
    const first = await step.do("first", RETRIES, work("first"));
    await step.sleep("nap", plan.sleepMs);
    const [left, right] = await Promise.all([
      step.do("left", RETRIES, work("left")),
      step.do("right", RETRIES, work("right")),
    ]);
    const event = plan.eventAfterMs > 0 ? await awaitEvent(step) : "no event";
    const winner = plan.hasRace ? await race(step, work("quick")) : "no race";
    if (plan.end === "terminated") await step.waitForEvent("nothing", { type: "never" });
    if (plan.end === "errored") throw new NonRetryableError("This instance fails");
    return [first, left, right, event, winner, await step.do("last", RETRIES, work("last"))];
  }
}

async function awaitEvent(step: WorkflowStep): Promise<unknown> {
  return (await step.waitForEvent<string>("approval", { type: "approval" })).payload;
}

async function race(
  step: WorkflowStep,
  work: (context: WorkflowStepContext) => Promise<string>,
): Promise<string> {
  const { winner } = await step.race("pick", {
    quick: step.do("quick", RETRIES, work),
    slow: step.sleep("slow", "1 hour"),
  });
  return winner;
}
