import { expect, test } from "vitest";
import { startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

test("the retry after an attempt that was on record as begun waits its whole delay", async () => {
  const begun: number[] = [];
  const engine = await startMemoryEngine(
    workflowOf(async (step) => {
      const config = { retries: { limit: 2, delay: "10 seconds", backoff: "constant" } } as const;
      await step.do("slow", config, async () => {
        begun.push(engine.clock.now());
        await new Promise<void>((resolve) => engine.clock.after(2_000, resolve));
        if (begun.length < 3) throw new Error("again");
      });
    }),
  );
  await engine.end(await engine.workflow.create());

  const [first = 0, second = 0, third = 0] = begun;

  expect([second - first, third - second]).toEqual([12_000, 12_000]);
});

test("an event that came before the timeout is taken although nobody told of it", async () => {
  const { clock, instance, store, end } = await startBody(async (step) => {
    return await step.do("busy", async () => {
      const event = await step.waitForEvent<string>("w", { type: "go", timeout: "5 seconds" });
      return event.payload;
    });
  });
  await clock.advance(4_000);
  store.partition.notices.disconnect();

  await instance.sendEvent({ type: "go", payload: "in time" });

  expect((await end(instance)).output).toBe("in time");
});

test("a run that returns while it is parked ends at once", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async (step) => {
      const own = new Promise<string>((resolve) => engine.clock.after(90, () => resolve("own")));
      return await Promise.race([step.sleep("night", "8 hours"), own]);
    }),
  );
  const instance = await engine.workflow.create();

  await engine.clock.advance(1_000);

  expect((await instance.status()).output).toBe("own");
});

test("whether an instant is past is on record, so that no replay sees it otherwise", async () => {
  const { clock, instance, end, history } = await startBody(
    async (step) => {
      const refused = await step
        .sleepUntil("past", new Date(0))
        .then(() => "slept")
        .catch((error: unknown) => (error as Error).message);
      await step.sleep("nap", "1 hour");
      return refused;
    },
    { warmLimit: 0 },
  );
  await clock.advance(60_000);

  expect((await history(instance)).map(({ type }) => type)).toContain("sleep_errored");
  expect((await end(instance)).output).toContain("time-traveler");
});
