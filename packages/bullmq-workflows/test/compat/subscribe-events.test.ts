/** The events that `subscribe` tells, row by row. */
import { expect, expectTypeOf, test } from "vitest";
import type {
  WorkflowInstanceEvent,
  WorkflowInstanceEventType,
  WorkflowInstanceSubscribeOptions,
} from "../../src/index.ts";
import { INSTANCE_EVENT_TYPES } from "../../src/model/instance-event-types.ts";
import type { Body, Backend } from "../support/harness.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { ONE_STEP_RUN, drain, oneStep, typesOf } from "../support/subscriptions.ts";

describeOnBoth((backend: Backend) => {
  /** The events of one instance of the workflow, once it has ended. */
  async function eventsOf<Params = unknown>(
    body: Body<Params>,
    options?: WorkflowInstanceSubscribeOptions,
    params?: Params,
  ): Promise<readonly WorkflowInstanceEvent[]> {
    const { workflow, end } = await backend.start(workflowOf(body));
    const instance = await workflow.create({ params });
    await end(instance);
    return await drain(await instance.subscribe(options));
  }

  test("a one-step run has Cloudflare's events in Cloudflare's order", async () => {
    expect(typesOf(await eventsOf(oneStep))).toEqual(ONE_STEP_RUN);
  });

  test("an event has instanceId, an eventId that grows from 1, a timestamp in ms, and its type", async () => {
    const events = await eventsOf(oneStep);

    expect(events.map(({ eventId }) => eventId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Object.keys(events[0] ?? {})).toEqual(["instanceId", "eventId", "timestamp", "type"]);
    const times = events.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.every((time) => Number.isInteger(time) && time > 0)).toBe(true);
  });

  test("workflow_started has the params, workflow_completed the output, each as the value it was", async () => {
    const events = await eventsOf(
      async (_, { payload }) => await Promise.resolve(payload),
      undefined,
      new Map([["k", 1n]]),
    );

    const value = new Map([["k", 1n]]);
    expect(events.find(({ type }) => type === "workflow_started")).toMatchObject({ params: value });
    expect(events.at(-1)).toMatchObject({ type: "workflow_completed", output: value });
  });

  test("step_started has the config, step_completed the output, each as the value it was", async () => {
    const config = { retries: { limit: 1, delay: () => 5 }, timeout: "1 minute" } as const;
    const events = await eventsOf(async (step) => {
      await step.do("plain", () => new Set([1]));
      await step.do("set", config, () => undefined);
    });

    const starts = events.filter(({ type }) => type === "step_started");
    const retries = { limit: 5, delay: 10_000, backoff: "exponential" };
    expect(starts).toMatchObject([
      { stepName: "plain-1", config: { retries, timeout: "10 minutes" } },
      {
        stepName: "set-1",
        config: {
          retries: { limit: 1, delay: "[dynamic]", backoff: "exponential" },
          timeout: "1 minute",
        },
      },
    ]);
    const ends = events.filter(({ type }) => type === "step_completed");
    expect(ends).toMatchObject([
      { stepName: "plain-1", output: new Set([1]) },
      { stepName: "set-1" },
    ]);
    expect(ends[1]).not.toHaveProperty("output");
  });

  test("a sensitive step's output is redacted, and its config says so", async () => {
    const events = await eventsOf(async (step) => {
      await step.do("secret", { sensitive: "output" }, () => "hidden");
    });

    expect(events.find(({ type }) => type === "step_started")).toMatchObject({
      config: { sensitive: "output" },
    });
    expect(events.find(({ type }) => type === "step_completed")).toMatchObject({
      output: "[REDACTED]",
    });
  });

  test("attempts have a number, and those that failed an error and the delay until the next", async () => {
    const retries = { limit: 1, delay: 60, backoff: "constant" } as const;
    const events = await eventsOf(async (step) => {
      await step.do("a", { retries }, () => {
        throw new RangeError("no");
      });
    });

    const failure = { stepName: "a-1", error: { name: "RangeError", message: "no" } };
    const ofSteps = events.filter(({ type }) => /^(?:step|attempt)_/.test(type));
    expect(ofSteps).toMatchObject([
      { type: "step_started", config: { retries } },
      { type: "attempt_started", attempt: 1 },
      { type: "attempt_errored", attempt: 1, ...failure, retryDelayMs: 60 },
      { type: "attempt_started", attempt: 2 },
      { type: "attempt_errored", attempt: 2, ...failure },
      { type: "step_errored", stepName: "a-1" },
    ]);
    expect(ofSteps[4]).not.toHaveProperty("retryDelayMs");
    expect(events.at(-1)).toMatchObject({
      type: "workflow_errored",
      error: { name: "RangeError", message: "no" },
    });
  });

  test("sleeps have a duration, waits an event type", async () => {
    const { workflow, end } = await backend.start(
      workflowOf(async (step) => {
        await step.sleep("s", 60);
        await step.waitForEvent("w", { type: "go", timeout: 1_000 }).catch(() => undefined);
        await step.waitForEvent("v", { type: "come" });
      }),
    );
    const instance = await workflow.create();
    await instance.sendEvent({ type: "come" });
    await end(instance);

    const events = await drain(await instance.subscribe());

    expect(events.filter(({ type }) => /^(?:sleep|wait)_/.test(type))).toMatchObject([
      { type: "sleep_started", stepName: "s-1", durationMs: 60 },
      { type: "sleep_completed", stepName: "s-1" },
      { type: "wait_started", stepName: "w-1", eventType: "go" },
      { type: "wait_timed_out", stepName: "w-1" },
      { type: "wait_started", stepName: "v-1", eventType: "come" },
      { type: "wait_completed", stepName: "v-1" },
    ]);
  });
});

