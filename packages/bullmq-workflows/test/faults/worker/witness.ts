/** Writes down what the store acknowledged to a worker, the moment the worker learns of it. */
import { overlay } from "../../../src/engine/overlay.ts";
import type { FencedWrite } from "../../../src/engine/ports/activations.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import type { Backend } from "../../../src/wiring/backend.ts";
import type { Ledger } from "../ledger.ts";

/** The verbs that end an activation when the store carries them out. */
const ENDINGS: ReadonlySet<string> = new Set(["suspended", "finished", "paused", "released"]);

/** The same backend, every acknowledged write of an activation in the ledger. */
export function witnessedBackend(backend: Backend, ledger: Ledger, onClaim: () => void): Backend {
  return {
    open(...parameters) {
      const { store, ...rest } = backend.open(...parameters);
      return { ...rest, store: witnessedStore(store, ledger, onClaim) };
    },
    directory: (namespace) => backend.directory(namespace),
    accessLedger: () => backend.accessLedger(),
    webhookLedger: (namespace) => backend.webhookLedger(namespace),
    openDeliveries: (...parameters) => backend.openDeliveries(...parameters),
    inspect: async () => await backend.inspect(),
    close: async () => await backend.close(),
  };
}

function witnessedStore(store: Store, ledger: Ledger, onClaim: () => void): Store {
  const write = <Write extends FencedWrite, Outcome extends { readonly type: string }>(
    perform: (write: Write) => Promise<Outcome>,
  ) => {
    return async (write: Write): Promise<Outcome> => {
      const outcome = await perform(write);
      witness(ledger, write, outcome.type);
      return outcome;
    };
  };
  const { activations } = store;
  const claim: Store["activations"]["claim"] = async (request) => {
    const outcome = await activations.claim(request);
    if (outcome.type === "claimed") {
      const { fence, history } = outcome.claim;
      const entries = history.map(({ text }) => text);
      ledger.write({ type: "claimed", instance: request.instanceId, fence, entries });
      onClaim();
    }
    return outcome;
  };
  const witnessed = {
    claim,
    commit: write(activations.commit.bind(activations)),
    suspend: write(activations.suspend.bind(activations)),
    finish: write(activations.finish.bind(activations)),
    settlePause: write(activations.settlePause.bind(activations)),
    release: write(activations.release.bind(activations)),
  };
  return overlay(store, { activations: overlay(activations, witnessed) });
}

function witness(ledger: Ledger, { instanceId, fence, entries }: FencedWrite, how: string): void {
  const facts = { instance: instanceId, fence };
  if (how === "stale") return ledger.write({ type: "let_go", ...facts, how });
  // Refused because something arrived: nothing was written.
  if (how === "arrived") return;
  if (entries.length > 0) ledger.write({ type: "acked", ...facts, entries });
  if (ENDINGS.has(how)) ledger.write({ type: "let_go", ...facts, how });
}
