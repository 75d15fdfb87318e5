import { expect, test } from "vitest";
import { WorkflowTimeoutError } from "../../src/model/errors.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";

type Options = Parameters<WorkflowStep["waitForEvent"]>[1];

async function refusalOf(options: unknown): Promise<{ name: string; message: string } | undefined> {
  const { end, instance } = await startBody(
    async (step) => await step.waitForEvent("w", options as Options),
  );
  return (await end(instance)).error;
}

/** Waits twice for the same type, and says what came. */
async function waitTwice(step: WorkflowStep): Promise<unknown[]> {
  const first = await step.waitForEvent("first", { type: "go" });
  const second = await step.waitForEvent("second", { type: "go" });
  return [first.payload, second.payload];
}

describeOnBoth(({ start }) => {
  test("a wait resolves with payload, timestamp and type, in that order", async () => {
    const engine = await start(
      workflowOf(async (step) => {
        const event = await step.waitForEvent("w", { type: "go" });
        return [Object.keys(event), event.payload, event.timestamp instanceof Date, event.type];
      }),
    );
    const instance = await engine.workflow.create();

    await instance.sendEvent({ type: "go", payload: { n: 1 } });

    const { output } = await engine.end(instance);
    expect(output).toEqual([["payload", "timestamp", "type"], { n: 1 }, true, "go"]);
  });

  test("the payload key is absent when the event had none", async () => {
    const engine = await start(
      workflowOf(async (step) => Object.keys(await step.waitForEvent("w", { type: "go" }))),
    );
    const instance = await engine.workflow.create();

    await instance.sendEvent({ type: "go" });

    expect((await engine.end(instance)).output).toEqual(["timestamp", "type"]);
  });

  test("events of a type are delivered in the order in which they were sent, each once", async () => {
    const engine = await start(workflowOf(waitTwice), { isCold: true });
    const instance = await engine.workflow.create();

    await instance.sendEvent({ type: "go", payload: 1 });
    await instance.sendEvent({ type: "go", payload: 2 });

    expect((await engine.end(instance)).output).toEqual([1, 2]);
  });
});

test("the timestamp is when the engine received the event", async () => {
  const { clock, end, instance } = await startBody(async (step) => {
    await step.sleep("s", "1 hour");
    return (await step.waitForEvent("w", { type: "go" })).timestamp.getTime();
  });
  await clock.advance(60_000);
  await instance.sendEvent({ type: "go" });
  const sentAt = clock.now();

  const { output } = await end(instance);

  expect(output).toBe(sentAt);
});

test("events are buffered from creation on, before the workflow has started", async () => {
  const { addWorker, clock, end, workflow } = await startBody(waitTwice, { workers: 0 });
  const instance = await workflow.create();
  await instance.sendEvent({ type: "go", payload: "early" });
  await instance.sendEvent({ type: "go", payload: "also early" });

  await addWorker();
  await clock.settle();

  expect((await end(instance)).output).toEqual(["early", "also early"]);
});

test("an event of a type nobody waits for stays in the buffer", async () => {
  const { clock, end, instance } = await startBody(async (step) => {
    await step.waitForEvent("first", { type: "a" });
    return (await step.waitForEvent("second", { type: "b" })).payload;
  });
  await instance.sendEvent({ type: "b", payload: "kept" });
  await clock.settle();

  await instance.sendEvent({ type: "a" });

  expect((await end(instance)).output).toBe("kept");
});

test("waits of one type are served in the order in which they were made", async () => {
  const { end, instance } = await startBody(async (step) => {
    const waits = ["z", "a", "m"].map(
      async (name) => await step.waitForEvent(name, { type: "go" }),
    );
    return (await Promise.all(waits)).map(({ payload }) => payload);
  });

  for (const payload of [1, 2, 3]) await instance.sendEvent({ type: "go", payload });

  expect((await end(instance)).output).toEqual([1, 2, 3]);
});

test("one event satisfies exactly one wait", async () => {
  const { clock, instance } = await startBody(async (step) => {
    await Promise.all([
      step.waitForEvent("a", { type: "go" }),
      step.waitForEvent("b", { type: "go" }),
    ]);
  });

  await instance.sendEvent({ type: "go" });
  await clock.settle();

  expect((await instance.status()).status).toBe("waiting");
});

test("a delivered event is not delivered again after a replay", async () => {
  const { clock, instance, replaceWorkers } = await startBody(waitTwice);
  await instance.sendEvent({ type: "go", payload: 1 });
  await clock.settle();

  await replaceWorkers();
  await clock.settle();

  expect((await instance.status()).status).toBe("waiting");
});

test("the buffer outlives the worker", async () => {
  const { clock, end, instance, replaceWorkers } = await startBody(async (step) => {
    await step.sleep("s", "1 hour");
    return (await step.waitForEvent("w", { type: "go" })).payload;
  });
  await instance.sendEvent({ type: "go", payload: "kept" });
  await clock.advance(60_000);

  await replaceWorkers();

  expect((await end(instance)).output).toBe("kept");
});

test("events sent while an instance is paused are delivered after it resumes", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => (await step.waitForEvent("w", { type: "go" })).payload,
  );
  await instance.pause();
  await instance.sendEvent({ type: "go", payload: "kept" });
  await clock.settle();
  expect((await instance.status()).status).toBe("paused");

  await instance.resume();

  expect((await end(instance)).output).toBe("kept");
});

test("a wait times out after 24 hours when nothing is said", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => await step.waitForEvent("w", { type: "go" }),
  );
  const startedAt = clock.now();

  const { error } = await end(instance);

  expect(clock.now() - startedAt).toBe(86_400_000);
  expect(error).toEqual({
    name: "WorkflowTimeoutError",
    message: "Execution timed out after 86400000ms",
  });
});

