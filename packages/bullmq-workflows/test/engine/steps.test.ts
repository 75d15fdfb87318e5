import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/model/workflow.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

test("three steps run and the output is what run returned", async () => {
  class Three extends WorkflowEntrypoint<unknown, { n: number }> {
    async run(event: WorkflowEvent<{ n: number }>, step: WorkflowStep) {
      const a = await step.do("a", () => event.payload.n + 1);
      const b = await step.do("b", async () => a * 2);
      return await step.do("c", async ({ step: { name, count }, attempt }) => [
        b,
        name,
        count,
        attempt,
      ]);
    }
  }
  const engine = await startMemoryEngine(Three);
  const instance = await engine.workflow.create({ params: { n: 1 } });
  await engine.clock.settle();
  expect(await instance.status()).toEqual({
    status: "complete",
    output: [4, "c", 1, 1],
    rollback: null,
  });
});

test("a sleep suspends and goes on later", async () => {
  class Sleeper extends WorkflowEntrypoint {
    async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
      await step.do("a", () => 1);
      await step.sleep("nap", "1 hour");
      return await step.do("b", () => 2);
    }
  }
  const engine = await startMemoryEngine(Sleeper);
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  expect((await instance.status()).status).toBe("waiting");
  await engine.clock.advance(3_599_000);
  expect((await instance.status()).status).toBe("waiting");
  await engine.clock.advance(2_000);
  expect((await instance.status()).output).toBe(2);
});

test("retry, race, event", async () => {
  let tries = 0;
  class W extends WorkflowEntrypoint {
    async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
      const a = await step.do("flaky", { retries: { limit: 3, delay: "10 seconds" } }, () => {
        if (++tries < 3) throw new Error("no");
        return tries;
      });
      const winner = await step.race({
        yes: step.waitForEvent<number>("yes", { type: "yes" }),
        late: step.sleep("late", "1 day"),
      });
      const e = await step.waitForEvent<number>("again", { type: "yes" });
      return [a, winner.winner, e.payload];
    }
  }
  const engine = await startMemoryEngine(W, { warmLimit: 0 });
  const instance = await engine.workflow.create();
  await engine.clock.advance(60_000);
  await instance.sendEvent({ type: "yes", payload: 1 });
  await instance.sendEvent({ type: "yes", payload: 2 });
  await engine.clock.advance(1000);
  expect(await instance.status()).toEqual({
    status: "complete",
    output: [3, "yes", 2],
    rollback: null,
  });
});
