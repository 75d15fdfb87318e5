/** What a rollback is given, what it waits for, and what it may not do to the instance. */
import { expect, test } from "vitest";
import { overlay } from "../../src/engine/overlay.ts";
import type { FencedWrite } from "../../src/engine/ports/activations.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import type { MemoryStore } from "../../src/memory/memory-store.ts";
import { UnsupportedStreamChunkError } from "../../src/model/stream-errors.ts";
import { startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

interface Order {
  id: unknown;
  items: string[];
}

test.each(["warm", "cold"])(
  "a rollback is given what its step returned, whatever the run has made of it since (%s)",
  async (kind) => {
    const seen: unknown[] = [];
    const engine = await startBody(
      async (step) => {
        const order = await step.do("order", (): Order => ({ id: 7, items: ["a"] }), {
          rollback: ({ output }) => void seen.push(output),
        });
        order.items.pop();
        order.id = () => "what no clone can hold";
        if (kind === "cold") await step.sleep("s", "1 hour");
        throw new Error("own");
      },
      kind === "cold" ? { warmLimit: 0 } : {},
    );
    if (kind === "cold") await engine.instance.terminate({ rollback: true });

    await engine.end(engine.instance);

    expect(seen).toEqual([{ id: 7, items: ["a"] }]);
  },
);

test("a rollback that throws an error of streams fails, and the instance ends with its own", async () => {
  const engine = await startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: () => {
        throw new UnsupportedStreamChunkError();
      },
      rollbackConfig: { retries: { limit: 0, delay: 0 } },
    });
    throw new Error("own");
  });

  const status = await engine.end(engine.instance);

  expect(status).toMatchObject({
    status: "errored",
    error: { message: "own" },
    rollback: { outcome: "failed" },
  });
});

test("the start of a rollback is as safe as the workflow's outcomes before anything is undone", async () => {
  const seen: string[] = [];
  const code = workflowOf(async (step) => {
    await step.do("a", () => 1, { rollback: () => void seen.push("undone") });
    throw new Error("own");
  });
  const engine = await startMemoryEngine(code, { workers: 0, durability: "replicated" });
  await engine.addWorker({
    store: listenTo(engine.store, ({ barrier = "memory" }) => seen.push(barrier)),
  });

  await engine.end(await engine.workflow.create());

  expect(seen).toEqual(["replicated", "undone"]);
});

/** The store, whose writes that begin a rollback are told of. */
function listenTo(store: MemoryStore, onStart: (write: FencedWrite) => void): Store {
  const { activations } = store;
  const startRollback: Store["activations"]["startRollback"] = async (write) => {
    onStart(write);
    return await activations.startRollback(write);
  };
  return overlay<Store>(store, { activations: overlay(activations, { startRollback }) });
}
