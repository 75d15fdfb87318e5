/** Rolling back where the handlers are not in memory any more. */
import { expect, test } from "vitest";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";
import type { Clock } from "../../src/engine/ports/clock.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { startBody, workflowOf } from "../support/harness.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

type Started = MemoryEngine & { readonly instance: WorkflowInstance };
const FOREVER = async (): Promise<never> => await new Promise(() => {});
const NEVER = { retries: { limit: 0, delay: 0 } } as const;

test("another worker replays the run for its rollbacks, and begins nothing in it", async () => {
  const log: string[] = [];
  let isFirst = true;
  const engine = await startBody(async (step) => {
    const undo = (name: string) => ({
      rollback: ({ output }: { output: unknown }) =>
        void log.push(`undo ${name} ${String(output)}`),
    });
    const note = (what: string): void => void (isFirst || log.push(what));
    note(`a gave ${await step.do("a", () => (log.push("did a"), 1), undo("a"))}`);
    await step
      .do("b", NEVER, () => Promise.reject(new Error("b failed")), undo("b"))
      .catch((error: Error) => note(error.message));
    const slow = step.do("slow", { timeout: "5 days" }, FOREVER, undo("slow"));
    await step.sleep("short", 10);
    await step.sleep("long", "1 day");
    note(`slow gave ${String(await slow)}`);
    await step.waitForEvent("wait", { type: "go" });
    await step.do("new", () => log.push("did new"), undo("new"));
    note("went on");
  });
  const { end, instance } = engine;
  await engine.clock.advance(60);
  isFirst = false;

  await instance.terminate({ rollback: true });

  expect(await end(instance)).toMatchObject({ rollback: { outcome: "complete", error: null } });
  expect(log).toEqual([
    "did a",
    "a gave 1",
    "b failed",
    "undo slow undefined",
    "undo b undefined",
    "undo a 1",
  ]);
});

test("what has not ended resolves with nothing in that replay, sleeps and waits at once", async () => {
  const undone: string[] = [];
  const seen: unknown[] = [];
  const undo = (name: string) => ({ rollback: () => void undone.push(name) });
  const engine = await startBody(async (step) => {
    const slow = step.do("slow", { timeout: "5 days" }, FOREVER, undo("slow"));
    await step.do("a", () => 1, undo("a"));
    await slow;
  });
  // Other code, or nothing that has started could come after what has not ended.
  const workflowClass = workflowOf(async (step) => {
    seen.push(await step.sleep("s", "1 day"));
    seen.push(await step.waitForEvent("w", { type: "go" }));
    seen.push(await step.do("slow", FOREVER, undo("slow")));
    await step.do("a", FOREVER, undo("a"));
  });
  await engine.addWorker({ workflowClass });
  engine.workers[0]?.abandon();

  await engine.instance.terminate({ rollback: true });

  const startedAt = engine.clock.now();
  await engine.clock.settle();
  expect(engine.clock.now()).toBe(startedAt);
  expect(await engine.instance.status()).toMatchObject({ rollback: { outcome: "complete" } });
  expect(seen).toEqual([undefined, undefined, undefined]);
  expect(undone).toEqual(["a", "slow"]);
});

test("what the replay throws is ignored", async () => {
  const undone: string[] = [];
  let runs = 0;
  const { end, instance } = await startBody(async (step) => {
    runs++;
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    if (runs > 1) throw new Error("of the replay");
    await step.sleep("s", "1 day");
  });

  await instance.terminate({ rollback: true });

  expect(await end(instance)).toMatchObject({ status: "terminated" });
  expect(undone).toEqual(["a"]);
});

test("a step whose rollback the code does not name any more fails the rollback", async () => {
  const undone: string[] = [];
  const engine = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 1, { rollback: () => void undone.push("b") });
    await step.sleep("s", "1 day");
  });
  await engine.replaceWorkers({
    workflowClass: workflowOf(async (step) => {
      await step.do("a", () => 1, { rollback: () => void undone.push("a") });
      await step.do("b", () => 1);
      await step.sleep("s", "1 day");
    }),
  });

  await engine.instance.terminate({ rollback: true });

  expect(await engine.end(engine.instance)).toMatchObject({
    status: "terminated",
    rollback: {
      outcome: "failed",
      error: {
        name: "RollbackMissing",
        message: "Rollback function not available in registry",
      },
    },
  });
  expect(undone).toEqual([]);
});

test("a rollback is missing too when the code hangs where its step was", async () => {
  const engine = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => {} });
    await step.sleep("s", "1 day");
  });
  const renamed = workflowOf(async (step) => {
    await step.do("renamed", () => 1, { rollback: () => {} });
  });
  await engine.replaceWorkers({ workflowClass: renamed });

  await engine.instance.terminate({ rollback: true });

  const { rollback } = await engine.end(engine.instance);
  expect(rollback).toMatchObject({ outcome: "failed", error: { name: "RollbackMissing" } });
});

