/** A workflow that passes through every kind of write, and what comes out of it. */
import type { WorkflowInstanceRestartOptions } from "../../../src/client/restart-from.ts";
import { toScheduledId } from "../../../src/model/schedule.ts";
import { WorkflowEntrypoint } from "../../../src/model/workflow.ts";
import type {
  WorkflowEvent,
  WorkflowStep,
  WorkflowStepContext,
} from "../../../src/model/workflow.ts";
import type { WorkflowStepRollbackOptions } from "../../../src/model/rollback.ts";
import { failingStream, readAll, streamOf } from "../../support/streams.ts";
import type { Command } from "./messages.ts";

export const WORKFLOW = "journey";

/** What the workflow is registered with: its schedule has been due this year, and is fired when that is found. */
export const OPTIONS = {
  name: WORKFLOW,
  schedules: { cron: "0 0 1 1 *", catchUp: "latest", params: { kind: "short" } },
} as const;

export const SCHEDULED = toScheduledId(
  OPTIONS.schedules.cron,
  Date.UTC(new Date().getUTCFullYear(), 0, 1),
);

/** What the journey's code does outside itself. */
export interface Surroundings {
  /** Puts an execution of a callback on record; answers its id. */
  execute(instanceId: string, context: WorkflowStepContext): string;
  /** The same for a rollback. */
  undo(instanceId: string, context: WorkflowStepContext): void;
  /** Waits until the test has done what belongs here. */
  checkpoint(name: string): Promise<void>;
}

/** On a busy machine any step may last so long that a crash in it counts as a failed attempt. */
const CONFIG = { retries: { limit: 5, delay: 60, backoff: "constant" } } as const;

/** Two of them are more than one chunk of a stream in the store. */
const PIECE = new Uint8Array(150_000).fill(1);

/** What every step returns: its value, and which execution of it this is. */
interface Work {
  readonly value: string;
  readonly execution: string;
}

interface Params {
  readonly kind: "long" | "repeated" | "short" | "failing" | "abandoned";
}

export class Journey extends WorkflowEntrypoint<Surroundings, Params> {
  async run({ instanceId, payload }: WorkflowEvent<Params>, step: WorkflowStep): Promise<unknown> {
    const work =
      (value: string, checkpoint?: string) =>
      async (context: WorkflowStepContext): Promise<Work> => {
        const execution = this.env.execute(instanceId, context);
        if (checkpoint) await this.env.checkpoint(checkpoint);
        return { value, execution };
      };
    const undo = (isFlaky = false): WorkflowStepRollbackOptions<Work> => ({
      rollback: ({ ctx }) => {
        this.env.undo(instanceId, ctx);
        if (isFlaky && isFirst(ctx.idempotencyKey)) throw new Error("not yet");
      },
      rollbackConfig: CONFIG,
    });
    switch (payload.kind) {
      case "long":
        return await travel(step, work);
      case "repeated":
        return await repeat(step, work);
      case "failing":
        return await fail(step, work, undo);
      case "abandoned":
        await step.do("book", CONFIG, work("booked"), undo());
        return await step.waitForEvent("never", { type: "never" });
      case "short":
        return (await step.do("only", CONFIG, work("short"))).value;
    }
  }
}

type MakeWork = (
  value: string,
  checkpoint?: string,
) => (context: WorkflowStepContext) => Promise<Work>;

async function travel(step: WorkflowStep, work: MakeWork): Promise<unknown> {
  const first = await step.do("first", CONFIG, work("one"));
  const [left, right] = await Promise.all([
    step.do("left", CONFIG, work("two")),
    step.do("right", CONFIG, work("three")),
  ]);
  const flaky = await step.do("flaky", CONFIG, async (context) => {
    const done = await work("four")(context);
    if (context.attempt === 1) throw new Error("the first attempt fails");
    return done;
  });
  const streamed = await step.do("streamed", CONFIG, async (context) => {
    await work("stream")(context);
    // Its first attempt is called off when some of it is in the store.
    return context.attempt === 1
      ? failingStream(new Error("torn"), PIECE, PIECE)
      : streamOf(PIECE, PIECE);
  });
  const bytes = await readAll(streamed);
  await step.sleep("nap", 80);
  const approval = await step.waitForEvent<string>("approval", { type: "approval" });
  const race = await step.race("pick", {
    quick: step.do("quick", CONFIG, work("five")),
    slow: step.sleep("slow", "1 hour"),
  });
  const held = await step.do("held", CONFIG, work("six", "hold"));
  const drained = await step.do("drained", CONFIG, work("seven", "drain"));
  const last = await step.do("last", CONFIG, work("eight"));
  const works = [first, left, right, flaky, held, drained, last];
  return {
    values: works.map(({ value }) => value),
    approval: approval.payload,
    winner: race.winner,
    // In the last activation it came from the record.
    streamed: [bytes.length, bytes.reduce((sum, byte) => sum + byte, 0)],
  };
}

