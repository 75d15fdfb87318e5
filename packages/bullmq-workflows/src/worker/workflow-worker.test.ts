import { expect, test } from "vitest";
import { startBody, workflowOf } from "../../test/support/harness.ts";
import { createLatch } from "../../test/support/latch.ts";
import { startMemoryEngine } from "../../test/support/memory-engine.ts";
import type { MemoryEngine } from "../../test/support/memory-engine.ts";
import type { Store } from "../engine/ports/store.ts";
import { MemoryDispatcher } from "../memory/memory-dispatcher.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";

const UNAVAILABLE = new StoreUnavailableError(new Error("ECONNREFUSED"));

/** Lets the next calls of a verb fail, so many times. */
function failNext<Port extends object>(
  port: Port,
  verb: keyof Port,
  times: number,
  error: Error = UNAVAILABLE,
): void {
  const original = (port[verb] as (...parameters: unknown[]) => unknown).bind(port);
  let failures = 0;
  Object.assign(port, {
    [verb]: async (...parameters: unknown[]) => {
      if (failures++ < times) throw error;
      return await original(...parameters);
    },
  });
}

function messagesOf({ logs }: Pick<MemoryEngine, "logs">): string[] {
  return logs.map(({ message }) => message);
}

test("a worker waits for a store that cannot be reached yet", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async () => "done"),
    { workers: 0 },
  );
  failNext(engine.store, "configure", 3);
  const starting = engine.addWorker();
  await engine.clock.advance(1_000);
  await starting;

  const { output } = await engine.end(await engine.workflow.create());

  expect(output).toBe("done");
  expect(messagesOf(engine)).toContain("the store cannot be reached, trying again");
});

test("a worker that is closed while it waits for its store never starts", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async () => "done"),
    { workers: 0 },
  );
  const started = engine.addWorker();
  await engine.workers[0]?.close();
  await started;
  const instance = await engine.workflow.create();

  await engine.clock.advance(10_000);

  expect((await instance.status()).status).toBe("queued");
});

test("a worker whose store refuses to be set up does not start", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async () => {}),
    { workers: 0 },
  );
  failNext(engine.store, "configure", 1, new Error("a bug"));

  const started = engine.addWorker();

  await expect(started).rejects.toThrow("a bug");
});

test("a claim that was not answered is repeated", async () => {
  const engine = await startMemoryEngine(workflowOf(async () => "done"));
  failNext(engine.store.activations, "claim", 1);
  const instance = await engine.workflow.create();

  await engine.clock.advance(100);

  expect((await instance.status()).output).toBe("done");
});

test("a run that could not be claimed again stays in memory", async () => {
  let passes = 0;
  const engine = await startBody(
    async (step) => {
      passes++;
      await step.sleep("nap", "1 minute");
    },
    { leaseMs: 10_000, sweepIntervalMs: 1_000 },
  );
  failNext(engine.store.activations, "claim", 1);

  await engine.clock.advance(70_000);

  expect((await engine.instance.status()).status).toBe("complete");
  expect(passes).toBe(1);
});

test("requests that could not be dispatched are found by a sweep", async () => {
  const dispatcher = new MemoryDispatcher();
  const broken = new MemoryDispatcher(dispatcher.queue);
  broken.dispatch = () => Promise.reject(UNAVAILABLE);
  const engine = await startMemoryEngine(
    workflowOf(async (step) => await step.sleep("nap", "1 minute")),
    { workers: 0 },
  );
  const closing = await engine.addWorker({ dispatcher: broken });
  const instance = await engine.workflow.create();
  await engine.addWorker();
  await engine.clock.advance(70_000);
  await closing.close();

  await engine.clock.advance(70_000);

  expect((await instance.status()).status).toBe("complete");
  expect(messagesOf(engine)).toContain("could not dispatch, the sweeper will");
});

