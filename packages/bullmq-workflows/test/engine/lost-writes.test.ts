/** Workers of a store that goes back in time. */
import { expect, onTestFinished, test } from "vitest";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import { StoreUnavailableError } from "../../src/model/store-errors.ts";
import type { Body } from "../support/harness.ts";
import { workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine, MemoryEngineOptions } from "../support/memory-engine.ts";

const RESTORED = "the store had lost entries, they are restored";
const FLAGGED = "the store had lost entries, the instance is flagged";
const MISSING = "an instance is gone that nobody deleted";
const REPORTS = [RESTORED, FLAGGED, MISSING];

interface Setup extends MemoryEngine {
  readonly instance: WorkflowInstance;
  /** Names of steps as their callbacks ran. */
  readonly ledger: string[];
  readonly reports: () => readonly string[];
  /** The connection breaks, and leads to a store that is what it was when `setBack` was made. */
  readonly failOver: (setBack: () => void) => Promise<void>;
}

type Note = (name: string) => () => Promise<void>;

async function setup(
  body: (step: Parameters<Body>[0], note: Note) => Promise<unknown>,
  options: MemoryEngineOptions = {},
): Promise<Setup> {
  const ledger: string[] = [];
  const note: Note = (name) => async () => void ledger.push(name);
  const workflowClass = workflowOf(async (step) => await body(step, note));
  const engine = await startMemoryEngine(workflowClass, options);
  onTestFinished(async () => await engine.close());
  const instance = await engine.workflow.create({ id: "a" });
  await engine.clock.settle();
  const { notices } = engine.store.partition;
  return {
    ...engine,
    instance,
    ledger,
    reports: () =>
      engine.logs.map(({ message }) => message).filter((message) => REPORTS.includes(message)),
    async failOver(setBack) {
      notices.loseConnection();
      await engine.clock.advance(10);
      setBack();
      notices.regainConnection();
      await engine.clock.settle();
    },
  };
}

test("a claim that shows less than the run that is still there is doubted", async () => {
  const latch = createLatch();
  const { store, clock, instance, reports, ledger, ...engine } = await setup(
    async (step, note) => {
      await step.do("a", note("a"));
      await step.do("b", async () => await latch.opened);
    },
    { workers: 0 },
  );
  const setBack = store.partition.capture();
  await engine.addWorker();
  await clock.settle();
  expect(ledger).toEqual(["a"]);

  setBack();
  await instance.pause();
  await instance.resume();
  await clock.settle();
  latch.open();
  await clock.settle();

  // It cannot be put back, as its history went on with the pause.
  expect(new Set(reports())).toEqual(new Set([FLAGGED]));
  expect(ledger).toEqual(["a"]);
  await expect(instance.status()).resolves.toMatchObject({ status: "paused" });
});

const waitTwice: Parameters<typeof setup>[0] = async (step, note) => {
  await step.do("before", note("before"));
  await step.waitForEvent("first", { type: "go" });
  await step.do("lost", note("lost"));
  await step.waitForEvent("second", { type: "go" });
  await step.do("after", note("after"));
};

test.each([1_000, 0])("a suspended run is restored, with %i runs kept warm", async (warmLimit) => {
  const { store, clock, instance, ledger, reports, failOver } = await setup(waitTwice, {
    warmLimit,
  });
  const setBack = store.partition.capture();
  await clock.advance(10);
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  expect(ledger).toEqual(["before", "lost"]);

  await failOver(setBack);
  await instance.sendEvent({ type: "go" });
  await clock.settle();

  expect(reports()).toEqual([RESTORED]);
  expect(ledger).toEqual(["before", "lost", "after"]);
  await expect(instance.status()).resolves.toMatchObject({ status: "complete" });
});

test("a finished run is restored, and finishes again", async () => {
  const { store, clock, instance, ledger, reports, failOver } = await setup(waitTwice);
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  const setBack = store.partition.capture();
  await clock.advance(10);
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  await expect(instance.status()).resolves.toMatchObject({ status: "complete" });

  await failOver(setBack);

  await expect(instance.status()).resolves.toMatchObject({ status: "complete" });
  expect(reports()).toEqual([RESTORED]);
  expect(ledger).toEqual(["before", "lost", "after"]);
});

test("a run that nobody told of a new connection notices by its next write", async () => {
  const [first, second] = [createLatch(), createLatch()];
  const { store, clock, instance, ledger, reports } = await setup(async (step, note) => {
    await step.do("first", async () => await first.opened);
    await step.do("lost", note("lost"));
    await step.do("second", async () => await second.opened);
    await step.do("after", note("after"));
  });
  const setBack = store.partition.capture();
  await clock.advance(10);
  first.open();
  await clock.settle();
  expect(ledger).toEqual(["lost"]);

  setBack();
  second.open();
  await clock.settle();

  expect(reports()).toEqual([RESTORED]);
  expect(ledger).toEqual(["lost", "after"]);
  await expect(instance.status()).resolves.toMatchObject({ status: "complete" });
});

