/** The client against a real server: every method, lists over pages, and what goes wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { setStage, workflowOf } from "../../server/test/support/stage.ts";
import { WorkflowsApiError, WorkflowsClient } from "../src/index.ts";
import type { ClientOptions } from "../src/index.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

async function setup(options: Partial<ClientOptions> = {}) {
  const stage = await setStage(redis);
  const workflow = stage.engine.register(
    workflowOf(async (step, { payload }) => {
      const greeting = await step.do("greet", () => "hello");
      if (payload === "wait") return (await step.waitForEvent("go", { type: "go" })).payload;
      return { greeting, payload };
    }),
    { name: "w" },
  );
  await stage.engine.ready();
  const client = new WorkflowsClient({ url: stage.url, ...options });
  return { ...stage, workflow, client };
}

describe("workflows", () => {
  test("are listed, looked at, made and deleted", async () => {
    const { client } = await setup();

    await client.workflows.put("other", { class_name: "Other", script_name: "shop" });

    const names = (await client.workflows.list().toArray()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(["other", "w"]);
    expect(await client.workflows.list({ search: "oth" }).toArray()).toHaveLength(1);
    expect(await client.workflows.get("w")).toMatchObject({ name: "w", instances: { queued: 0 } });
    const [version] = await client.workflows.versions("other").toArray();
    expect(version).toMatchObject({ class_name: "Other" });
    await client.workflows.delete("other");
    await expect(client.workflows.get("other")).rejects.toMatchObject({ code: 10_200 });
  });
});

describe("instances", () => {
  test("are created, and looked at with their steps", async () => {
    const { client, workflow } = await setup();

    const { id, status } = await client.instances.create("w", { params: { n: 1 } });
    await (await workflow.get(id)).result();

    expect(status).toBe("queued");
    const details = await client.instances.get("w", id);
    expect(details).toMatchObject({ status: "complete", params: { n: 1 }, step_count: 1 });
    expect((await client.instances.get("w", id, { simple: "true" })).steps).toEqual([]);
    expect(await client.instances.step("w", id, { name: "greet-1" })).toMatchObject({
      status: "complete",
      output: "hello",
    });
  });

  test.each(["text", "7", '{"a":1}', ""])("get the text %j as it is", async (params) => {
    const { client, workflow } = await setup();

    const { id } = await client.instances.create("w", { params });

    expect(await (await workflow.get(id)).result()).toMatchObject({ payload: params });
  });

  test("are commanded, and sent events", async () => {
    const { client, workflow } = await setup();
    const { instances } = client;
    await instances.create("w", { instance_id: "a", params: "wait" });

    expect(await instances.pause("w", "a")).toMatchObject({ status: "paused" });
    await instances.resume("w", "a");
    await instances.sendEvent("w", "a", { type: "go", payload: [1] });
    expect(await (await workflow.get("a")).result()).toEqual([1]);
    await instances.restart("w", "a", { from: { name: "greet" } });
    expect(await instances.terminate("w", "a")).toMatchObject({ status: "terminated" });
    await instances.delete("w", "a");
    await expect(instances.get("w", "a")).rejects.toMatchObject({ status: 404, code: 10_400 });
  });

  test("are created and deleted many at once, and terminated all", async () => {
    const { client } = await setup();
    const given = Array.from({ length: 3 }, (_, n) => ({ instance_id: `i-${n}`, params: "wait" }));

    expect(await client.instances.createBatch("w", given)).toHaveLength(3);
    expect(await client.instances.createBatch("w", given)).toEqual([]);
    expect(await client.instances.deleteBatch("w", ["i-0", "none"])).toMatchObject({
      deleted: [{ id: "i-0" }],
      errors: [{ id: "none" }],
    });
    expect(await client.instances.terminateAll("w", { status: "queued" })).toMatchObject({
      status: expect.stringMatching(/^(ok|already_running)$/),
    });
  });

  test("are listed over all pages, from a page, and page by page", async () => {
    const { client, workflow } = await setup();
    for (let n = 0; n < 3; n++) await workflow.createBatch({ count: 9 });
    const list = client.instances.list("w", { per_page: 10 });

    const ids = (await list.toArray()).map(({ id }) => id);
    const sizes: number[] = [];
    for await (const page of list.pages()) sizes.push(page.result.length);

    expect(new Set(ids).size).toBe(27);
    expect(sizes).toEqual([10, 10, 7]);
    expect((await list.first()).result_info).toMatchObject({ count: 10, total_count: 27 });
    expect(await list.toArray(12)).toHaveLength(12);
    const fromThird = client.instances.list("w", { per_page: 10, page: 3 });
    expect((await fromThird.toArray()).map(({ id }) => id)).toEqual(ids.slice(20));
  });

  test("stay right in a list while others are created", async () => {
    const { client, workflow } = await setup();
    await workflow.createBatch({ count: 20 });
    const seen: string[] = [];

    for await (const { id } of client.instances.list("w", { per_page: 5 })) {
      seen.push(id);
      if (seen.length % 5 === 0) await workflow.createBatch({ count: 3 });
    }

    expect(seen).toHaveLength(20);
    expect(new Set(seen).size).toBe(20);
  });
});

describe("any operation", () => {
  test("is called by its id, with an answer in an envelope or without", async () => {
    const { client } = await setup();

    expect(await client.call("getHealth")).toEqual({ status: "ok" });
    expect(await client.call("getWorkflow", { path: { workflow_name: "w" } })).toMatchObject({
      name: "w",
    });
    expect(await client.list("listWorkflows").toArray()).toHaveLength(1);
  });

  test("that answers otherwise than by JSON answers the response", async () => {
    const { client } = await setup();

    const response = await client.response("getReference");

    expect(await response.text()).toContain("<!doctype html>");
  });

  test.each(["", ".", ".."])("has no id %j, which would be another path", async (id) => {
    const { client, workflow } = await setup();
    await workflow.create({ id: "a" });

    await expect(client.instances.delete("w", id)).rejects.toThrow("`instance_id`");
    expect(await client.workflows.list().toArray()).toHaveLength(1);
  });

  test("reaches ids of any form", async () => {
    const { client } = await setup();

    for (const id of ["a/b", "*/30 * * * *-1", "a?b#c", "%2e%2e", "ä", "../w"]) {
      await expect(client.instances.get("w", id)).rejects.toMatchObject({ code: 10_400 });
    }
  });
});

