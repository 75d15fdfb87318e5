/** Cloudflare's rules for deleting instances, running ones above all; one test per sentence. */
import { expect, test } from "vitest";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { Workflow } from "../../src/client/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { streamOf } from "../support/streams.ts";

const NOT_FOUND = { code: "instance.not_found" };

interface Running {
  readonly workflow: Workflow;
  readonly instance: WorkflowInstance;
  readonly signal: AbortSignal;
  /** Lets the step that runs go on. */
  readonly goOn: () => void;
  /** What the code did after the step, if it went on. */
  readonly after: string[];
  readonly end: (instance: WorkflowInstance) => Promise<{ status: string; output: unknown }>;
}

describeOnBoth(({ start, isRealTime }) => {
  /** An instance with a finished step and one that runs; another run of it returns at once. */
  async function startRunning(): Promise<Running> {
    const [isRunning, release] = [createLatch(), createLatch()];
    const after: string[] = [];
    let signal: AbortSignal | undefined;
    const engine = await start(
      workflowOf(async (step) => {
        if (signal) return "another";
        await step.do("a", () => streamOf("bytes"));
        try {
          await step.do("b", async (context) => {
            signal = context.signal;
            isRunning.open();
            await release.opened;
            return "late";
          });
          after.push("resolved");
        } catch {
          after.push("rejected");
        } finally {
          after.push("finally");
        }
        await step.do("c", () => void after.push("c"));
        return "late";
      }),
    );
    const instance = await engine.workflow.create({ id: "one" });
    if (!isRealTime) void engine.end(instance).catch(() => {});
    await isRunning.opened;
    if (!signal) throw new Error("It runs without a signal");
    return { ...engine, instance, signal, goOn: release.open, after };
  }

  /** Until the worker has heard of it. */
  async function aborted({ signal }: Running): Promise<void> {
    if (signal.aborted) return;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }

  test("removes everything at once: afterwards it is not found", async () => {
    const { workflow, instance } = await startRunning();

    await instance.delete();

    await expect(workflow.get("one")).rejects.toMatchObject(NOT_FOUND);
    await expect(instance.status()).rejects.toMatchObject(NOT_FOUND);
    for (const verb of ["pause", "resume", "terminate", "restart", "delete"] as const) {
      await expect(instance[verb]()).rejects.toMatchObject(NOT_FOUND);
    }
    await expect(instance.sendEvent({ type: "go" })).rejects.toMatchObject(NOT_FOUND);
    expect(Object.values(await workflow.counts()).every((count) => count === 0)).toBe(true);
  });

  test("running code stops: its signal is aborted, and its promises never settle", async () => {
    const running = await startRunning();

    await running.instance.delete();
    await aborted(running);
    running.goOn();
    await new Promise((resolve) => setTimeout(resolve, isRealTime ? 100 : 0));

    expect(running.after).toEqual([]);
  });

  test("the id is free again at once, and what the old code still does changes nothing", async () => {
    const running = await startRunning();

    await running.instance.delete();
    const again = await running.workflow.create({ id: "one" });
    running.goOn();

    expect(await running.end(again)).toMatchObject({ status: "complete", output: "another" });
    expect(running.after).toEqual([]);
  });

  test("whoever waits for the result is told", async () => {
    const { instance } = await startRunning();
    const result = instance.result().catch((error: unknown) => error);

    await instance.delete();

    expect(await result).toMatchObject(NOT_FOUND);
  });

  test("deleting itself from inside run never returns", async () => {
    const after: string[] = [];
    const engine = await start(
      workflowOf(async (step, { instanceId }) => {
        await step.do("a", () => 1);
        try {
          const self = await engine.workflow.get(instanceId);
          await self.delete();
          after.push("went on");
        } finally {
          after.push("finally");
        }
      }),
    );
    const instance = await engine.workflow.create();

    await expect(engine.end(instance)).rejects.toMatchObject(NOT_FOUND);

    await new Promise((resolve) => setTimeout(resolve, isRealTime ? 100 : 0));
    expect(after).toEqual([]);
  });
});

test("an unknown instance cannot be deleted", async () => {
  const { instance } = await startBody(async () => {});
  await instance.delete();

  await expect(instance.delete()).rejects.toMatchObject({
    ...NOT_FOUND,
    message: expect.stringContaining("Instance does not exist"),
  });
});

test("state, history, events and streams are gone", async () => {
  const { instance, store } = await startBody(async (step) => {
    await step.do("a", () => streamOf("bytes"));
    await step.sleep("s", "1 hour");
  });
  await instance.sendEvent({ type: "go" });

  await instance.delete();

  expect(await store.instances.history(instance.id)).toEqual([]);
  expect(store.snapshot()).toEqual([]);
  expect(store.partition.openStreams.size).toBe(0);
});

test("no rollback runs", async () => {
  const { instance, end, workflow } = await startBody(async (step) => {
    await step.sleep("s", "1 hour");
  });

  await instance.delete();

  await expect(end(instance)).rejects.toMatchObject(NOT_FOUND);
  expect((await workflow.counts()).waiting).toBe(0);
});

test("deleteBatch stops running instances too, and says of unknown ones that they are", async () => {
  const { workflow, clock } = await startBody(async (step) => {
    await step.do("a", async () => await new Promise<void>(() => {}));
  });
  for (const id of ["x", "y"]) await workflow.create({ id });
  await clock.settle();

  const result = await workflow.deleteBatch(["x", "unknown", "y", "x"]);

  expect(result).toEqual({
    deleted: [{ id: "x" }, { id: "y" }, { id: "x" }],
    errors: [{ id: "unknown", code: 10_400, message: "workflows.api.error.instance.not_found" }],
  });
  expect((await workflow.counts()).running).toBe(1);
});
