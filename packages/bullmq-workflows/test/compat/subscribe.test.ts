/** `subscribe`, sentence by sentence. */
import { expect, expectTypeOf, test } from "vitest";
import type {
  WorkflowInstanceEvent,
  WorkflowInstanceEventType,
  WorkflowInstanceSubscribeOptions,
} from "../../src/index.ts";
import type { WorkflowInstanceSubscription } from "../../src/index.ts";
import { INSTANCE_EVENT_TYPES } from "../../src/model/instance-event-types.ts";
import type { Body, Backend } from "../support/harness.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";

const oneStep: Body = async (step) => await step.do("a", () => "of a");

const ONE_STEP_RUN: readonly WorkflowInstanceEventType[] = [
  "workflow_queued",
  "workflow_started",
  "workflow_running",
  "step_started",
  "attempt_started",
  "attempt_completed",
  "step_completed",
  "workflow_completed",
];

/** All that come until it ends. */
async function drain(
  subscription: WorkflowInstanceSubscription,
): Promise<readonly WorkflowInstanceEvent[]> {
  const events: WorkflowInstanceEvent[] = [];
  for await (const event of subscription) events.push(event);
  return events;
}

function typesOf(events: readonly WorkflowInstanceEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

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

  test("a cursor leaves out the events up to it", async () => {
    const all = await eventsOf(oneStep);
    const { workflow, end } = await backend.start(workflowOf(oneStep));
    const instance = await workflow.create();
    await end(instance);

    for (const cursor of [0, 1, 5, 7]) {
      const events = await drain(await instance.subscribe({ cursor }));
      expect(typesOf(events)).toEqual(typesOf(all).slice(cursor));
      expect(events[0]?.eventId).toBe(cursor + 1);
    }
  });

  test("a cursor past the terminal event ends it immediately", async () => {
    expect(await eventsOf(oneStep, { cursor: 8 })).toEqual([]);
    expect(await eventsOf(oneStep, { cursor: 1_000 })).toEqual([]);
  });

  test("a filter lets only its types through, whose ids stay", async () => {
    const events = await eventsOf(oneStep, { filter: ["workflow_completed", "step_started"] });

    expect(events.map(({ eventId, type }) => [eventId, type])).toEqual([
      [4, "step_started"],
      [8, "workflow_completed"],
    ]);
  });

  test("it ends without the terminal event when the filter excludes that", async () => {
    expect(typesOf(await eventsOf(oneStep, { filter: ["workflow_queued"] }))).toEqual([
      "workflow_queued",
    ]);
    expect(await eventsOf(oneStep, { filter: [] })).toEqual([]);
  });

  test("recorded events are replayed, then live ones follow", async () => {
    const gate = createLatch();
    const { workflow } = await backend.start(
      workflowOf(async (step) => {
        await step.do("a", () => 1);
        await step.waitForEvent("go", { type: "go" });
        await step.do("b", async () => await gate.opened.then(() => 2));
        return "done";
      }),
    );
    const instance = await workflow.create();
    const subscription = await instance.subscribe();
    const events: WorkflowInstanceEvent[] = [];
    const until = async (type: string): Promise<void> => {
      for (;;) {
        const { value } = await subscription.next();
        if (!value) throw new Error(`It ended before ${type}`);
        events.push(value);
        if (value.type === type) return;
      }
    };

    await until("workflow_waiting");
    await instance.sendEvent({ type: "go", payload: 1 });
    await until("wait_completed");
    gate.open();
    await until("workflow_completed");

    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    expect(events.map(({ eventId }) => eventId)).toEqual(events.map((_, index) => index + 1));
    expect(events).toEqual(await drain(await instance.subscribe()));
    expect(typesOf(events)).toEqual([
      ...ONE_STEP_RUN.slice(0, 7),
      "wait_started",
      "workflow_waiting",
      "workflow_running",
      "wait_completed",
      ...ONE_STEP_RUN.slice(3, 7),
      "workflow_completed",
    ]);
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

  test("concurrent calls of next are answered one after the other, each with another event", async () => {
    const { workflow } = await backend.start(workflowOf(oneStep));
    const subscription = await (await workflow.create()).subscribe();

    const answers = await Promise.all(Array.from({ length: 10 }, () => subscription.next()));

    expect(answers.map(({ value }) => value?.type)).toEqual([
      ...ONE_STEP_RUN,
      undefined,
      undefined,
    ]);
    expect(answers.map(({ done }) => done)).toEqual([...ONE_STEP_RUN.map(() => false), true, true]);
  });

  test("after the terminal event every further next is done", async () => {
    const { workflow } = await backend.start(workflowOf(oneStep));
    const subscription = await (await workflow.create()).subscribe();
    await drain(subscription);

    expect(await subscription.next()).toEqual({ done: true, value: undefined });
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test("a termination ends it", async () => {
    const { workflow } = await backend.start(
      workflowOf(async (step) => await step.sleep("s", "1 day")),
    );
    const instance = await workflow.create();
    const subscription = await instance.subscribe({ filter: ["workflow_terminated"] });
    const events = drain(subscription);

    await instance.terminate();

    expect(await events).toMatchObject([{ type: "workflow_terminated" }]);
  });

  test("disposing stops it, and answers who waits", async () => {
    const { workflow } = await backend.start(
      workflowOf(async (step) => await step.sleep("s", "1 day")),
    );
    const instance = await workflow.create();
    const subscription = await instance.subscribe({ filter: ["workflow_completed"] });
    const waiting = subscription.next();

    subscription[Symbol.dispose]();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test("leaving a for await stops it", async () => {
    const { workflow } = await backend.start(workflowOf(oneStep));
    const subscription = await (await workflow.create()).subscribe();

    for await (const { type } of subscription) if (type === "workflow_started") break;

    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test("a deletion ends it", async () => {
    const { workflow } = await backend.start(
      workflowOf(async (step) => await step.sleep("s", "1 day")),
    );
    const instance = await workflow.create();
    const events = drain(await instance.subscribe({ filter: ["workflow_completed"] }));

    await instance.delete();

    expect(await events).toEqual([]);
  });

  test("an instance that has another one's id now is not taken for it", async () => {
    const { workflow } = await backend.start(
      workflowOf(async (step) => await step.sleep("s", "1 day")),
    );
    const instance = await workflow.create({ id: "reused" });
    const subscription = await instance.subscribe();
    await instance.delete();
    await workflow.create({ id: "reused" });

    const events = await drain(subscription);

    expect(typesOf(events)).not.toContain("workflow_terminated");
    expect(events.map(({ eventId }) => eventId)).toEqual(events.map((_, index) => index + 1));
  });

  test("a restart goes on with higher ids", async () => {
    let isAgain = false;
    const { workflow } = await backend.start(
      workflowOf(async (step) => {
        await step.do("a", () => 1);
        if (!isAgain) await step.sleep("s", "1 day");
      }),
    );
    const instance = await workflow.create();
    const subscription = await instance.subscribe();
    const before: WorkflowInstanceEvent[] = [];
    while (before.at(-1)?.type !== "workflow_waiting") {
      const { value } = await subscription.next();
      if (value) before.push(value);
    }

    isAgain = true;
    await instance.restart();
    const after = await drain(subscription);

    expect(typesOf(after)).toEqual(ONE_STEP_RUN);
    const ids = [...before, ...after].map(({ eventId }) => eventId);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    // Who comes later sees the creation, and then what was not wiped.
    const [created, ...rest] = await drain(await instance.subscribe());
    expect(created).toEqual(before[0]);
    expect(rest).toEqual(after);
    expect(await drain(await instance.subscribe({ cursor: before.length }))).toEqual(after);
  });
});

test.each([
  ["a cursor below 0", { cursor: -1 }],
  ["a cursor that is no integer", { cursor: 1.5 }],
  ["a cursor that is no number", { cursor: "1" }],
  ["a filter that is no list", { filter: "workflow_queued" }],
  ["an unknown type in the filter", { filter: ["workflow_queued", "nothing"] }],
  ["nothing in the filter", { filter: [undefined] }],
  ["an unknown key", { from: 1 }],
  ["null", null],
  ["a list", []],
  ["a text", "all"],
])("%s is refused in Cloudflare's words", async (_, options) => {
  const { instance } = await startBody(oneStep);

  await expect(instance.subscribe(options as never)).rejects.toMatchObject({
    message: "Invalid Workflow subscription options",
    code: "subscribe.invalid",
  });
});

test("no options, empty ones and undefined ones mean all", async () => {
  const { instance } = await startBody(oneStep);

  for (const options of [undefined, {}, { cursor: undefined, filter: undefined } as never]) {
    expect(typesOf(await drain(await instance.subscribe(options)))).toEqual(ONE_STEP_RUN);
  }
});

test("every type may stand in the filter", async () => {
  const { instance } = await startBody(oneStep);

  const events = await drain(await instance.subscribe({ filter: INSTANCE_EVENT_TYPES }));

  expect(typesOf(events)).toEqual(ONE_STEP_RUN);
});

test("an instance that is not there is refused in Cloudflare's words", async () => {
  const { instance } = await startBody(oneStep);
  await instance.delete();

  await expect(instance.subscribe()).rejects.toThrow(
    "(instance.not_found) Instance does not exist",
  );
});

test("it works for a finished instance until its retention is over", async () => {
  const { clock, instance } = await startBody(oneStep, {
    retention: { successRetention: "2 days" },
  });

  await clock.advance(86_400_000);
  expect(typesOf(await drain(await instance.subscribe()))).toEqual(ONE_STEP_RUN);

  await clock.advance(2 * 86_400_000);
  await expect(instance.subscribe()).rejects.toThrow("instance.not_found");
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
