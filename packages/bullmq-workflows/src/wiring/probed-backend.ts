import { probedDispatcher, probedStore } from "../engine/probes.ts";
import type { Probe } from "../engine/probes.ts";
import type { Backend } from "./backend.ts";

/** The same backend, with a probe before and after every write. For tests. */
export function probedBackend(backend: Backend, probe: Probe): Backend {
  return {
    open(...parameters) {
      const { store, dispatcher, feed } = backend.open(...parameters);
      return {
        store: probedStore(store, probe),
        dispatcher: probedDispatcher(dispatcher, probe),
        feed,
      };
    },
    directory: (namespace) => backend.directory(namespace),
    accessLedger: () => backend.accessLedger(),
    webhookLedger: (namespace) => backend.webhookLedger(namespace),
    openDeliveries: (...parameters) => backend.openDeliveries(...parameters),
    inspect: async () => await backend.inspect(),
    close: async () => await backend.close(),
  };
}