test.each([[undefined], [0], [""], [null]])("a timeout of %j means 24 hours", async (timeout) => {
  const { clock, end, instance } = await startBody(
    async (step) => await step.waitForEvent("w", { type: "go", timeout } as Options),
  );
  const startedAt = clock.now();

  await end(instance);

  expect(clock.now() - startedAt).toBe(86_400_000);
});

test("a timeout that is caught lets the workflow go on", async () => {
  const { end, instance } = await startBody(async (step) => {
    const caught = await step
      .waitForEvent("w", { type: "go", timeout: "1 minute" })
      .catch((error: unknown) => error);
    return await step.do("next", () => caught instanceof WorkflowTimeoutError);
  });

  const { output } = await end(instance);

  expect(output).toBe(true);
});

test("a timeout is on record, and thrown again on replay", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => {
      const message = await step
        .waitForEvent("w", { type: "go", timeout: "1 minute" })
        .catch((error: unknown) => (error as Error).message);
      await step.sleep("s", "1 hour");
      return message;
    },
    { warmLimit: 0 },
  );
  await clock.advance(120_000);
  await instance.sendEvent({ type: "go" });

  const { output } = await end(instance);

  expect(output).toBe("Execution timed out after 60000ms");
});

test("after a timeout the next event of the type goes to the next wait", async () => {
  const { clock, end, instance } = await startBody(async (step) => {
    await step.waitForEvent("first", { type: "go", timeout: "1 minute" }).catch(() => {});
    return (await step.waitForEvent("second", { type: "go" })).payload;
  });
  await clock.advance(61_000);

  await instance.sendEvent({ type: "go", payload: "for the second" });

  expect((await end(instance)).output).toBe("for the second");
});

test("an event that came before the timeout counts, though it was looked at afterwards", async () => {
  const { addWorker, clock, end, instance, workers } = await startBody(
    async (step) => (await step.waitForEvent("w", { type: "go", timeout: "1 hour" })).payload,
  );
  await workers[0]?.close();
  await clock.advance(3_500_000);
  await instance.sendEvent({ type: "go", payload: "in time" });
  await clock.advance(3_600_000);

  await addWorker();

  expect((await end(instance)).output).toBe("in time");
});

test("the timeout is absolute: a replay does not begin it anew", async () => {
  const { clock, end, instance, replaceWorkers } = await startBody(
    async (step) => await step.waitForEvent("w", { type: "go", timeout: "1 hour" }),
  );
  const startedAt = clock.now();
  await clock.advance(1_800_000);

  await replaceWorkers();
  await end(instance);

  expect(clock.now() - startedAt).toBe(3_600_000);
});

test("a pause extends the timeout by as long as it lasts", async () => {
  const { clock, end, instance } = await startBody(
    async (step) => await step.waitForEvent("w", { type: "go", timeout: "1 hour" }),
  );
  const startedAt = clock.now();
  await clock.advance(600_000);
  await instance.pause();
  await clock.advance(7_200_000);

  await instance.resume();
  await end(instance);

  expect(clock.now() - startedAt).toBe(3_600_000 + 7_200_000);
});

test.each([["1 second"], [1_000], ["365 days"], ["5000"]])(
  "a timeout of %s is allowed",
  async (timeout) => {
    const { instance } = await startBody(
      async (step) => await step.waitForEvent("w", { type: "go", timeout } as Options),
    );

    expect((await instance.status()).status).toBe("waiting");
  },
);

test.each([[999], ["0 seconds"], ["366 days"], [-1], ["soon"], [{}], [Infinity]])(
  "a timeout of %s is refused",
  async (timeout) => {
    const refusal = await refusalOf({ type: "go", timeout });

    expect(refusal?.name).toBe("WorkflowFatalError");
    expect(refusal?.message).toContain('Timeout of "w" must be between 1 second and 365 days');
  },
);

test.each([["a.b"], [""], ["-a"], ["a b"], ["a".repeat(101)], [7], [undefined]])(
  "the event type %j is refused",
  async (type) => {
    const refusal = await refusalOf({ type });

    expect(refusal?.name).toBe("WorkflowFatalError");
    expect(refusal?.message).toContain("(workflow.invalid_event_type)");
  },
);

test.each([["a"], ["_a"], ["9-b_C"], ["a".repeat(100)]])(
  "the event type %s is allowed",
  async (type) => {
    const { instance } = await startBody(async (step) => await step.waitForEvent("w", { type }));

    expect((await instance.status()).status).toBe("waiting");
  },
);

test.each([[undefined], [null]])("options of %s are a TypeError", async (options) => {
  const refusal = await refusalOf(options);

  expect(refusal?.name).toBe("TypeError");
});

test("the name of the wait plays no part in matching", async () => {
  const { end, instance } = await startBody(
    async (step) => (await step.waitForEvent("anything", { type: "go" })).type,
  );

  await instance.sendEvent({ type: "go" });

  expect((await end(instance)).output).toBe("go");
});

test("changed code waits for the type and the instant that are on record", async () => {
  const waiting = (type: string, timeout: Options["timeout"]) => async (step: WorkflowStep) =>
    (await step.waitForEvent("w", { type, timeout: timeout! })).payload;
  const { clock, end, instance, replaceWorkers } = await startBody(waiting("old", "1 hour"));

  await replaceWorkers({ workflowClass: workflowOf(waiting("new", "1 minute")) });
  await clock.advance(1_000_000);
  await instance.sendEvent({ type: "old", payload: "for the old type" });

  expect((await end(instance)).output).toBe("for the old type");
});