async function repeat(step: WorkflowStep, work: MakeWork): Promise<unknown> {
  const prepared = await step.do("prepare", CONFIG, work("prepared"));
  const approval = await step.waitForEvent<string>("approval", { type: "approval" });
  return [prepared.value, approval.payload];
}

type MakeUndo = (isFlaky?: boolean) => WorkflowStepRollbackOptions<Work>;

async function fail(step: WorkflowStep, work: MakeWork, undo: MakeUndo): Promise<never> {
  await step.do("reserve", CONFIG, work("reserved"), undo());
  await Promise.all([
    step.do("charge", CONFIG, work("charged"), undo(true)),
    step.do("note", CONFIG, work("noted")),
    step.do("pack", CONFIG, work("packed"), undo()),
  ]);
  throw new Error("the journey fails");
}

const firsts = new Set<string>();

/** Whether it is the first time that this process is asked. */
function isFirst(what: string): boolean {
  if (firsts.has(what)) return false;
  firsts.add(what);
  return true;
}

/** What the instances that last are to end with. */
export const OUTPUTS: Readonly<Record<string, unknown>> = {
  main: {
    values: ["one", "two", "three", "four", "six", "seven", "eight"],
    approval: "granted",
    winner: "quick",
    streamed: [300_000, 300_000],
  },
  again: ["prepared", "granted"],
  orphan: "short",
  lost: "short",
  [SCHEDULED]: "short",
};

/** How those are to end that are rolled back, and what is to be undone in which order. */
export const ROLLED_BACK: Readonly<
  Record<string, { readonly status: string; readonly undone: readonly string[] }>
> = {
  failing: { status: "errored", undone: ["pack-1", "charge-1", "reserve-1"] },
  abandoned: { status: "terminated", undone: ["book-1"] },
};

/** Instances that are to be gone in the end: deleted, and expired. */
export const GONE: readonly string[] = ["deleted", "brief"];

const KINDS: Readonly<Record<string, Params["kind"]>> = {
  main: "long",
  again: "repeated",
  failing: "failing",
  abandoned: "abandoned",
};

export function paramsOf(instanceId: string): Params {
  return { kind: KINDS[instanceId] ?? "short" };
}

interface Caller {
  create(options: {
    id: string;
    params: unknown;
    retention?: { successRetention: number };
  }): Promise<unknown>;
  get(id: string): Promise<
    Record<
      Exclude<Command["verb"], "create" | "sendEvent" | "rollBack" | "restart" | "restartFrom">,
      () => Promise<void>
    > & {
      terminate(options: { rollback: boolean }): Promise<void>;
      sendEvent(event: { type: string; payload: string }): Promise<void>;
      restart(options?: WorkflowInstanceRestartOptions): Promise<void>;
    }
  >;
}

/** Calls what a client of the library calls. */
export async function perform(workflow: Caller, { verb, instanceId }: Command): Promise<void> {
  if (verb === "create") {
    const isBrief = instanceId === "brief";
    const options = { id: instanceId, params: paramsOf(instanceId) };
    await workflow.create({ ...options, ...(isBrief && { retention: { successRetention: 1 } }) });
    return;
  }
  const instance = await workflow.get(instanceId);
  if (verb === "sendEvent") await instance.sendEvent({ type: "approval", payload: "granted" });
  else if (verb === "rollBack") await instance.terminate({ rollback: true });
  else if (verb === "restartFrom") await instance.restart({ from: WAIT });
  else await instance[verb]();
}

/** What begins anew, when not all does. */
const WAIT = { name: "approval", type: "waitForEvent" } as const;

/** What a repeated command is refused with when the first one came through after all. */
export const DONE_ALREADY: Readonly<Record<Command["verb"], string | undefined>> = {
  create: "instance.already_exists",
  terminate: "instance.cannot_terminate",
  rollBack: "instance.cannot_terminate",
  delete: "instance.not_found",
  sendEvent: undefined,
  pause: undefined,
  resume: undefined,
  restart: undefined,
  // The wait has not begun again.
  restartFrom: "instance.cannot_restart",
};