test("an option that there is not is refused by its name", () => {
  const options = { url: "http://localhost:1", acountId: "other" };

  expect(() => new WorkflowsClient(options)).toThrow(/`acountId` .*accountId/);
});

test("a token opens, and without one the server says why not", async () => {
  const { server, url } = await setup();
  const { token } = await server.tokens.create({ name: "any", role: "view" });

  expect(await new WorkflowsClient({ url, token }).workflows.list().toArray()).toHaveLength(1);
  const error = await new WorkflowsClient({ url }).workflows.get("w").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(WorkflowsApiError);
  expect(error).toMatchObject({
    status: 401,
    code: 10_000,
    attempts: 1,
    message: "getWorkflow: 401 Authentication error: no token was sent [code: 10000]",
  });
});

test("an account is a namespace", async () => {
  const { client, startServer } = await setup();
  const { url } = await startServer({ namespaces: ["default", "acme"] });

  expect(await new WorkflowsClient({ url, accountId: "acme" }).workflows.list().toArray()).toEqual(
    [],
  );
  expect(await client.workflows.list().toArray()).toHaveLength(1);
});

describe("looking after many", () => {
  test("what waits says why, and who runs what is listed", async () => {
    const { client, workflow } = await setup();
    await workflow.create({ id: "a", params: "wait", delay: "1 hour", tags: ["vip"] });

    expect(await client.instances.why("w", "a")).toMatchObject({ code: "delayed" });
    expect(await client.workflows.queue("w")).toMatchObject({ delayed: 1, waiting: 0 });
    const [worker] = await client.workflows.workers().toArray();
    expect(worker?.workflows).toMatchObject([{ name: "w" }]);
    const found = await client.instances.list("w", { tag: ["vip"], status: "queued" }).toArray();
    expect(found).toMatchObject([{ id: "a", tags: ["vip"] }]);
  });

  test("bulk actions are begun, followed and cancelled", async () => {
    const { client, workflow } = await setup();
    for (const id of ["a", "b"]) await workflow.create({ id, delay: "1 hour" });

    const tried = await client.bulk.start("w", { action: "pause", filter: {}, dry_run: true });
    const begun = await client.bulk.start("w", { action: "pause", filter: {}, rate: 0.2 });

    expect(tried).toMatchObject({ dry_run: true, matched: 2 });
    if (!("id" in begun)) throw new Error("It was no dry run");
    expect(await client.bulk.get("w", begun.id)).toMatchObject({ action: "pause" });
    expect(await client.bulk.cancel("w", begun.id)).toMatchObject({ state: "cancelled" });
    expect(await client.bulk.list("w").toArray()).toMatchObject([{ id: begun.id }]);
  });
});
