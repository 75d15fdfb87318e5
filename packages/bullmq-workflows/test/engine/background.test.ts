/** Work given to `waitUntil`, on the memory store in virtual time. */
import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/model/workflow.ts";
import { createLatch } from "../support/latch.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const GRACE_MS = 30_000;

/** A workflow that hands this to `waitUntil` and goes on with that. */
function workflowWith(
  work: () => Promise<unknown>,
  goOn: (step: WorkflowStep) => Promise<unknown> = async () => "done",
) {
  return class extends WorkflowEntrypoint {
    override async run(_: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
      this.ctx.waitUntil(work());
      return await goOn(step);
    }
  };
}

test("an instance ends when the work has, and its steps are recorded meanwhile", async () => {
  const latch = createLatch();
  const engine = await startMemoryEngine(
    workflowWith(
      async () => await latch.opened,
      async (step) => await step.do("a", () => 1),
    ),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  const recorded = (await engine.history(instance)).map(({ type }) => type);
  const before = (await instance.status()).status;

  latch.open();
  await engine.clock.settle();

  expect([before, recorded]).toEqual(["running", ["step_completed"]]);
  expect(await instance.status()).toMatchObject({ status: "complete", output: 1 });
});

test("an instance waits for the work before it sleeps, and not again when it goes on", async () => {
  const latch = createLatch();
  const engine = await startMemoryEngine(
    workflowWith(
      async () => await latch.opened,
      async (step) => await step.sleep("nap", "1 minute"),
    ),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  const before = (await instance.status()).status;

  latch.open();
  await engine.clock.settle();

  expect([before, (await instance.status()).status]).toEqual(["running", "waiting"]);
  expect(await engine.end(instance)).toMatchObject({ status: "complete" });
});

test("work that never ends holds an instance for 30 seconds", async () => {
  const engine = await startMemoryEngine(workflowWith(async () => await new Promise(() => {})));
  const instance = await engine.workflow.create();

  await engine.clock.advance(GRACE_MS - 1);
  const before = (await instance.status()).status;
  await engine.clock.advance(1);

  expect([before, (await instance.status()).status]).toEqual(["running", "complete"]);
});

test("a rollback begins while the work goes on, and only the end waits for it", async () => {
  const undone: string[] = [];
  const engine = await startMemoryEngine(
    workflowWith(
      async () => await new Promise(() => {}),
      async (step) => {
        await step.do("a", () => 1, { rollback: () => void undone.push("a") });
        throw new Error("no");
      },
    ),
  );
  const instance = await engine.workflow.create();

  await engine.clock.settle();

  expect(undone).toEqual(["a"]);
  expect((await instance.status()).status).toBe("running");
  await engine.clock.advance(GRACE_MS);
  expect(await instance.status()).toMatchObject({
    status: "errored",
    rollback: { outcome: "complete" },
  });
});

test("a crash while the work goes on makes another worker run it again", async () => {
  let begun = 0;
  const engine = await startMemoryEngine(
    workflowWith(async () => {
      begun++;
      if (begun === 1) await new Promise(() => {});
    }),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();

  engine.workers[0]?.abandon();
  await engine.addWorker();

  expect(await engine.end(instance)).toMatchObject({ status: "complete" });
  expect(begun).toBe(2);
});

test("a closing worker waits for the work, but no longer than 30 seconds", async () => {
  const engine = await startMemoryEngine(
    workflowWith(
      async () => await new Promise(() => {}),
      async (step) => await step.waitForEvent("never", { type: "never" }),
    ),
  );
  await engine.workflow.create();
  await engine.clock.settle();
  let isClosed = false;

  const closed = engine.workers[0]?.close().then(() => (isClosed = true));
  await engine.clock.advance(GRACE_MS - 1);
  const before = isClosed;
  await engine.clock.advance(1);
  await closed;

  expect([before, isClosed]).toEqual([false, true]);
});

test("a pause holds when the work has ended", async () => {
  const latch = createLatch();
  const engine = await startMemoryEngine(
    workflowWith(
      async () => await latch.opened,
      async (step) => await step.waitForEvent("never", { type: "never" }),
    ),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  await instance.pause();
  await engine.clock.settle();
  const before = (await instance.status()).status;

  latch.open();
  await engine.clock.settle();

  expect([before, (await instance.status()).status]).toEqual(["waitingForPause", "paused"]);
});
