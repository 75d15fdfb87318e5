/** An instance that errors is logged, once, by who ended it. */
import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/index.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

class Fails extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<string>, step: WorkflowStep) {
    if (event.payload === "undo") {
      const rollback = async (): Promise<void> => {};
      await step.do("reserve", async () => 1, { rollback });
    }
    if (event.payload === "function") return (): void => {};
    if (event.payload === "fine") return 1;
    throw new TypeError("no funds");
  }
}

function erroredLogs({ logs }: MemoryEngine) {
  return logs.filter(({ message }) => message === "an instance has errored");
}

test.each(["throw", "undo"])(
  "a run that ends by %s is logged with what it threw",
  async (params) => {
    const engine = await startMemoryEngine(Fails);
    const instance = await engine.workflow.create({ id: "i-1", params });
    await engine.end(instance);

    const logs = erroredLogs(engine);
    expect(logs).toMatchObject([{ level: "warn", facts: { instanceId: "i-1" } }]);
    expect(logs[0]?.facts?.["error"]).toEqual(new TypeError("no funds"));
    await engine.close();
  },
);

test("an output that cannot be kept is logged as what it is", async () => {
  const engine = await startMemoryEngine(Fails);
  await engine.end(await engine.workflow.create({ params: "function" }));

  expect(erroredLogs(engine)).toMatchObject([{ facts: { error: expect.any(Error) } }]);
  await engine.close();
});

test("one that completes is not logged", async () => {
  const engine = await startMemoryEngine(Fails);
  await engine.end(await engine.workflow.create({ params: "fine" }));

  expect(erroredLogs(engine)).toEqual([]);
  await engine.close();
});
