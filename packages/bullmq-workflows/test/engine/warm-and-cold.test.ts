import { expect, test } from "vitest";
import { startBody } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import type { MemoryEngineOptions } from "../support/memory-engine.ts";

type Started = Awaited<ReturnType<typeof startBody>>;

test("an instance whose run is not kept in memory still wakes on time", async () => {
  const { clock, instance } = await startBody(
    async (step) => {
      await step.sleep("first", "1 minute");
      await step.sleep("second", "1 minute");
    },
    { warmLimit: 0 },
  );

  await clock.advance(120_000);

  expect((await instance.status()).status).toBe("complete");
});

/** Counts how often `run` begins: once, unless it is replayed. */
async function countPasses(
  options: MemoryEngineOptions,
  disturb: (engine: Started) => Promise<void>,
) {
  let passes = 0;
  const engine = await startBody(async (step) => {
    passes++;
    const before = await step.do("before", () => 1);
    await step.sleep("nap", "5 minutes");
    const event = await step.waitForEvent<number>("w", { type: "go" });
    return before + event.payload;
  }, options);
  await disturb(engine);
  await engine.clock.advance(310_000);
  await engine.instance.sendEvent({ type: "go", payload: 1 });
  const { output } = await engine.end(engine.instance);
  return { passes, output };
}

test("a run that is kept in memory goes on without a replay", async () => {
  const outcome = await countPasses({}, async () => {});

  expect(outcome).toEqual({ passes: 1, output: 2 });
});

test("a run that is not kept in memory is replayed at every wake-up", async () => {
  const outcome = await countPasses({ warmLimit: 0 }, async () => {});

  expect(outcome).toEqual({ passes: 3, output: 2 });
});

test("a run goes on without a replay after a pause, too", async () => {
  const outcome = await countPasses({}, async ({ clock, instance }) => {
    await instance.pause();
    await clock.advance(60_000);
    await instance.resume();
  });

  expect(outcome).toEqual({ passes: 1, output: 2 });
});

test("a run that another worker took on meanwhile is replayed", async () => {
  const outcome = await countPasses({ workers: 2 }, async () => {});

  // Workers take turns: the first parks, the second replays and parks, the first finds its run stale.
  expect(outcome).toEqual({ passes: 3, output: 2 });
});

test("a run that was parked for too long is replayed", async () => {
  const outcome = await countPasses({ warmAgeMs: 1_000 }, async () => {});

  expect(outcome).toEqual({ passes: 3, output: 2 });
});

test("a run is replayed when so many were parked since that it was evicted", async () => {
  const outcome = await countPasses({ warmLimit: 2 }, async ({ clock, workflow }) => {
    await workflow.createBatch({ count: 2 });
    await clock.settle();
  });

  // Its own three passes at most, and one or two of each of the others.
  expect(outcome.passes).toBeGreaterThan(3);
  expect(outcome.output).toBe(2);
});

test("a restart while a run is parked begins anew, and the parked run ends", async () => {
  let passes = 0;
  const { clock, end, instance } = await startBody(async (step) => {
    const pass = await step.do("count", () => ++passes);
    await step.sleep("nap", "5 minutes");
    return pass;
  });
  await clock.advance(60_000);

  await instance.restart();

  expect((await end(instance)).output).toBe(2);
});

test("a parallel branch that awaits something of its own is not held up by its sibling's sleep", async () => {
  const elsewhere = createLatch();
  const ran: string[] = [];
  const { clock, end, instance } = await startBody(async (step) => {
    const branch = async (): Promise<void> => {
      await elsewhere.opened;
      await step.do("after", () => void ran.push("after"));
    };
    await Promise.all([step.sleep("nap", "5 minutes"), branch()]);
    return "done";
  });
  expect((await instance.status()).status).toBe("waiting");

  elsewhere.open();
  await clock.settle();

  expect(ran).toEqual(["after"]);
  expect((await instance.status()).status).toBe("waiting");
  expect((await end(instance)).output).toBe("done");
});

test("such a branch goes on even when the sibling sleeps for a day", async () => {
  const elsewhere = createLatch();
  const { clock, history, instance } = await startBody(async (step) => {
    const branch = async (): Promise<void> => {
      await elsewhere.opened;
      for (const name of ["a", "b", "c"]) {
        await step.do(name, () => 1);
        await step.sleep(name, "1 minute");
      }
    };
    await Promise.all([step.sleep("nap", "1 day"), branch()]);
  });
  elsewhere.open();

  await clock.advance(200_000);

  const completed = (await history(instance)).filter(({ type }) => type === "step_completed");
  expect(completed).toHaveLength(3);
});

test("a parked run that wants to go on waits for a slot when there is none", async () => {
  const elsewhere = createLatch();
  const busy = createLatch();
  const ran: unknown[] = [];
  const engine = await startBody(
    async (step, event) => {
      const work = async (): Promise<void> => {
        await (event.payload === "busy" ? busy : elsewhere).opened;
      };
      if (event.payload === "busy") return await step.do("busy", work);
      const branch = work().then(async () => await step.do("after", () => ran.push("after")));
      return await Promise.all([step.sleep("nap", "1 day"), branch]);
    },
    { concurrency: { limit: 1 } },
  );
  await engine.workflow.create({ params: "busy" });
  await engine.clock.settle();
  elsewhere.open();
  await engine.clock.advance(3_000);
  expect(ran).toEqual([]);

  busy.open();
  await engine.clock.advance(2_000);

  expect(ran).toEqual(["after"]);
});

test("a parked run that wants to go on after a pause was asked for is dropped, and replayed later", async () => {
  const elsewhere = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    const branch = elsewhere.opened.then(async () => await step.do("after", () => "after"));
    const [, after] = await Promise.all([step.sleep("nap", "5 minutes"), branch]);
    return after;
  });
  await instance.pause();
  elsewhere.open();
  await clock.settle();
  expect((await instance.status()).status).toBe("paused");

  await instance.resume();

  expect((await end(instance)).output).toBe("after");
});

test("a worker that is closed gives its instances to another one at once", async () => {
  const { addWorker, clock, instance, workers } = await startBody(async (step) => {
    await step.sleep("nap", "5 minutes");
    return await step.do("after", () => "after");
  });
  await addWorker();

  await workers[0]?.close();
  await clock.advance(300_000);

  expect((await instance.status()).output).toBe("after");
});

test("a worker that is closed lets running steps end first, and begins no other", async () => {
  const first = createLatch();
  const { history, instance, workers } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => 1);
  });

  const closing = workers[0]?.close();
  first.open();
  await closing;

  expect((await instance.status()).status).toBe("queued");
  expect((await history(instance)).map((entry) => "step" in entry && entry.step)).toEqual([
    "first-1",
  ]);
});

test("an instance whose worker died goes on elsewhere when its lease is over", async () => {
  const attempts: number[] = [];
  const { addWorker, clock, instance, workers } = await startBody(
    async (step) => {
      await step.do("done", () => void attempts.push(0));
      await step.do("hangs", async () => {
        if (attempts.push(1) === 2) await new Promise(() => {});
      });
    },
    { leaseMs: 10_000, sweepIntervalMs: 1_000 },
  );
  workers[0]?.abandon();

  await addWorker();
  await clock.advance(12_000);

  expect((await instance.status()).status).toBe("complete");
  expect(attempts).toEqual([0, 1, 1]);
});