test("a sweep that failed does not end the sweeping", async () => {
  const engine = await startMemoryEngine(
    workflowOf(async (step) => await step.sleep("nap", "1 minute")),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  failNext(engine.store.sweeps, "wakeDue", 5);

  await engine.clock.advance(70_000);

  expect((await instance.status()).status).toBe("complete");
  expect(messagesOf(engine)).toContain("a sweep failed, the next one goes on");
});

test("a renewal that failed is followed by the next one", async () => {
  const work = createLatch();
  const engine = await startMemoryEngine(
    workflowOf(async (step) => await step.do("work", async () => await work.opened)),
  );
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  failNext(engine.store.activations, "renew", 1);
  await engine.clock.advance(30_000);

  work.open();
  await engine.clock.settle();

  expect((await instance.status()).status).toBe("complete");
  expect(messagesOf(engine)).toContain("could not renew a lease");
});

test("the answer to a renewal of an earlier claim is ignored", async () => {
  const answered = createLatch();
  const engine = await startMemoryEngine(
    workflowOf(async (step) => {
      await step.do("work", async () => {
        await new Promise<void>((resolve) => void engine.clock.after(4_000, resolve));
      });
      await step.sleep("nap", "1 minute");
    }),
  );
  engine.store.activations.renew = async () => {
    await answered.opened;
    return { type: "stale" };
  };
  const instance = await engine.workflow.create();
  await engine.clock.advance(5_000);
  expect((await instance.status()).status).toBe("waiting");

  answered.open();
  await engine.clock.advance(60_000);

  expect((await instance.status()).status).toBe("complete");
});

test("a message about an earlier fence is ignored", async () => {
  const work = createLatch();
  const engine = await startMemoryEngine(
    workflowOf(async (step) => await step.do("work", async () => await work.opened)),
  );
  const instance = await engine.workflow.create({ id: "a" });
  await engine.clock.settle();
  const { notices } = engine.store.partition;

  notices.sendControl("worker-1", { instanceId: "a", type: "revoked", fence: -1 });
  notices.sendControl("worker-1", { instanceId: "nobody", type: "revoked", fence: 1 });
  work.open();
  await engine.clock.settle();

  expect((await instance.status()).status).toBe("complete");
});

test("an instance that was claimed while the worker began to close is given back", async () => {
  const claimed = createLatch();
  const ran: string[] = [];
  const engine = await startMemoryEngine(
    workflowOf(async (step) => {
      for (const name of ["first", "second"]) await step.do(name, () => ran.push(name));
    }),
    { workers: 0 },
  );
  const claim = engine.store.activations.claim.bind(engine.store);
  engine.store.activations.claim = async (request) => {
    const outcome = await claim(request);
    await claimed.opened;
    return outcome;
  };
  const worker = await engine.addWorker();
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  const closing = worker.close();

  claimed.open();
  await closing;

  expect((await instance.status()).status).toBe("queued");
  expect(ran).toEqual([]);
});

test("a reclaim that was not answered is repeated", async () => {
  const elsewhere = createLatch();
  const engine = await startBody(async (step) => {
    const branch = elsewhere.opened.then(async () => await step.do("after", () => "after"));
    return await Promise.race([branch, step.sleep("nap", "1 day")]);
  });
  failNext(engine.store.activations, "claim", 1);

  elsewhere.open();
  await engine.clock.advance(5_000);

  expect((await engine.instance.status()).output).toBe("after");
});

/** Ends of instances reach the store only when the latch opens. */
function holdEnds(store: Store): { readonly release: () => void } {
  const latch = createLatch();
  const finish = store.activations.finish.bind(store);
  store.activations.finish = async (request) => {
    await latch.opened;
    return await finish(request);
  };
  return { release: latch.open };
}

test("an instance whose end is on its way leaves its slot to another one", async () => {
  const ran: string[] = [];
  const engine = await startMemoryEngine(
    workflowOf(async (_, { instanceId }) => void ran.push(instanceId)),
    { concurrencyPerWorker: 1 },
  );
  const { release } = holdEnds(engine.store);
  const [first] = [
    await engine.workflow.create({ id: "a" }),
    await engine.workflow.create({ id: "b" }),
  ];
  await engine.clock.settle();

  expect(ran).toEqual(["a", "b"]);
  expect((await first.status()).status).toBe("running");
  release();
  await engine.clock.settle();
  expect((await first.status()).status).toBe("complete");
});

test("a worker whose ends are not answered does not take on more and more", async () => {
  let ran = 0;
  const engine = await startMemoryEngine(
    workflowOf(async () => void ran++),
    { concurrencyPerWorker: 10, leaseMs: 3_600_000 },
  );
  const { release } = holdEnds(engine.store);
  for (let n = 0; n < 5; n++) await engine.workflow.createBatch({ count: 100 });
  await engine.clock.settle();

  expect(ran).toBe(110);
  release();
  await engine.clock.settle();
  expect(ran).toBe(500);
});

test("a worker that closes waits for the ends that are on their way", async () => {
  const engine = await startMemoryEngine(workflowOf(async () => "done"));
  const { release } = holdEnds(engine.store);
  const instance = await engine.workflow.create();
  await engine.clock.settle();
  let isClosed = false;
  const closing = engine.workers[0]?.close().then(() => (isClosed = true));
  await engine.clock.settle();
  expect(isClosed).toBe(false);

  release();
  await closing;

  expect((await instance.status()).status).toBe("complete");
});
