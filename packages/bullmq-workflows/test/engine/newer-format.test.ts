/** What a newer version of the library has written is left alone by an older one, and brings nothing down. */
import { expect, test } from "vitest";
import { overlay } from "../../src/engine/overlay.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

const NEWER = '{"$rich/2":[]}';

/** A store in which a newer version has recorded the first step, or given the params. */
function writtenByNewer(store: Store, what: "step" | "params"): Store {
  const claim: Store["activations"]["claim"] = async (request) => {
    const outcome = await store.activations.claim(request);
    if (outcome.type !== "claimed") return outcome;
    const text = `{"type":"step_completed","step":"a-1","call":1,"attempt":1,"output":${NEWER}}`;
    const changed =
      what === "params" ? { params: NEWER } : { history: [{ at: outcome.claim.now, text }] };
    return { ...outcome, claim: { ...outcome.claim, ...changed } };
  };
  return overlay(store, { activations: overlay(store.activations, { claim }) });
}

async function runOn(what: "step" | "params"): Promise<MemoryEngine> {
  const engine = await startMemoryEngine(
    workflowOf(async (step) => await step.do("a", () => 1)),
    { workers: 0 },
  );
  await engine.addWorker({ store: writtenByNewer(engine.store, what) });
  const instance = await engine.workflow.create({ id: "i" });
  await engine.clock.settle();
  expect((await instance.status()).status).toBe("running");
  return engine;
}

test.each(["step", "params"] as const)(
  "an instance whose %s cannot be read is not failed, and the log says why",
  async (what) => {
    const { logs } = await runOn(what);

    expect(logs.map(({ facts }) => facts?.["error"])).toContainEqual(
      expect.objectContaining({ code: "store.newer_format" }),
    );
  },
);