test("a claim that shows less than is known is not worked on", async () => {
  const { store, clock, instance, ledger, reports } = await setup(waitTwice, { warmLimit: 0 });
  const setBack = store.partition.capture();
  await clock.advance(10);
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  await clock.advance(10);
  setBack();

  await instance.sendEvent({ type: "go" });
  await clock.settle();

  expect(reports()).toEqual([RESTORED]);
  expect(ledger.filter((name) => name === "lost")).toHaveLength(1);
});

test("nor is one whose instance was restored by a question that nobody heard the answer to", async () => {
  const { store, clock, ledger, addWorker } = await setup(waitTwice, { workers: 0, warmLimit: 0 });
  const setBack = store.partition.capture();
  await clock.advance(10);
  await addWorker();
  await clock.settle();
  expect(ledger).toEqual(["before"]);
  await clock.advance(10);
  setBack();
  const reassert = store.activations.reassert.bind(store);
  let isAnswerLost = false;
  store.activations.reassert = async (known) => {
    const outcome = await reassert(known);
    if (isAnswerLost) return outcome;
    isAnswerLost = true;
    throw new StoreUnavailableError(new Error("ECONNRESET"));
  };

  // Nobody came for what is queued again: it is asked for once more.
  await clock.advance(20_000);

  expect(isAnswerLost).toBe(true);
  expect(ledger).toEqual(["before"]);
});

test("nothing is claimed before all has been compared", async () => {
  const { opened, open } = createLatch();
  const { store, clock, workflow, ledger } = await setup(waitTwice);
  const { notices } = store.partition;
  const reassert = store.activations.reassert.bind(store);
  store.activations.reassert = async (known) => {
    await opened;
    return await reassert(known);
  };
  notices.loseConnection();
  notices.regainConnection();
  await workflow.create({ id: "b" });
  await clock.settle();
  expect(ledger).toEqual(["before"]);

  open();
  await clock.settle();

  expect(ledger).toEqual(["before", "before"]);
});

test("a lease that is renewed while all is compared is no reason yet to begin a step", async () => {
  const [asked, answered] = [createLatch(), createLatch()];
  const { store, clock, ledger } = await setup(async (step, note) => {
    await asked.opened;
    await step.do("begun", note("begun"));
  });
  const { notices } = store.partition;
  const reassert = store.activations.reassert.bind(store);
  store.activations.reassert = async (known) => {
    await answered.opened;
    return await reassert(known);
  };
  notices.loseConnection();
  notices.regainConnection();
  await clock.advance(5_000);
  asked.open();
  await clock.settle();
  expect(ledger).toEqual([]);

  answered.open();
  await clock.settle();

  expect(ledger).toEqual(["begun"]);
});

test("what was written too long ago to be still held is flagged, until somebody decides", async () => {
  const { store, clock, instance, ledger, reports, history, failOver } = await setup(waitTwice);
  const setBack = store.partition.capture();
  await clock.advance(10);
  await instance.sendEvent({ type: "go" });
  await clock.advance(60_000);
  await instance.pause();
  await instance.resume();
  await clock.advance(60_000);

  await failOver(setBack);

  expect(reports()).toEqual([FLAGGED]);
  await expect(instance.status()).resolves.toMatchObject({ status: "paused" });
  expect((await history(instance)).map(({ type }) => type)).toContain("history_lost");
  await clock.advance(60_000);
  expect(ledger).toEqual(["before", "lost"]);

  await instance.resume();
  await instance.sendEvent({ type: "go" });
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  await expect(instance.status()).resolves.toMatchObject({ status: "complete" });
  expect(ledger).toEqual(["before", "lost", "lost", "after"]);
  expect(reports()).toEqual([FLAGGED]);
});

test("an instance that is gone is reported once, and not waited for", async () => {
  const run = await setup(waitTwice, { workers: 0 });
  await run.store.commands.delete("a");
  const setBack = run.store.partition.capture();
  await run.addWorker();
  await run.workflow.create({ id: "b" });
  await run.clock.advance(10);

  await run.failOver(setBack);
  await run.failOver(setBack);

  expect(run.reports()).toEqual([MISSING]);
});

test("restarts and deletions while the connection was away are no loss", async () => {
  const { store, clock, instance, workflow, ledger, reports } = await setup(waitTwice);
  const other = await workflow.create({ id: "b" });
  await instance.sendEvent({ type: "go" });
  await clock.advance(10);

  store.partition.notices.loseConnection();
  await instance.restart();
  await other.delete();
  await workflow.create({ id: "b" });
  store.partition.notices.regainConnection();
  await clock.settle();

  expect(reports()).toEqual([]);
  expect(ledger.filter((name) => name === "before")).toHaveLength(4);
});

test("while the connection is away no step begins and nothing is swept", async () => {
  const { opened, open } = createLatch();
  const run = await setup(async (step, note) => {
    await opened;
    await step.do("begun", note("begun"));
  });
  const { notices } = run.store.partition;
  let isSwept = false;
  const wakeDue = run.store.sweeps.wakeDue.bind(run.store);
  run.store.sweeps.wakeDue = async (limit) => {
    isSwept = true;
    return await wakeDue(limit);
  };
  notices.loseConnection();
  isSwept = false;

  open();
  await run.clock.advance(2_000);
  expect([run.ledger, isSwept]).toEqual([[], false]);
  notices.regainConnection();
  await run.clock.settle();

  expect(run.ledger).toEqual(["begun"]);
});
