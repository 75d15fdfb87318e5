/**
 * The workflow that faults happen to. What an instance does follows from the seed and its number, and
 * everything that its code sees goes to the ledger.
 */
import { NonRetryableError } from "../../../src/model/errors.ts";
import { WorkflowEntrypoint } from "../../../src/model/workflow.ts";
import type {
  WorkflowEvent,
  WorkflowStep,
  WorkflowStepContext,
} from "../../../src/model/workflow.ts";
import { seededRandom } from "../../chaos/support/random.ts";
import type { RunLedger } from "./run-ledger.ts";

export const WORKFLOW = "trial";

const RETRIES = { retries: { limit: 20, delay: 100, backoff: "constant" } } as const;

export const EVENT_TYPES = ["left", "right"] as const;

export interface Surroundings {
  readonly seed: string;
  /** Begins the record of one pass through `run()`. */
  open(instanceId: string): RunLedger;
}

/** What is sent with an event. The last number of its type ends the wait for the type. */
interface Parcel {
  readonly number: number;
  /** Of this sending: one that is repeated has another. */
  readonly id: string;
}

export interface Plan {
  readonly napMs: number;
  /** Attempts of each step that fail before the one that does not. */
  readonly failures: number;
  readonly workMs: number;
  /** Events that are sent and awaited, per type. */
  readonly events: Readonly<Record<(typeof EVENT_TYPES)[number], number>>;
  readonly contestMs: number;
  readonly isPaused: boolean;
  readonly end: "complete" | "errored" | "terminated";
}

export function planOf(seed: string, number: number): Plan {
  const random = seededRandom(`${seed} ${number}`);
  const upTo = (limit: number): number => Math.floor(random() * (limit + 1));
  const chance = random();
  return {
    napMs: 10 + Math.floor(random() ** 2 * 2_000),
    failures: random() < 0.2 ? 1 + upTo(1) : 0,
    workMs: random() < 0.3 ? Math.floor(random() ** 3 * 4_000) : 0,
    events: { left: upTo(3), right: upTo(2) },
    contestMs: 1 + upTo(30),
    isPaused: random() < 0.1,
    end: chance < 0.92 ? "complete" : chance < 0.96 ? "errored" : "terminated",
  };
}

export class Trial extends WorkflowEntrypoint<Surroundings, { number: number }> {
  async run(
    { instanceId, payload: { number } }: WorkflowEvent<{ number: number }>,
    step: WorkflowStep,
  ): Promise<unknown> {
    const ledger = this.env.open(instanceId);
    const plan = planOf(this.env.seed, number);
    const work = (ms = 0) => {
      return async (context: WorkflowStepContext): Promise<string> => {
        const execution = ledger.start(context);
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
        if (context.attempt <= plan.failures) throw new Error("This attempt fails");
        return ledger.complete(context, execution);
      };
    };
    const perform = async (name: string, ms?: number): Promise<string> =>
      ledger.observe(`do:${name}-1`, await step.do(name, RETRIES, work(ms)));

    const first = await perform("first");
    await step.sleep("nap", plan.napMs);
    ledger.observe("sleep:nap-1", "slept");
    const both = await Promise.all([perform("near", plan.workMs), perform("far")]);
    const parcels = await Promise.all(
      EVENT_TYPES.map(async (type) => await receive(step, ledger, [type, plan.events[type]])),
    );
    const { winner } = await step.race("contest", {
      work: step.do("contender", RETRIES, work(plan.contestMs)),
      timer: step.sleep("limit", plan.contestMs),
    });
    ledger.observe("race:contest-1", winner);
    if (plan.end === "terminated") await step.waitForEvent("nothing", { type: "never" });
    if (plan.end === "errored") throw new NonRetryableError("This instance fails");
    return { values: [first, ...both, await perform("last")], parcels, winner };
  }
}

/** Takes events of a type until the last one came; answers the ids of the sendings. */
async function receive(
  step: WorkflowStep,
  ledger: RunLedger,
  [type, last]: readonly [string, number],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = 0; number < last;) {
    const event = await step.waitForEvent<Parcel>(type, { type, timeout: "1 day" });
    ids.push(event.payload.id);
    ledger.observe(`wait:${type}-${ids.length}`, event.payload.id);
    number = event.payload.number;
  }
  return ids;
}
