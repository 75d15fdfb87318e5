/** openworkflow, on whichever of its backends. */
import { defineWorkflowSpec, OpenWorkflow } from "openworkflow";
import type { OpenWorkflowOptions } from "openworkflow";
import { CONCURRENCY, perform } from "../src/engine.ts";
import type { Engine, MarkFor, Place, Run, StoreKind } from "../src/engine.ts";
import type { Steps } from "../src/programs.ts";
import { versionOf } from "./version.ts";

interface Opened {
  readonly backend: OpenWorkflowOptions["backend"];
  readonly stop: () => Promise<void>;
}

type Handle = Awaited<ReturnType<OpenWorkflow["runWorkflow"]>>;

const SPEC = defineWorkflowSpec<Run>({ name: "bench" });

export function createOpenWorkflow(
  store: StoreKind,
  open: (place: Place) => Promise<Opened>,
): Engine {
  return {
    store,
    about: `openworkflow ${versionOf("openworkflow")}: concurrency ${CONCURRENCY}; its workers poll every 0.1 to 1 s when idle, its result() every second, its leases last 30 s, and none of these can be set`,
    batch: 1,
    cannot: { inbox: "a signal that comes while nobody waits is dropped" },

    async startWorker(place, markFor) {
      const { backend, stop } = await open(place);
      const openWorkflow = new OpenWorkflow({ backend });
      implement(openWorkflow, markFor);
      const worker = openWorkflow.newWorker({ concurrency: CONCURRENCY });
      await worker.start();
      return {
        async close() {
          await worker.stop();
          await stop();
        },
      };
    },

    async connect(place) {
      const { backend, stop } = await open(place);
      const openWorkflow = new OpenWorkflow({ backend });
      const handles = new Map<string, Handle>();
      return {
        async start(runs) {
          for (const run of runs) handles.set(run.id, await openWorkflow.runWorkflow(SPEC, run));
        },
        async result({ id }) {
          const output = await handles.get(id)?.result();
          handles.delete(id);
          return output;
        },
        async sendEvent({ id }) {
          await openWorkflow.sendSignal({ signal: id });
        },
        close: stop,
      };
    },
  };
}

function implement(openWorkflow: OpenWorkflow, markFor: MarkFor): void {
  openWorkflow.implementWorkflow(SPEC, async ({ input, step }) => {
    const steps: Steps = {
      do: async (name, callback) => await step.run({ name }, callback),
      sleep: async (name, ms) => await step.sleep(name, `${ms}ms`),
      waitForEvent: async (name) => await step.waitForSignal({ name, signal: input.id }),
    };
    return await perform(steps, input, markFor);
  });
}
