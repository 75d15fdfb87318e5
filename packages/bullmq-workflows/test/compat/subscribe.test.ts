/** `subscribe`, sentence by sentence. */
import { expect, test } from "vitest";
import type { WorkflowInstanceEvent, WorkflowInstanceSubscribeOptions } from "../../src/index.ts";
import { INSTANCE_EVENT_TYPES } from "../../src/model/instance-event-types.ts";
import type { Body, Backend } from "../support/harness.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { ONE_STEP_RUN, drain, oneStep, takeUntil, typesOf } from "../support/subscriptions.ts";

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
    const events = [...(await takeUntil(subscription, "workflow_waiting"))];
    await instance.sendEvent({ type: "go", payload: 1 });
    events.push(...(await takeUntil(subscription, "wait_completed")));
    gate.open();
    events.push(...(await takeUntil(subscription, "workflow_completed")));

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
    const before = await takeUntil(subscription, "workflow_waiting");

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
