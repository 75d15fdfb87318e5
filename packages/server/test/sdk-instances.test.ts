/** Every method of Cloudflare's SDK for instances, against a real server on a real Redis. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { ACCOUNT, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const Journey = workflowOf(async (step, event) => {
  const total = await step.do("add up", { timeout: "1 minute" }, () => ({ total: 3 }));
  await step.sleep("rest", 10);
  const paid = await step.waitForEvent<{ by: string }>("payment", { type: "paid" });
  let attempts = 0;
  await step.do("ship", { retries: { limit: 2, delay: 10, backoff: "constant" } }, () => {
    attempts += 1;
    if (attempts < 2) throw new TypeError("no ship");
    return "shipped";
  });
  return { ...total, by: paid.payload.by, of: event.payload };
});

const Waiter = workflowOf(async (step) => await step.waitForEvent("go", { type: "go" }));

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function setup(workflowClass = Waiter, name = "w"): Promise<Stage & { name: string }> {
  const stage = await setStage(redis);
  stage.engine.register(workflowClass, { name });
  await stage.engine.ready();
  return { ...stage, name };
}

const at = (workflow_name = "w") => ({ account_id: ACCOUNT, workflow_name });

const inAccount = { account_id: ACCOUNT };

async function statusOf({ sdk }: Stage, id: string): Promise<string> {
  return (await sdk.workflows.instances.get(id, at())).status;
}

async function until(stage: Stage, id: string, status: string): Promise<void> {
  await eventually(async () => expect(await statusOf(stage, id)).toBe(status));
}

test("instances.create records an instance that was triggered by the API", async () => {
  const stage = await setup();
  const { instances } = stage.sdk.workflows;

  const created = await instances.create("w", {
    ...inAccount,
    instance_id: "a",
    params: '{"n":1}',
  });
  const [version] = (await stage.sdk.workflows.versions.list("w", inAccount)).result;

  expect(created).toEqual({
    id: "a",
    status: "queued",
    version_id: version?.id,
    workflow_id: version?.workflow_id,
    trigger_source: "api",
  });
  const details = await instances.get("a", at());
  expect(details).toMatchObject({ params: { n: 1 }, trigger: { source: "api" } });
});

test("instances.create refuses an id that is taken, and one that cannot be", async () => {
  const { sdk } = await setup();
  await sdk.workflows.instances.create("w", { ...inAccount, instance_id: "a" });

  await expect(
    sdk.workflows.instances.create("w", { ...inAccount, instance_id: "a" }),
  ).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 10_405, message: "instance.already_exists" }],
  });
  for (const instance_id of ["-a", "a b", "", "batch", "x".repeat(101)]) {
    await expect(
      sdk.workflows.instances.create("w", { ...inAccount, instance_id }),
    ).rejects.toMatchObject({ status: 400, errors: [{ code: 10_002 }] });
  }
});

test("params may be JSON in a string, genuine text, or a value; without any they are {}", async () => {
  const { sdk, call } = await setup();
  const create = async (body: object) =>
    String(
      (await call("/workflows/w/instances", { method: "POST", body: JSON.stringify(body) })).body
        .result["id"],
    );
  const ids = await Promise.all(
    [{ params: "[1]" }, { params: "tea" }, { params: { a: [null] } }, { params: 0 }, {}].map(
      create,
    ),
  );

  const params = await Promise.all(
    ids.map(async (id) => (await sdk.workflows.instances.get(id, at())).params),
  );

  expect(params).toEqual([[1], "tea", { a: [null] }, 0, {}]);
});

test("retention of an instance is taken, and a bad one refused", async () => {
  const { sdk } = await setup(workflowOf(async () => "done"));
  const { instances } = sdk.workflows;
  const instance_retention = { success_retention: 1, error_retention: "1 day" };

  await instances.create("w", { ...inAccount, instance_id: "a", instance_retention });

  await eventually(
    async () =>
      await expect(instances.get("a", at())).rejects.toMatchObject({ errors: [{ code: 10_400 }] }),
  );
  await expect(
    instances.create("w", { ...inAccount, instance_retention: { success_retention: "soon" } }),
  ).rejects.toMatchObject({ errors: [{ code: 10_002 }] });
});

test("instances.bulk creates up to 100, and leaves those out whose ids are taken", async () => {
  const { sdk } = await setup();
  const { instances } = sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a" });
  const body = [{ instance_id: "a" }, { instance_id: "b", params: '"x"' }, {}];

  const page = await instances.bulk("w", { ...inAccount, body });

  expect(page.result).toHaveLength(2);
  expect(page.result[0]).toMatchObject({ id: "b", status: "queued", trigger_source: "api" });
  for (const wrong of [[], Array.from({ length: 101 }, () => ({}))]) {
    await expect(instances.bulk("w", { ...inAccount, body: wrong })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 10_002 }],
    });
  }
});

test("instances.list walks through all pages, newest first, and ends", async () => {
  const { sdk } = await setup();
  const { instances } = sdk.workflows;
  for (const id of ["a", "b", "c", "d", "e"]) {
    await instances.create("w", { ...inAccount, instance_id: id });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  const all = [];
  for await (const each of instances.list("w", { ...inAccount, per_page: 2 })) all.push(each);
  const oldest = await instances.list("w", { ...inAccount, direction: "asc" });

  expect(all.map(({ id }) => id)).toEqual(["e", "d", "c", "b", "a"]);
  expect(oldest.result.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e"]);
  expect(all[0]).toMatchObject({
    created_on: expect.stringMatching(ISO),
    modified_on: expect.stringMatching(ISO),
    ended_on: null,
    trigger_source: "api",
  });
});

test("instances.list filters by status and by date, and follows cursors", async () => {
  const stage = await setup();
  const { instances } = stage.sdk.workflows;
  for (const id of ["a", "b", "c"]) {
    await instances.create("w", { ...inAccount, instance_id: id });
    await until(stage, id, "waiting");
  }
  await instances.status.edit("b", { ...at(), status: "terminate" });
  const ids = async (query: object) =>
    (await instances.list("w", { ...inAccount, ...query })).result.map(({ id }) => id);
  const [c, b] = (await instances.list("w", inAccount)).result;

  expect(await ids({ status: "waiting" })).toEqual(["c", "a"]);
  expect(await ids({ status: "terminated" })).toEqual(["b"]);
  expect(await ids({ status: "rollingBack" })).toEqual([]);
  expect(await ids({ date_start: b?.created_on })).toEqual(["c", "b"]);
  expect(await ids({ date_end: b?.created_on })).toEqual(["b", "a"]);
  expect(await ids({ date_start: c?.created_on, date_end: c?.created_on })).toEqual(["c"]);

  const first = await stage.call("/workflows/w/instances/?per_page=2");
  expect(first.body.result_info).toEqual({
    count: 2,
    per_page: 2,
    total_count: 3,
    cursor: expect.any(String),
  });
  const cursor = encodeURIComponent(String(first.body.result_info?.["cursor"]));
  const last = await stage.call(`/workflows/w/instances?per_page=2&cursor=${cursor}`);
  expect(last.body.result).toMatchObject([{ id: "a" }]);
  expect(last.body.result_info).not.toHaveProperty("cursor");
});

test("instances.get shows steps, attempts and outputs of a whole run", async () => {
  const stage = await setup(Journey);
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a", params: '"tea"' });
  await until(stage, "a", "waiting");
  await instances.events.create("paid", { ...at(), instance_id: "a", body: { by: "card" } });
  await until(stage, "a", "complete");

  const details = await instances.get("a", at());

  expect(details).toMatchObject({
    status: "complete",
    params: "tea",
    success: true,
    error: null,
    output: '{"total":3,"by":"card","of":"tea"}',
    rollback: null,
    step_count: 4,
    queued: expect.stringMatching(ISO),
    start: expect.stringMatching(ISO),
    end: expect.stringMatching(ISO),
  });
  expect(details.steps).toMatchObject([
    {
      type: "step",
      name: "add up-1",
      success: true,
      output: '{"total":3}',
      config: { timeout: "1 minute", retries: { limit: 5, delay: 10_000, backoff: "exponential" } },
      attempts: [{ success: true, error: null, end: expect.stringMatching(ISO) }],
    },
    { type: "sleep", name: "rest-1", finished: true, error: null },
    {
      type: "waitForEvent",
      name: "payment-1",
      finished: true,
      event_type: "paid",
      output: expect.stringContaining('"payload":{"by":"card"}'),
    },
    {
      type: "step",
      name: "ship-1",
      success: true,
      output: '"shipped"',
      config: { retries: { limit: 2, delay: 10, backoff: "constant" } },
      attempts: [
        { success: false, error: { name: "TypeError", message: "no ship" } },
        { success: true, error: null },
      ],
    },
  ]);
  const times = details.steps.map((step) => ("start" in step ? step.start : ""));
  expect(times).toEqual(times.toSorted());

  const turned = await instances.get("a", { ...at(), order: "desc" });
  expect(turned.steps).toEqual(details.steps.toReversed());
  const simple = await instances.get("a", { ...at(), simple: "true" });
  expect(simple).toEqual({ ...details, steps: [] });
});

test("instances.get shows what an instance waits for, and how it failed", async () => {
  const stage = await setup(
    workflowOf(async (step, event) => {
      if (event.payload === "sleep") return await step.sleep("long", "1 hour");
      return await step.do("fail", { retries: { limit: 0, delay: 1 } }, () => {
        throw new RangeError("too far");
      });
    }),
  );
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "s", params: "sleep" });
  await instances.create("w", { ...inAccount, instance_id: "f" });
  await until(stage, "s", "waiting");
  await until(stage, "f", "errored");

  const [sleeping, failed] = await Promise.all(["s", "f"].map((id) => instances.get(id, at())));
  const [sleep] = sleeping?.steps ?? [];

  expect(sleeping).toMatchObject({ success: null, end: null, output: null });
  expect(sleep).toMatchObject({ type: "sleep", finished: false });
  const lasts =
    sleep?.type === "sleep" ? Date.parse(sleep.end) - Date.parse(sleep.start) : undefined;
  expect(lasts).toBe(3_600_000);
  expect(failed).toMatchObject({
    success: false,
    error: { name: "RangeError", message: "too far" },
    steps: [{ name: "fail-1", success: false, output: null, attempts: [{ success: false }] }],
  });
});

test("instances.step answers with one step, whole, and with one attempt", async () => {
  const stage = await setup(
    workflowOf(async (step) => {
      await step.do("big", () => "x".repeat(20_000));
      await step.do("secret", { sensitive: "output" }, () => "hidden");
      await step.waitForEvent("go", { type: "go" });
    }),
  );
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a" });
  await until(stage, "a", "waiting");
  const step = async (name: string, type: "step" | "waitForEvent" = "step", rest = {}) =>
    await instances.step("a", { ...at(), name, type, ...rest });

  const { steps } = await instances.get("a", at());
  expect(steps[0]).toMatchObject({ output: expect.stringMatching(/x\[truncated output\]$/) });
  expect(await step("big-1")).toEqual({
    status: "complete",
    error: null,
    output: "x".repeat(20_000),
  });
  expect(await step("big-1", "step", { attempt: 1 })).toMatchObject({ status: "complete" });
  expect(await step("secret-1")).toMatchObject({ output: "[REDACTED]" });
  expect(await step("go-1", "waitForEvent")).toEqual({
    status: "waiting",
    error: null,
    event_type: "go",
  });
  await expect(step("none-1")).rejects.toMatchObject({ status: 404, errors: [{ code: 10_404 }] });
  await expect(step("big-1", "step", { attempt: 2 })).rejects.toMatchObject({ status: 404 });
});

test("status.edit pauses, resumes, terminates and restarts", async () => {
  const stage = await setup();
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a" });
  await until(stage, "a", "waiting");
  const edit = async (status: "pause" | "resume" | "terminate" | "restart") =>
    await instances.status.edit("a", { ...at(), status });

  expect(await edit("pause")).toEqual({
    status: "paused",
    timestamp: expect.stringMatching(ISO),
  });
  await edit("resume");
  await until(stage, "a", "waiting");
  expect(await edit("terminate")).toMatchObject({ status: "terminated" });
  await expect(edit("terminate")).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 10_401, message: "instance.cannot_terminate" }],
  });
  const details = await instances.get("a", at());
  expect(details.steps.at(-1)).toEqual({ type: "termination", trigger: { source: "unknown" } });
  await edit("restart");
  await until(stage, "a", "waiting");
});

test("status.edit restarts from a step, and keeps what was before it", async () => {
  let runs = 0;
  const stage = await setup(
    workflowOf(async (step) => [
      await step.do("first", () => (runs += 1)),
      await step.do("second", () => (runs += 1)),
    ]),
  );
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a" });
  await until(stage, "a", "complete");
  const restart = async (from: { name: string; count?: number; type?: "do" | "sleep" }) =>
    await instances.status.edit("a", { ...at(), status: "restart", from });

  await restart({ name: "second", count: 1, type: "do" });

  await eventually(async () => {
    const { status, output } = await instances.get("a", at());
    expect([status, output]).toEqual(["complete", "[1,3]"]);
  });
  await expect(restart({ name: "third" })).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 10_402, message: expect.stringContaining("instance.cannot_restart") }],
  });
});

const Undoable = workflowOf(async (step) => {
  await step.do("charge", () => 1, { rollback: () => {} });
  await step.waitForEvent("go", { type: "go" });
});

test("status.edit terminates with a rollback, which the details show", async () => {
  const stage = await setup(Undoable);
  const { instances } = stage.sdk.workflows;
  await instances.create("w", { ...inAccount, instance_id: "a" });
  await until(stage, "a", "waiting");

  await instances.status.edit("a", { ...at(), status: "terminate", rollback: true });
  await until(stage, "a", "terminated");

  const details = await instances.get("a", at());
  expect(details).toMatchObject({ rollback: { outcome: "complete", error: null } });
  expect(details.steps).toContainEqual(
    expect.objectContaining({ type: "rollback", name: "charge-1", success: true }),
  );
});

test("events.create hands the body over as payload, whatever JSON it is", async () => {
  const stage = await setup();
  const { instances } = stage.sdk.workflows;
  for (const [index, body] of [{ a: 1 }, "text", [1], true].entries()) {
    const id = `i-${index}`;
    await instances.create("w", { ...inAccount, instance_id: id });

    const sent = await instances.events.create("go", { ...at(), instance_id: id, body });

    expect(sent).toEqual({ instanceId: id, timestamp: expect.stringMatching(ISO) });
    await until(stage, id, "complete");
    const { output } = await instances.get(id, at());
    expect((JSON.parse(String(output)) as { payload: unknown }).payload).toEqual(body);
  }
  await expect(
    instances.events.create("go", { ...at(), instance_id: "i-0", body: 1 }),
  ).rejects.toMatchObject({ status: 400, errors: [{ message: "instance.not_running" }] });
  await expect(
    instances.events.create("a.b", { ...at(), instance_id: "i-0", body: 1 }),
  ).rejects.toMatchObject({ status: 400, errors: [{ code: 10_002 }] });
});

test("whatever is asked of an unknown instance or workflow, it is not found", async () => {
  const { sdk } = await setup();
  const { instances } = sdk.workflows;
  const missing = { status: 404, errors: [{ code: 10_400, message: "instance.not_found" }] };
  const nowhere = { status: 404, errors: [{ code: 10_200 }] };

  await expect(instances.get("none", at())).rejects.toMatchObject(missing);
  await expect(
    instances.step("none", { ...at(), name: "a-1", type: "step" }),
  ).rejects.toMatchObject(missing);
  await expect(instances.status.edit("none", { ...at(), status: "pause" })).rejects.toMatchObject(
    missing,
  );
  await expect(
    instances.events.create("go", { ...at(), instance_id: "none", body: {} }),
  ).rejects.toMatchObject(missing);
  await expect(instances.get("a", at("none"))).rejects.toMatchObject(nowhere);
  await expect(instances.create("none", inAccount)).rejects.toMatchObject(nowhere);
  await expect(instances.list("none", inAccount)).rejects.toMatchObject(nowhere);
});
