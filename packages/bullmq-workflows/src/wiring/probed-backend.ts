import { probedDispatcher, probedStore } from "../engine/probes.ts";
import type { Probe } from "../engine/probes.ts";
import type { Backend } from "./backend.ts";

/** The same backend, with a probe before and after every write. For tests. */
export function probedBackend(backend: Backend, probe: Probe): Backend {
  return {
    open(workflowName) {
      const { store, dispatcher } = backend.open(workflowName);
      return {
        store: probedStore(store, probe),
        dispatcher: probedDispatcher(dispatcher, probe),
      };
    },
    close: async () => await backend.close(),
  };
}
