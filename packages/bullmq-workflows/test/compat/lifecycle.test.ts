import { expect, test } from "vitest";
import { startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

const HOUR_MS = 3_600_000;

test("a pause lets running attempts end and begins no new step", async () => {
  const ran: string[] = [];
  const first = createLatch();
  const { clock, instance } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened.then(() => void ran.push("first")));
    await step.do("second", () => void ran.push("second"));
  });
  await instance.pause();
  await clock.settle();

  first.open();
  await clock.settle();

  expect((await instance.status()).status).toBe("paused");
  expect(ran).toEqual(["first"]);
});

test("steps that a pause held back begin after the resume", async () => {
  const first = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    return await step.do("second", () => "second");
  });
  await instance.pause();
  first.open();
  await clock.settle();

  await instance.resume();

  expect((await end(instance)).output).toBe("second");
});

test("a resume before the pause has settled lets everything go on", async () => {
  const first = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    return await step.do("second", () => "second");
  });
  await instance.pause();
  await clock.settle();

  await instance.resume();
  expect((await instance.status()).status).toBe("running");
  first.open();

  expect((await end(instance)).output).toBe("second");
});

test("a step that waits for its retry pauses at once, and its other sibling's attempt may end", async () => {
  const attempts: number[] = [];
  const sibling = createLatch();
  const { clock, instance } = await startBody(async (step) => {
    const retries = { limit: 5, delay: "1 minute", backoff: "constant" } as const;
    await Promise.all([
      step.do("failing", { retries }, ({ attempt }) => {
        attempts.push(attempt);
        throw new Error("no");
      }),
      step.do("sibling", { timeout: "5 days" }, async () => await sibling.opened),
    ]);
  });
  await instance.pause();

  await clock.advance(HOUR_MS);
  expect((await instance.status()).status).toBe("waitingForPause");
  sibling.open();
  await clock.settle();

  expect((await instance.status()).status).toBe("paused");
  expect(attempts).toEqual([1]);
});

test("a pause stops the timers, and a resume shifts them by its length", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => await step.sleep("nap", "1 hour"),
  );
  const startedAt = clock.now();
  await clock.advance(HOUR_MS / 2);
  await instance.pause();
  await clock.advance(10 * HOUR_MS);
  expect((await instance.status()).status).toBe("paused");

  await instance.resume();
  await end(instance);

  expect(clock.now() - startedAt).toBe(11 * HOUR_MS);
});

test("a resumed instance is queued when no slot is free", async () => {
  const held = createLatch();
  const body = workflowOf(async (step, event) => {
    if (event.payload === "paused") await step.sleep("nap", "1 hour");
    else await step.do("work", { timeout: "5 days" }, async () => await held.opened);
  });
  const engine = await startMemoryEngine(body, { concurrency: { limit: 1 } });
  const paused = await engine.workflow.create({ params: "paused" });
  await engine.clock.settle();
  await paused.pause();
  await engine.workflow.create({ params: "busy" });
  await engine.clock.settle();

  await paused.resume();
  await engine.clock.settle();

  expect((await paused.status()).status).toBe("queued");
});

test("a worker that dies while a pause is asked for leaves the instance paused", async () => {
  const { addWorker, clock, instance, workers } = await startBody(
    async (step) => await step.do("work", async () => await new Promise(() => {})),
    { leaseMs: 10_000, sweepIntervalMs: 1_000 },
  );
  await instance.pause();
  workers[0]?.abandon();

  await addWorker();
  await clock.advance(20_000);

  expect((await instance.status()).status).toBe("paused");
});

test("terminate abandons what runs: its result is not recorded and no later step begins", async () => {
  const ran: string[] = [];
  const first = createLatch();
  const { clock, history, instance } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => void ran.push("second"));
  });
  await instance.terminate();

  first.open();
  await clock.settle();

  expect((await instance.status()).status).toBe("terminated");
  expect(ran).toEqual([]);
  expect((await history(instance)).map(({ type }) => type)).toEqual(["workflow_terminated"]);
});

