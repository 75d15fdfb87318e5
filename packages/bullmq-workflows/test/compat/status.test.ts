import { expect, test } from "vitest";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { InstanceStatus } from "../../src/model/status.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

type Started = MemoryEngine & { readonly instance: WorkflowInstance };

/** An instance in each status, and the means to let a running step end. */
const IN_STATUS: Record<InstanceStatus, () => Promise<Started>> = {
  queued: async () => await startBody(async () => "done", { workers: 0 }),
  running: async () =>
    await startBody(async (step) => await step.do("work", { timeout: "5 days" }, forEver)),
  waiting: async () =>
    await startBody(async (step) => await step.waitForEvent("w", { type: "go" })),
  waitingForPause: async () => {
    const started = await IN_STATUS.running();
    await started.instance.pause();
    return started;
  },
  paused: async () => {
    const started = await IN_STATUS.waiting();
    await started.instance.pause();
    return started;
  },
  rollingBack: async () =>
    await startBody(async (step) => {
      const rollbackConfig = { timeout: "5 days" } as const;
      await step.do("work", () => 1, { rollback: forEver, rollbackConfig });
      throw new Error("no");
    }),
  complete: async () => await startBody(async () => "done"),
  errored: async () =>
    await startBody(async () => {
      throw new Error("no");
    }),
  terminated: async () => {
    const started = await IN_STATUS.waiting();
    await started.instance.terminate();
    return started;
  },
};

async function forEver(): Promise<never> {
  return await new Promise(() => {});
}

type Action = "pause" | "resume" | "terminate" | "restart" | "delete" | "sendEvent";

/** What becomes of an instance in this status by this action: its status, or the error's token. */
async function become(from: InstanceStatus, action: Action): Promise<string> {
  const { clock, instance, store, workflow } = await IN_STATUS[from]();
  expect((await store.instances.get(instance.id))?.status).toBe(from);
  try {
    if (action === "sendEvent") await instance.sendEvent({ type: "go", payload: 1 });
    else await instance[action]();
    await clock.settle();
    await workflow.get(instance.id);
    return String((await store.instances.get(instance.id))?.status);
  } catch (error) {
    return /\((.*?)\)/.exec((error as Error).message)?.[1] ?? String(error);
  }
}

test.each<[InstanceStatus, Action, string]>([
  ["queued", "pause", "paused"],
  ["queued", "resume", "queued"],
  ["queued", "terminate", "terminated"],
  ["queued", "restart", "queued"],
  ["queued", "delete", "instance.not_found"],
  ["queued", "sendEvent", "queued"],
  ["running", "pause", "waitingForPause"],
  ["running", "resume", "running"],
  ["running", "terminate", "terminated"],
  ["running", "restart", "running"],
  ["running", "delete", "instance.not_found"],
  ["running", "sendEvent", "running"],
  ["waiting", "pause", "paused"],
  ["waiting", "resume", "waiting"],
  ["waiting", "terminate", "terminated"],
  ["waiting", "restart", "waiting"],
  ["waiting", "delete", "instance.not_found"],
  ["waiting", "sendEvent", "complete"],
  ["waitingForPause", "pause", "waitingForPause"],
  ["waitingForPause", "resume", "running"],
  ["waitingForPause", "terminate", "terminated"],
  ["waitingForPause", "restart", "running"],
  ["waitingForPause", "delete", "instance.not_found"],
  ["waitingForPause", "sendEvent", "waitingForPause"],
  ["paused", "pause", "paused"],
  ["paused", "resume", "waiting"],
  ["paused", "terminate", "terminated"],
  ["paused", "restart", "waiting"],
  ["paused", "delete", "instance.not_found"],
  ["paused", "sendEvent", "paused"],
  ["rollingBack", "pause", "rollingBack"],
  ["rollingBack", "resume", "rollingBack"],
  ["rollingBack", "terminate", "rollingBack"],
  ["rollingBack", "restart", "rollingBack"],
  ["rollingBack", "delete", "instance.not_found"],
  ["rollingBack", "sendEvent", "rollingBack"],
  ["complete", "pause", "complete"],
  ["complete", "resume", "complete"],
  ["complete", "terminate", "instance.cannot_terminate"],
  ["complete", "restart", "complete"],
  ["complete", "delete", "instance.not_found"],
  ["complete", "sendEvent", "instance.not_running"],
  ["errored", "pause", "errored"],
  ["errored", "resume", "errored"],
  ["errored", "terminate", "instance.cannot_terminate"],
  ["errored", "restart", "errored"],
  ["errored", "delete", "instance.not_found"],
  ["errored", "sendEvent", "instance.not_running"],
  ["terminated", "pause", "terminated"],
  ["terminated", "resume", "terminated"],
  ["terminated", "terminate", "instance.cannot_terminate"],
  ["terminated", "restart", "waiting"],
  ["terminated", "delete", "instance.not_found"],
  ["terminated", "sendEvent", "instance.not_running"],
])("an instance that is %s becomes by %s: %s", async (from, action, expected) => {
  const result = await become(from, action);

  expect(result).toBe(expected);
});

test.each<Action>(["pause", "resume", "terminate", "restart", "sendEvent"])(
  "%s of an instance that was deleted is not found",
  async (action) => {
    const { instance } = await IN_STATUS.complete();
    await instance.delete();

    const refused =
      action === "sendEvent" ? instance.sendEvent({ type: "go" }) : instance[action]();

    await expect(refused).rejects.toThrow("(instance.not_found) Instance not found");
  },
);

test("a second delete says that the instance does not exist", async () => {
  const { instance } = await IN_STATUS.complete();
  await instance.delete();

  const refused = instance.delete();

  await expect(refused).rejects.toThrow("(instance.not_found) Instance does not exist");
});

test("terminate of a finished instance says so", async () => {
  const { instance } = await IN_STATUS.complete();

  const refused = instance.terminate();

  await expect(refused).rejects.toThrow(
    "(instance.cannot_terminate) Cannot terminate instance since its on a finite state",
  );
});

describeOnBoth(({ run }) => {
  test("the status of a complete instance has its output and no error", async () => {
    const status = await run(async () => ({ n: 1 }));

    expect(status).toEqual({ status: "complete", output: { n: 1 }, rollback: null });
  });

  test("the status of an errored instance has its error and an output of null", async () => {
    const status = await run(async () => {
      throw new TypeError("no");
    });

    expect(status).toEqual({
      status: "errored",
      error: { name: "TypeError", message: "no" },
      output: null,
      rollback: null,
    });
  });
});

test.each<InstanceStatus>([
  "queued",
  "running",
  "waiting",
  "waitingForPause",
  "paused",
  "terminated",
])("the output of an instance that is %s is null, and there is no error", async (name) => {
  const { instance } = await IN_STATUS[name]();

  const status = await instance.status();

  expect(status).toEqual({ status: name, output: null, rollback: null });
});

test.each([["a.b"], [""], ["-a"], [undefined]])("sendEvent refuses the type %j", async (type) => {
  const { instance } = await IN_STATUS.waiting();

  const refused = instance.sendEvent({ type: type as string });

  await expect(refused).rejects.toThrow("(workflow.invalid_event_type)");
});