test("pauses, resumes and what waits for them are told", async () => {
  const first = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.sleep("s", "1 hour");
  });
  const subscription = await instance.subscribe({
    filter: INSTANCE_EVENT_TYPES.filter((type) => type.startsWith("workflow_")),
  });

  await instance.pause();
  await clock.settle();
  await instance.resume();
  await clock.settle();
  await instance.pause();
  first.open();
  await clock.settle();
  await instance.resume();
  await end(instance);

  expect(typesOf(await drain(subscription))).toEqual([
    "workflow_queued",
    "workflow_started",
    "workflow_running",
    "workflow_waiting_for_pause",
    "workflow_running",
    "workflow_waiting_for_pause",
    "workflow_paused",
    "workflow_queued",
    "workflow_running",
    "workflow_waiting",
    "workflow_running",
    "workflow_completed",
  ]);
});

test("an instance that is paused before it starts is queued, paused, and queued again", async () => {
  const { instance, addWorker, end } = await startBody(oneStep, { workers: 0 });

  await instance.pause();
  await instance.resume();
  await addWorker();
  await end(instance);

  expect(typesOf(await drain(await instance.subscribe()))).toEqual([
    "workflow_queued",
    "workflow_paused",
    ...ONE_STEP_RUN,
  ]);
});

test("a step that waits for its retry lets the instance wait", async () => {
  const { end, instance } = await startBody(async (step) => {
    await step.do("a", { retries: { limit: 1, delay: "1 hour" } }, ({ attempt }) => {
      if (attempt === 1) throw new Error("no");
    });
  });
  await end(instance);

  const types = typesOf(await drain(await instance.subscribe())).slice(3);

  expect(types).toEqual([
    "step_started",
    "attempt_started",
    "attempt_errored",
    "workflow_waiting",
    "workflow_running",
    "attempt_started",
    "attempt_completed",
    "step_completed",
    "workflow_completed",
  ]);
});

test("the events of one type are told from the others by type", () => {
  type Completed = Extract<WorkflowInstanceEvent, { type: "step_completed" }>;
  expectTypeOf<Completed["stepName"]>().toEqualTypeOf<string>();
  expectTypeOf<WorkflowInstanceEvent["type"]>().toEqualTypeOf<WorkflowInstanceEventType>();
  expectTypeOf(INSTANCE_EVENT_TYPES).items.toEqualTypeOf<WorkflowInstanceEventType>();
});

describeOnBoth((backend: Backend) => {
  test("the output of a step that returned a stream is a stream of its bytes", async () => {
    const { workflow, end } = await backend.start(
      workflowOf(async (step) => {
        await step.do("bytes", () => new Blob(["one", "two"]).stream());
        await step.do("hidden", { sensitive: "output" }, () => new Blob(["secret"]).stream());
      }),
    );
    const instance = await workflow.create();
    await end(instance);

    const events = await drain(await instance.subscribe({ filter: ["step_completed"] }));

    const [bytes, hidden] = events.map((event) => (event as { output?: unknown }).output);
    expect(await new Response(bytes as ReadableStream).text()).toBe("onetwo");
    expect(hidden).toBe("[REDACTED]");
  });

  test("a restart from a step goes on with higher ids, and keeps what came before it", async () => {
    const { workflow, end } = await backend.start(
      workflowOf(async (step) => {
        await step.do("kept", () => 1);
        await step.do("again", () => 2);
      }),
    );
    const instance = await workflow.create();
    await end(instance);
    const before = await drain(await instance.subscribe());

    await instance.restart({ from: { name: "again" } });
    await end(instance);
    const cursor = before.length;
    const after = await drain(await instance.subscribe({ cursor }));

    expect(typesOf(after)).toEqual([
      "workflow_queued",
      "workflow_started",
      "workflow_running",
      ...ONE_STEP_RUN.slice(3),
    ]);
    expect(after.filter((event) => "stepName" in event && event.stepName !== "again-1")).toEqual(
      [],
    );
    const all = await drain(await instance.subscribe());
    expect(typesOf(all.slice(0, 7))).toEqual(typesOf(before.slice(0, 7)));
    expect(all.slice(3, 7)).toEqual(before.slice(3, 7));
    expect(all.slice(7)).toEqual(after);
  });
});

test("a stream that is not all there any more says so to whoever reads it", async () => {
  const { instance, store } = await startBody(async (step) => {
    await step.do("a", () => new Blob(["bytes"]).stream());
  });
  store.partition.instances.get(instance.id)?.streams.clear();

  const events = await drain(await instance.subscribe({ filter: ["step_completed"] }));

  const [stream] = events.flatMap((event) => ("output" in event ? [event.output] : []));
  await expect(new Response(stream as ReadableStream).text()).rejects.toMatchObject({
    code: "instance.step_output_corrupt",
    message:
      "(instance.step_output_corrupt) Step has completed but its stored stream output is corrupt or incomplete",
  });
});
