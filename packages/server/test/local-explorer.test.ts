/** Cloudflare's local explorer: what `wrangler workflows … --local` calls, as its document has it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { OpenApiDocument } from "../src/openapi/document.ts";
import { call as callUrl, json, setStage, workflowOf } from "./support/stage.ts";
import type { Reply } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const Journey = workflowOf(async (step, { payload }) => {
  const total = await step.do("add up", () => ({ total: 3 }));
  await step.sleep("rest", 5);
  const go = await step.waitForEvent<{ by: string }>("wait", { type: "go" });
  return { ...total, by: go.payload?.by, of: payload };
});

async function setup() {
  const stage = await setStage(redis, { localExplorer: true });
  const workflow = stage.engine.register(Journey, { name: "w" });
  await stage.engine.ready();
  const base = `${stage.url}/cdn-cgi/local/explorer/api`;
  const call = async (path: string, init?: RequestInit): Promise<Reply> =>
    await callUrl(`${base}${path}`, init);
  const until = async (id: string, status: string) =>
    await eventually(async () => {
      expect((await call(`/workflows/w/instances/${id}`)).body.result).toMatchObject({ status });
    });
  return { ...stage, workflow, base, call, until };
}

test("it describes itself, at its root", async () => {
  const { base, call } = await setup();

  const response = await fetch(`${base}/`);

  expect(response.status).toBe(200);
  const document = (await response.json()) as OpenApiDocument;
  expect(document.openapi).toMatch(/^3\./);
  expect(document.servers).toEqual([{ url: "/cdn-cgi/local/explorer/api" }]);
  expect(Object.keys(document.paths)).toContain(
    "/workflows/{workflow_name}/instances/batch/delete",
  );
  expect(JSON.stringify(document.paths)).not.toContain("account_id");
  expect(await (await fetch(base)).json()).toEqual(document);
  const listed = await call(
    String(Object.keys(document.paths).find((path) => path === "/workflows")),
  );
  expect(listed.status).toBe(200);
});

const INSTANCES = "/workflows/w/instances";

test("workflows are listed and shown, without accounts", async () => {
  const { call, workflow } = await setup();
  await workflow.create({ id: "a" });

  const list = await call("/workflows");
  const one = await call("/workflows/w/");
  const workers = await call("/local/workers");

  const script_name = "bullmq-workflows";
  const known = { name: "w", class_name: expect.any(String), script_name };
  expect(list.body).toMatchObject({ success: true, errors: [], result_info: { count: 1 } });
  expect(list.body.result).toEqual([known]);
  expect(one.body.result).toMatchObject({ ...known, instances: { complete: 0, paused: 0 } });
  expect(workers.body.result).toMatchObject([
    {
      isSelf: true,
      name: script_name,
      bindings: { workflows: [{ id: "w", scriptName: script_name }] },
    },
  ]);
});

test("an instance is created, looked at with its values as they are, sent an event and deleted", async () => {
  const { call, until } = await setup();

  const created = await call(INSTANCES, json("POST", { id: "a", params: "[1]" }));
  await until("a", "waiting");
  const waiting = (await call(`${INSTANCES}/a`)).body.result;
  const sent = await call(`${INSTANCES}/a/events/go`, json("POST", { by: "Ann" }));
  await until("a", "complete");
  const { result } = (await call(`${INSTANCES}/a`)).body;

  expect(created.body.result).toEqual({ id: "a" });
  expect(sent.body.result).toEqual({ success: true });
  // Text is text here, as it is for a binding.
  expect(waiting).toMatchObject({ params: "[1]", output: null, end: null, error: null });
  expect(waiting["steps"]).toMatchObject([
    { name: "add up-1", type: "step", success: true, output: { total: 3 } },
    { name: "rest-1", type: "sleep", finished: true },
    { name: "wait-1", type: "waitForEvent", finished: false, end: null, output: null },
  ]);
  expect(result).toEqual({
    status: "complete",
    params: "[1]",
    queued: expect.stringMatching(ISO),
    start: expect.stringMatching(ISO),
    end: expect.stringMatching(ISO),
    output: { total: 3, by: "Ann", of: "[1]" },
    error: null,
    step_count: 3,
    steps: expect.arrayContaining([
      expect.objectContaining({
        name: "wait-1",
        finished: true,
        output: { type: "go", payload: { by: "Ann" }, timestamp: expect.any(String) },
      }),
    ]),
  });
  expect((await call(`${INSTANCES}/a`, { method: "DELETE" })).body.result).toEqual({
    success: true,
  });
  expect((await call(`${INSTANCES}/a`)).body.errors).toEqual([
    { code: 10_501, message: "Workflow instance 'a' not found." },
  ]);
});

test("a body need not be there, nor be JSON, where there may be none", async () => {
  const { call, until } = await setup();

  const { body } = await call(INSTANCES, { method: "POST" });
  const id = String(body.result["id"]);
  await until(id, "waiting");
  expect((await call(`${INSTANCES}/${id}/events/go`, { method: "POST", body: "{" })).status).toBe(
    200,
  );
  await until(id, "complete");

  const { result } = (await call(`${INSTANCES}/${id}`)).body;
  expect(result).toMatchObject({ params: {}, output: { total: 3 } });
});

test("instances are listed newest first, by page, status and date, with counts", async () => {
  const { call, workflow, until } = await setup();
  for (const id of ["a", "b", "c"]) {
    await workflow.create({ id });
    await until(id, "waiting");
  }
  await (await workflow.get("b")).terminate();
  const ids = async (query: string) => {
    const { body } = await call(`${INSTANCES}?${query}`);
    return (body.result as unknown as { id: string }[]).map(({ id }) => id);
  };

  const { body } = await call(`${INSTANCES}?per_page=2`);
  expect(body.result).toEqual([
    { id: "c", status: "waiting", created_on: expect.stringMatching(ISO) },
    { id: "b", status: "terminated", created_on: expect.stringMatching(ISO) },
  ]);
  expect(body.result_info).toMatchObject({
    page: 1,
    per_page: 2,
    total_count: 3,
    total_pages: 2,
    status_counts: { waiting: 2, terminated: 1 },
  });
  expect(await ids("per_page=2&page=2")).toEqual(["a"]);
  expect(await ids("page=3")).toEqual([]);
  expect(await ids("status=waiting")).toEqual(["c", "a"]);
  expect(await ids("date_end=2020-01-01")).toEqual([]);
  expect(await ids("date_start=2020-01-01")).toEqual(["c", "b", "a"]);
});

test("statuses are changed by either key", async () => {
  const { call, until } = await setup();
  await call(INSTANCES, json("POST", { id: "a" }));
  await until("a", "waiting");
  const change = async (body: object) => await call(`${INSTANCES}/a/status`, json("PATCH", body));

  expect((await change({ status: "pause" })).body.result).toEqual({
    status: "paused",
    timestamp: expect.stringMatching(ISO),
    success: true,
  });
  expect((await change({ action: "resume" })).body.result).toMatchObject({ success: true });
  await change({ action: "terminate" });
  await until("a", "terminated");
  await change({ status: "restart", from: { name: "wait", type: "waitForEvent" } });
  await until("a", "waiting");
  await change({ status: "terminate", rollback: true });
  await until("a", "terminated");
});

test("many are deleted at once, and all by deleting the workflow, which stays", async () => {
  const { call, workflow } = await setup();
  for (const id of ["a", "b", "c", "d"]) await workflow.create({ id });

  const { body } = await call(
    `${INSTANCES}/batch/delete`,
    json("POST", { instances: ["a", "none"] }),
  );
  const deleted = await call("/workflows/w", { method: "DELETE" });

  expect(body.result).toMatchObject({ deleted: [{ id: "a" }], errors: [{ id: "none" }] });
  expect(deleted.body.result).toEqual({ status: "ok", success: true });
  await eventually(async () => expect((await call(INSTANCES)).body.result).toEqual([]));
  expect((await call("/workflows/w")).status).toBe(200);
});

test("what goes wrong has the explorer's own numbers", async () => {
  const { call, workflow } = await setup();
  await workflow.create({ id: "a" });
  const fail = async (path: string, init?: RequestInit) => {
    const { status, body } = await call(path, init);
    return [status, body.errors[0]?.code, body.errors[0]?.message];
  };

  expect(await fail("/workflows/none")).toEqual([404, 10_501, "Workflow 'none' not found."]);
  expect(await fail(`${INSTANCES}/none`)).toEqual([
    404,
    10_501,
    "Workflow instance 'none' not found.",
  ]);
  expect(await fail(`${INSTANCES}/a/step?name=none-1`)).toEqual([
    404,
    10_501,
    "Workflow step not found.",
  ]);
  expect(await fail(`${INSTANCES}?date_start=2026-02-01&date_end=2026-01-01`)).toEqual([
    400,
    10_502,
    expect.stringContaining("date_start"),
  ]);
  expect(await fail(`${INSTANCES}/a/status`, json("PATCH", { status: "dance" }))).toEqual([
    400,
    10_001,
    expect.stringContaining("Invalid input"),
  ]);
  expect(await fail(INSTANCES, json("POST", { id: "a" }))).toEqual([
    500,
    10_001,
    "instance.already_exists",
  ]);
  expect(
    await fail(`${INSTANCES}/a/status`, json("PATCH", { status: "restart", from: { name: "no" } })),
  ).toEqual([409, 10_001, expect.any(String)]);
});

test("a browser is let in from a page on this machine, and from no other", async () => {
  const { base } = await setup();
  const ask = async (origin: string, method: string) => {
    const { status, headers } = await fetch(`${base}/workflows`, { method, headers: { origin } });
    return [status, headers.get("access-control-allow-origin")];
  };
  const local = "http://localhost:3000";

  expect(await ask(local, "OPTIONS")).toEqual([204, local]);
  expect(await ask(local, "GET")).toEqual([200, local]);
  expect(await ask("https://evil.example", "OPTIONS")).toEqual([204, null]);
  expect(await ask("https://evil.example", "GET")).toEqual([401, null]);
});

test("it is closed to other machines, to everybody once there are tokens, and unless it is asked for", async () => {
  const { server, call, startServer } = await setup();
  const request = () => new Request("http://localhost/cdn-cgi/local/explorer/api/workflows");
  const status = async (remoteAddress: string) =>
    (await server.fetch(request(), { remoteAddress })).status;

  expect(await status("127.0.0.1")).toBe(200);
  expect(await status("10.0.0.1")).toBe(401);
  const without = await startServer({ localExplorer: false });
  expect((await without.server.fetch(request(), { remoteAddress: "127.0.0.1" })).status).toBe(404);
  await server.tokens.create({ name: "first", role: "view" });
  expect((await call("/workflows")).body.errors).toMatchObject([{ code: 10_000 }]);
});

test("who may see some workflows is told of those alone", async () => {
  const { base, engine, server } = await setup();
  engine.register(Journey, { name: "other" });
  await engine.ready();
  const { token } = await server.tokens.create({ name: "a", role: "view", workflows: ["w"] });
  const headers = { authorization: `Bearer ${token}` };

  const listed = await callUrl(`${base}/workflows`, { headers });
  const workers = await callUrl(`${base}/local/workers`, { headers });
  const refused = await callUrl(`${base}/workflows/other`, { headers });

  expect(listed.body).toMatchObject({ result: [{ name: "w" }], result_info: { count: 1 } });
  expect(workers.body.result).toMatchObject([{ bindings: { workflows: [{ id: "w" }] } }]);
  expect(refused.status).toBe(403);
});
