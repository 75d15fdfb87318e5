/** Terminating with a rollback, and what is asked of an instance while it rolls back. */
import { expect, test } from "vitest";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

type Started = MemoryEngine & { readonly instance: WorkflowInstance };
const FOREVER = async (): Promise<never> => await new Promise(() => {});

/** One step that can be undone, then whatever follows. */
function startOne(undone: string[], rest: (step: WorkflowStep) => Promise<unknown>) {
  return startBody(async (step) => {
    await step.do("a", () => 1, {
      rollback: ({ error }) => void undone.push(`${error.name}: ${error.message}`),
    });
    return await rest(step);
  });
}

describeOnBoth(({ start, isRealTime }) => {
  test("terminate with a rollback undoes the steps and ends as terminated", async () => {
    const undone: string[] = [];
    const engine = await start(
      workflowOf(async (step) => {
        await step.do("a", () => 1, { rollback: () => void undone.push("a") });
        await step.do("b", () => 2, { rollback: ({ output }) => void undone.push(`b ${output}`) });
        await step.waitForEvent("wait", { type: "go" });
      }),
    );
    const instance = await engine.workflow.create();
    if (isRealTime) {
      await expect.poll(async () => (await instance.status()).status).toBe("waiting");
    } else await instance.sendEvent({ type: "other" });

    await instance.terminate({ rollback: true });

    const status = await engine.end(instance);
    expect(status).toMatchObject({ status: "terminated" });
    if (isRealTime) expect(undone).toEqual(["b 2", "a"]);
    await expect(instance.result()).rejects.toMatchObject({ code: "instance.terminated" });
  });
});

type Into = "running" | "waiting" | "waitingForPause" | "paused";

const INTO: Readonly<Record<Into, (undone: string[]) => Promise<Started>>> = {
  running: async (undone) =>
    await startOne(undone, async (step) => await step.do("b", { timeout: "5 days" }, FOREVER)),
  waiting: async (undone) => await startOne(undone, async (step) => await step.sleep("s", "1 day")),
  waitingForPause: async (undone) => await paused(await INTO.running(undone)),
  paused: async (undone) => await paused(await INTO.waiting(undone)),
};

async function paused(started: Started): Promise<Started> {
  await started.instance.pause();
  return started;
}

test.each(Object.keys(INTO) as Into[])(
  "an instance that is %s is terminated with a rollback",
  async (from) => {
    const undone: string[] = [];
    const { end, history, instance } = await INTO[from](undone);
    expect((await instance.status()).status).toBe(from);

    await instance.terminate({ rollback: true });

    const status = await end(instance);
    expect(undone).toEqual(["Terminated: Instance terminated during rollback"]);
    expect(status).toEqual({
      status: "terminated",
      output: null,
      rollback: { outcome: "complete", error: null },
    });
    expect((await history(instance)).at(-1)).toMatchObject({ type: "workflow_terminated" });
  },
);

test("an instance that never ran is terminated at once", async () => {
  const { instance } = await startBody(async () => {}, { workers: 0 });

  await instance.terminate({ rollback: true });

  expect(await instance.status()).toEqual({ status: "terminated", output: null, rollback: null });
});

test("an instance without steps to undo is terminated without a word of a rollback", async () => {
  const { end, history, instance } = await startBody(async (step) => {
    await step.do("a", () => 1);
    await step.sleep("s", "1 day");
  });

  await instance.terminate({ rollback: true });

  expect(await end(instance)).toMatchObject({ status: "terminated", rollback: null });
  const types = (await history(instance)).map(({ type }) => type);
  expect(types).not.toContain("rollback_started");
});

test.each([[undefined], [{}], [{ rollback: false }], [{ rollback: "true" }], [{ rollback: 1 }]])(
  "terminate with %j undoes nothing",
  async (options) => {
    const undone: string[] = [];
    const { end, instance } = await startOne(undone, async (step) => await step.sleep("s", 9_000));

    await instance.terminate(options as { rollback: boolean });

    expect(await end(instance)).toMatchObject({ status: "terminated", rollback: null });
    expect(undone).toEqual([]);
  },
);

test("neither pause nor restart nor delete undoes anything", async () => {
  const undone: string[] = [];
  const { clock, instance } = await startOne(undone, async (step) => await step.sleep("s", 9_000));

  await instance.pause();
  await clock.settle();
  await instance.restart();
  await clock.settle();
  await instance.delete();
  await clock.settle();

  expect(undone).toEqual([]);
});

test("a terminate during a rollback lets it finish", async () => {
  const undone: string[] = [];
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 1, {
      rollback: () => {
        if (undone.push("b") < 2) throw new Error("again");
      },
    });
    throw new Error("no");
  });

  await instance.terminate();
  await instance.terminate({ rollback: true });

  expect(await end(instance)).toMatchObject({ status: "errored", error: { message: "no" } });
  expect(undone).toEqual(["b", "b", "a"]);
});

test("a restart during a rollback gives it up, and starts over", async () => {
  const undone: string[] = [];
  let runs = 0;
  const { end, history, instance } = await startBody(async (step) => {
    runs++;
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 1, { rollback: FOREVER });
    if (runs === 1) throw new Error("no");
    return "second";
  });

  await instance.restart();

  expect(await end(instance)).toEqual({ status: "complete", output: "second", rollback: null });
  expect(undone).toEqual([]);
  const types = (await history(instance)).map(({ type }) => type);
  expect(types.filter((type) => type.startsWith("rollback"))).toEqual([]);
});

test("a delete during a rollback ends it", async () => {
  const undone: string[] = [];
  const { clock, instance } = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 1, {
      rollback: () => {
        throw new Error("again");
      },
    });
    throw new Error("no");
  });

  await instance.delete();
  await clock.advance(86_400_000);

  await expect(instance.status()).rejects.toThrow("instance.not_found");
  expect(undone).toEqual([]);
});