test.each(["terminate", "restart", "delete"] as const)(
  "%s aborts the signal of what runs",
  async (action) => {
    const reasons: unknown[] = [];
    const { clock, instance } = await startBody(
      async (step) =>
        await step.do("work", async ({ signal }) => {
          signal.addEventListener("abort", () => reasons.push((signal.reason as Error).name));
          await new Promise(() => {});
        }),
    );

    await instance[action]();
    await clock.settle();

    expect(reasons).toEqual(["AbortError"]);
  },
);

test("a restart wipes steps, events and timers, and keeps id, params and timestamp", async () => {
  const passes: unknown[] = [];
  const { clock, instance } = await startBody(
    async (step, event) => {
      const pass = await step.do("count", () => passes.length + 1);
      passes.push([event.payload, event.timestamp.getTime(), event.instanceId, pass]);
      await step.sleep("nap", "1 hour");
      await step.waitForEvent("w", { type: "go" });
    },
    { params: { n: 1 } },
  );
  const createdAt = clock.now();
  await instance.sendEvent({ type: "go" });
  await clock.advance(HOUR_MS / 2);

  await instance.restart();
  await clock.advance(HOUR_MS / 2);
  expect(passes).toEqual([
    [{ n: 1 }, createdAt, instance.id, 1],
    [{ n: 1 }, createdAt, instance.id, 2],
  ]);
  await clock.advance(HOUR_MS);

  expect((await instance.status()).status).toBe("waiting");
});

test("a finished instance that is restarted loses its output and runs again", async () => {
  let passes = 0;
  const { clock, instance } = await startBody(async (step) => {
    const pass = await step.do("count", () => ++passes);
    if (pass === 2) await step.sleep("nap", "1 hour");
    return pass;
  });
  expect((await instance.status()).output).toBe(1);

  await instance.restart();
  await clock.settle();
  expect((await instance.status()).output).toBe(null);
  await clock.advance(HOUR_MS);

  expect((await instance.status()).output).toBe(2);
});

test("a delete stops what runs and removes everything", async () => {
  const first = createLatch();
  const ran: string[] = [];
  const { clock, instance, store } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => void ran.push("second"));
  });

  await instance.delete();
  first.open();
  await clock.settle();

  expect([ran, store.inspect(instance.id)]).toEqual([[], undefined]);
});

test("an instance that deletes itself inside a step goes no further", async () => {
  const ran: string[] = [];
  const body = workflowOf(async (step, event) => {
    await step.do(
      "delete",
      async () => await (await engine.workflow.get(event.instanceId)).delete(),
    );
    ran.push("went on");
  });
  const engine = await startMemoryEngine(body);
  const instance = await engine.workflow.create();

  await engine.clock.settle();

  await expect(instance.status()).rejects.toThrow("instance.not_found");
  expect(ran).toEqual([]);
});

test("an instance that terminates itself inside a step goes no further", async () => {
  const ran: string[] = [];
  const body = workflowOf(async (step, event) => {
    await step.do(
      "end",
      async () => await (await engine.workflow.get(event.instanceId)).terminate(),
    );
    ran.push("went on");
  });
  const engine = await startMemoryEngine(body);
  const instance = await engine.workflow.create();

  await engine.clock.settle();

  expect((await instance.status()).status).toBe("terminated");
  expect(ran).toEqual([]);
});

test("over-limit instances are queued, and start when a slot is free", async () => {
  const held = createLatch();
  const body = workflowOf(async (step) => await step.do("work", async () => await held.opened));
  const engine = await startMemoryEngine(body, { concurrency: { limit: 1 } });
  const first = await engine.workflow.create();
  const second = await engine.workflow.create();
  await engine.clock.settle();
  const statuses = [(await first.status()).status, (await second.status()).status];

  held.open();
  await engine.clock.settle();

  expect(statuses).toEqual(["running", "queued"]);
  expect((await second.status()).status).toBe("complete");
});

test("a waiting instance holds no slot", async () => {
  const body = workflowOf(async (step) => await step.sleep("nap", "1 hour"));
  const engine = await startMemoryEngine(body, { concurrency: { limit: 1 } });
  const first = await engine.workflow.create();
  const second = await engine.workflow.create();

  await engine.clock.settle();

  const statuses = [(await first.status()).status, (await second.status()).status];
  expect(statuses).toEqual(["waiting", "waiting"]);
});