/** What gets stuck in a replay, once it has been through all that is on record. */
const STUCK: Readonly<Record<string, (step: WorkflowStep, clock: Clock) => Promise<unknown>>> = {
  "awaits something of its own that never comes": FOREVER,
  "sleeps in a loop": async (step) => {
    for (;;) await step.sleep("poll", "1 minute");
  },
  "waits in a loop, and catches what it makes of nothing": async (step) => {
    for (;;) {
      try {
        const { payload } = await step.waitForEvent<boolean>("next", { type: "go" });
        if (payload) return;
      } catch {}
    }
  },
  "asks for new steps in a loop, and waits for none": async (step, clock) => {
    for (;;) {
      const soon = new Promise<void>((resolve) => clock.after(5_000, resolve));
      await Promise.race([step.do("new", () => 1), soon]);
    }
  },
};

test.each(Object.keys(STUCK))(
  "a replay that finds too few rollbacks ends although the code %s",
  async (name) => {
    const engine: Started = await startBody(async (step) => {
      // The callback of `outer` does not run again.
      await step.do("outer", async () => {
        await step.do("inner", () => 1, { rollback: () => {} });
      });
      await step.sleep("first", "1 day");
      await STUCK[name]?.(step, engine.clock);
    });
    const startedAt = engine.clock.now();

    await engine.instance.terminate({ rollback: true });

    const { status, rollback } = await engine.end(engine.instance);
    expect(status).toBe("terminated");
    expect(rollback).toMatchObject({ outcome: "failed", error: { name: "RollbackMissing" } });
    expect(engine.clock.now() - startedAt).toBe(60_000);
  },
);

test("a replay that hangs before it gets to a step ends after a minute", async () => {
  let isHanging = false;
  const { clock, instance } = await startBody(async (step) => {
    if (isHanging) await FOREVER();
    await step.do("a", () => 1, { rollback: () => {} });
    await step.sleep("s", "1 day");
  });
  isHanging = true;

  await instance.terminate({ rollback: true });

  await clock.advance(59_999);
  const before = (await instance.status()).status;
  await clock.advance(1);
  expect([before, (await instance.status()).status]).toEqual(["running", "terminated"]);
});

test("a replay may take long in all, as each step on record renews its patience", async () => {
  const undone: string[] = [];
  let pause = async (): Promise<void> => {};
  const engine = await startBody(
    async (step) => {
      for (const name of ["a", "b", "c"]) {
        await pause();
        await step.do(name, () => 1, { rollback: () => void undone.push(name) });
      }
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );
  pause = async () => await new Promise((resolve) => engine.clock.after(9_000, resolve));

  await engine.instance.terminate({ rollback: true });

  expect(await engine.end(engine.instance)).toMatchObject({ rollback: { outcome: "complete" } });
  expect(undone).toEqual(["c", "b", "a"]);
});

test("a worker that takes over goes on where the rollback stood", async () => {
  const undone: string[] = [];
  const body = async (step: WorkflowStep): Promise<void> => {
    for (const name of ["a", "b", "c"]) {
      await step.do(name, () => name, {
        rollback: ({ error }) => {
          undone.push(`${name} for ${error.message}`);
          if (name === "b" && undone.length < 3) throw new Error("again");
        },
      });
    }
    throw new Error("no");
  };
  const engine = await startBody(body);
  expect(undone).toEqual(["c for no", "b for no"]);

  await engine.replaceWorkers({ workflowClass: workflowOf(body) });

  const status = await engine.end(engine.instance);
  expect(undone).toEqual(["c for no", "b for no", "b for no", "a for no"]);
  expect(status).toMatchObject({
    status: "errored",
    error: { message: "no" },
    rollback: { outcome: "complete" },
  });
});

test("a branch that was still on its way when the run failed is found by a replay", async () => {
  const undone: string[] = [];
  const body = async (step: WorkflowStep, pause: () => Promise<void>): Promise<void> => {
    const branch = async (): Promise<void> => {
      await pause();
      await step.do("branch", () => 1, { rollback: () => void undone.push("branch") });
    };
    const other = async (): Promise<void> => {
      await step.do("other", () => 1, { rollback: () => void undone.push("other") });
      await step.sleep("s", "1 minute");
      throw new Error("no");
    };
    await Promise.all([branch(), other()]);
  };
  const engine = await startBody(async (step) => await body(step, async () => {}));
  let runs = 0;
  // The first replay comes late to `branch`, after the failure.
  await engine.replaceWorkers({
    workflowClass: workflowOf(
      async (step) =>
        await body(step, async () => {
          if (runs++ > 0) return;
          await new Promise<void>((resolve) => engine.clock.after(120_000, resolve));
        }),
    ),
  });

  const status = await engine.end(engine.instance);

  expect(runs).toBe(2);
  expect(undone).toEqual(["branch", "other"]);
  expect(status).toMatchObject({ error: { message: "no" }, rollback: { outcome: "complete" } });
});
