/** This library, as its users get it: the built package, through its public API alone. */
import { createRequire } from "node:module";
import { Cluster } from "ioredis";
import { WorkflowEngine, WorkflowEntrypoint } from "bullmq-workflows";
import type { EngineMode, WorkflowEvent, WorkflowInstance, WorkflowStep } from "bullmq-workflows";
import { CONCURRENCY, LEASE_MS, perform, workflowOf } from "../engine.ts";
import type { Engine, EngineClient, MarkFor, Place, Run } from "../engine.ts";
import { EVENT_TYPE } from "../programs.ts";
import type { Steps } from "../programs.ts";

const BATCH = 100;
/** Handles a client keeps, so that it need not look an instance up that it has just created. */
const HANDLES = 20_000;

const { version } = createRequire(import.meta.url)(
  "../../../packages/bullmq-workflows/package.json",
) as {
  version: string;
};

interface Env {
  readonly markFor: MarkFor;
}

class Bench extends WorkflowEntrypoint<Env, Run> {
  async run(event: WorkflowEvent<Run>, step: WorkflowStep): Promise<unknown> {
    return await perform(toSteps(step), event.payload, this.env.markFor);
  }
}

function toSteps(step: WorkflowStep): Steps {
  return {
    do: async (name, callback) => await step.do(name, callback),
    sleep: async (name, ms) => await step.sleep(name, ms),
    waitForEvent: async (name, type) => await step.waitForEvent(name, { type }),
  };
}

export const engine: Engine = {
  store: "redis",
  about: `bullmq-workflows ${version} as built: concurrency ${CONCURRENCY}, lease ${LEASE_MS / 1_000} s, all else by default`,
  batch: BATCH,
  cannot: {},

  async startWorker(place, markFor) {
    const { engine, close } = open(place, "worker", markFor);
    await engine.ready();
    return { close };
  },

  async connect(place) {
    const opened = open(place, "client", () => () => undefined);
    await opened.engine.ready();
    return toClient(opened);
  },
};

type Opened = ReturnType<typeof open>;

function open(place: Place, mode: EngineMode, markFor: MarkFor) {
  const { connection, disconnect } = connect(place);
  const lease = LEASE_MS;
  const engine = new WorkflowEngine({
    connection,
    mode,
    lease,
    concurrency: CONCURRENCY,
    env: { markFor },
  });
  const workflows = place.workflows.map((name) => engine.register(Bench, { name }));
  const close = async (): Promise<void> => {
    await engine.close();
    disconnect();
  };
  return { engine, workflows, close };
}

/** A cluster needs a client of ours, with the options that docs/operations.md asks for. */
function connect({ url, clusterPorts }: Place): {
  connection: string | Cluster;
  disconnect: () => void;
} {
  if (clusterPorts === undefined) return { connection: url, disconnect: () => undefined };
  const nodes = clusterPorts.map((port) => ({ host: "127.0.0.1", port }));
  const cluster = new Cluster(nodes, {
    redisOptions: { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
  });
  cluster.on("error", () => undefined);
  return { connection: cluster, disconnect: () => cluster.disconnect() };
}

function toClient({ workflows, close }: Opened): EngineClient {
  const handles = new Map<string, WorkflowInstance>();
  const keep = (created: readonly WorkflowInstance[]): void => {
    for (const handle of created) handles.set(handle.id, handle);
    for (const id of handles.keys()) if (handles.size > HANDLES) handles.delete(id);
  };
  const handleOf = async (run: Run): Promise<WorkflowInstance> =>
    handles.get(run.id) ?? (await workflowOf(workflows, run).get(run.id));
  const create = async (workflow: Opened["workflows"][number], runs: readonly Run[]) => {
    const options = runs.map((run) => ({ id: run.id, params: run }));
    const [only] = options;
    if (options.length > 1) keep(await workflow.createBatch(options));
    else if (only) keep([await workflow.create(only)]);
  };
  return {
    async start(runs) {
      await Promise.all(
        workflows.map(async (workflow) => {
          const own = runs.filter((run) => workflowOf(workflows, run) === workflow);
          await create(workflow, own);
        }),
      );
    },
    result: async (run) => await (await handleOf(run)).result(),
    sendEvent: async (run) => await (await handleOf(run)).sendEvent({ type: EVENT_TYPE }),
    close,
  };
}
