/**
 * The program under comparison: one workflow class that runs every scenario, and what drives it from
 * outside. Bundled once for each side; the only module that is not the same is `cloudflare:workers`.
 */
import { WorkflowEntrypoint } from "cloudflare:workers";
import { describe, settle } from "./describe.ts";
import { readSteps } from "./steps.ts";
import type {
  Event,
  Inside,
  Instance,
  InstanceStatus,
  Outside,
  Scenario,
  Step,
} from "./scenario.ts";
import type { Workflow } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

interface Bindings {
  readonly WORKFLOW: Workflow;
  readonly LIMITED: Workflow;
}

const FINAL = new Set(["complete", "errored", "terminated"]);
const POLL_MS = 10;
const PATIENCE_MS = 20_000;

/** Counted when the code of an instance runs; what it has begun with is on record soon after. */
const BEGUN = "begun";
const SOON_MS = 250;

/** What all instances have counted, and the gates that were opened, by instance. */
const counts = new Map<string, number>();
const openGates = new Set<string>();

export class ScenarioWorkflow extends WorkflowEntrypoint {
  async run(event: Event, step: unknown): Promise<unknown> {
    const inside = insideOf(event.instanceId);
    const running = scenarioOf(event).run(step as Step, event, inside);
    inside.count(BEGUN);
    return await running;
  }
}

export const names: readonly string[] = SCENARIOS.map(({ name }) => name);

/** Runs a scenario and answers with what is compared. */
export async function record(name: string, env: Bindings): Promise<unknown> {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (!scenario) throw new Error(`There is no scenario "${name}"`);
  const kept: Instance[] = [];
  const outside = outsideOf(scenario, env, kept);
  const drive = scenario.drive ?? (async () => void (await outside.ended(await outside.create())));
  const driven = await settle(within(drive(outside)));
  const instances: unknown[] = [];
  for (const instance of kept) instances.push(await recordInstance(instance));
  return { driven, instances };
}

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return Response.json(await record(name, env));
  },
};

async function recordInstance(instance: Instance): Promise<unknown> {
  const found = await settle(instance.status());
  if (!("resolved" in (found as object))) return found;
  const { status, output, error, rollback } = await instance.status();
  // The local runtime leaves out what has not happened; the documentation has `null` there.
  const facts = { status, output: describe(output), error, rollback: rollback ?? null };
  return { ...facts, steps: await readSteps(instance, FINAL.has(status)) };
}

function scenarioOf({ instanceId, payload }: Event): Scenario {
  const [index] = instanceId.split("_");
  const given = (payload as { readonly scenario?: unknown } | null)?.scenario;
  const scenario = SCENARIOS.find(({ name }) => name === given) ?? SCENARIOS[Number(index)];
  if (!scenario) throw new Error(`No scenario has an instance ${instanceId}`);
  return scenario;
}

function insideOf(instanceId: string): Inside {
  return {
    count(what) {
      const key = `${instanceId}/${what}`;
      const times = (counts.get(key) ?? 0) + 1;
      counts.set(key, times);
      return times;
    },
    // Polled: Cloudflare's runtime lets no request resolve what another one awaits.
    gate: async (name) => await poll(async () => openGates.has(`${instanceId}/${name}`)),
  };
}

function outsideOf(scenario: Scenario, env: Bindings, kept: Instance[]): Outside {
  let created = 0;
  const newId = (): string => `${SCENARIOS.indexOf(scenario)}_${++created}`;
  const keep = (instance: Instance): Instance => {
    kept.push(instance);
    return instance;
  };
  const until = async (instance: Instance, isIt: (status: InstanceStatus) => boolean) => {
    await poll(async () => isIt(await instance.status()));
    return await instance.status();
  };
  const counted = async (instance: Instance, what: string, times = 1): Promise<void> =>
    await poll(async () => (counts.get(`${instance.id}/${what}`) ?? 0) >= times);
  return {
    workflow: env.WORKFLOW,
    limited: env.LIMITED,
    newId,
    keep,
    create: async (options = {}) => keep(await env.WORKFLOW.create({ id: newId(), ...options })),
    ended: async (instance) => await until(instance, ({ status }) => FINAL.has(status)),
    until: async (instance, wanted) =>
      void (await until(instance, ({ status }) => status === wanted)),
    counted,
    async begun(instance) {
      await counted(instance, BEGUN);
      await new Promise((resolve) => setTimeout(resolve, SOON_MS));
    },
    open: (instance, gate) => void openGates.add(`${instance.id}/${gate}`),
    outcome: async (promise) =>
      await settle(typeof promise === "function" ? (async () => await promise())() : promise),
  };
}

async function poll(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error("Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A scenario that hangs on one side is a difference like any other. */
async function within<T>(promise: Promise<T>): Promise<T> {
  const expiry = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error("The scenario did not end")), PATIENCE_MS),
  );
  return await Promise.race([promise, expiry]);
}
