/** What Cloudflare's SDK has no method for, and the quirks that its clients rely on. */
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openNamespace } from "bullmq-workflows/internal";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { listen } from "../src/node.ts";
import { call, json, setStage, workflowOf } from "./support/stage.ts";
import type { Stage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const Waiter = workflowOf(async (step) => await step.waitForEvent("go", { type: "go" }));

async function setup() {
  const stage = await setStage(redis);
  const waiter = stage.engine.register(Waiter, { name: "w" });
  await stage.engine.ready();
  return { ...stage, waiter };
}

const INSTANCES = "/workflows/w/instances";

test("answers have Cloudflare's envelope, failures too", async () => {
  const { call } = await setup();

  const found = await call("/workflows/w");
  const missing = await call("/workflows/none");

  expect(found).toMatchObject({ status: 200, body: { success: true, errors: [], messages: [] } });
  expect(found.headers.get("content-type")).toBe("application/json");
  expect(missing).toMatchObject({
    status: 404,
    body: { success: false, messages: [], result: null },
  });
});

/** Its rollback fails, and is tried again in an hour. */
const Undoer = workflowOf(async (step) => {
  const rollback = () => Promise.reject(new Error("not now"));
  const retries = { limit: 9, delay: "1 hour" } as const;
  await step.do("a", () => 1, { rollback, rollbackConfig: { retries } });
  await step.waitForEvent("go", { type: "go" });
});

test("to terminate all is over when nothing but rollbacks is left", async () => {
  const { engine, server, call } = await setup();
  const undoer = engine.register(Undoer, { name: "undoer" });
  await engine.ready();
  const instance = await undoer.create({ id: "a" });
  await eventually(async () => expect((await instance.status()).status).toBe("waiting"));
  await instance.terminate({ rollback: true });

  await call("/workflows/undoer/instances/terminate", { method: "PUT" });
  await server.settled();

  expect(await undoer.counts()).toMatchObject({ rollingBack: 1, terminated: 0 });
});

test("a slash at the end makes no difference", async () => {
  const { call, waiter } = await setup();
  await waiter.create({ id: "a" });

  for (const path of ["/workflows/", "/workflows/w/", `${INSTANCES}/`, `${INSTANCES}/a/`]) {
    expect((await call(path)).status).toBe(200);
  }
});

test("a page past the end is empty, of workflows, versions and instances", async () => {
  const { call, waiter } = await setup();
  await waiter.create({ id: "a" });

  for (const path of ["/workflows", "/workflows/w/versions", INSTANCES]) {
    const page = await call(`${path}?page=2&per_page=10`);
    expect(page.body.result).toEqual([]);
    expect(page.body.result_info).toEqual({
      count: 0,
      per_page: 10,
      total_count: 1,
      page: 2,
      total_pages: 1,
    });
    expect((await call(`${path}?page=1000000000`)).body.result).toEqual([]);
  }
});

test.each([
  ["page=0", "page"],
  ["page=x", "page"],
  ["per_page=101", "per_page"],
  ["status=bad", "status"],
  ["date_start=yesterday", "date_start"],
  ["date_start=2026-02-01&date_end=2026-01-01", "date_start"],
  ["cursor=bad", "cursor"],
  ["cursor=1:a&page=1", "cursor"],
  ["direction=up", "direction"],
])("a list refuses %s, and says what is wrong", async (query, named) => {
  const { call } = await setup();

  const { status, body } = await call(`${INSTANCES}?${query}`);

  expect(status).toBe(400);
  expect(body.errors).toEqual([
    { code: 10_002, message: expect.stringMatching(/^workflows\.api\.error\.body: /) },
  ]);
  expect(body.errors[0]?.message).toContain(named);
});

test("ids of any kind that can exist are found under their encoded form", async () => {
  const { call, engine, waiter } = await setup();
  await waiter.create({ id: "plain" });
  const id = "*/30 * * * *-1786001400000";
  const namespace = openNamespace(engine);
  onTestFinished(async () => await namespace.close());
  const { store } = namespace.open({ name: "w", settings: { className: "", scriptName: "" } });
  const retention = { successMs: 60_000, errorMs: 60_000 };
  const cron = { id, params: "{}", priority: 1, delayMs: 60_000, retention, nonce: "n" };
  await store.instances.create([cron]);
  const path = `${INSTANCES}/${encodeURIComponent(id)}`;

  expect((await call(path)).body.result).toMatchObject({ status: "queued" });
  const paused = await call(`${path}/status`, json("PATCH", { status: "pause" }));
  expect(paused.body.result).toMatchObject({ status: "paused" });
  expect((await call(path, { method: "DELETE" })).body.result).toEqual({ success: true });
  expect((await call(path)).body.errors).toMatchObject([{ code: 10_400 }]);
});

test("a status is changed by either key, and by no other words", async () => {
  const { call, waiter } = await setup();
  await waiter.create({ id: "a" });
  const path = `${INSTANCES}/a/status`;

  expect((await call(path, json("PATCH", { action: "pause" }))).status).toBe(200);
  expect((await call(path, json("PATCH", { status: "resume" }))).status).toBe(200);
  for (const wrong of [
    {},
    { status: "stop" },
    { status: "pause", rollback: true },
    { status: "resume", from: { name: "a" } },
    { status: "restart", from: {} },
    { status: "restart", from: { name: "a", count: 0 } },
    { status: "terminate", rollback: "yes" },
    [],
    null,
    "pause",
  ]) {
    const { status, body } = await call(path, json("PATCH", wrong));
    const code = body.errors[0]?.code;
    expect({ wrong, status, code }).toEqual({ wrong, status: 400, code: 10_002 });
  }
});

test("an event may have any JSON as payload, but must have one", async () => {
  const { call, waiter } = await setup();
  for (const [index, payload] of [0, null, false, ""].entries()) {
    const instance = await waiter.create({ id: `i-${index}` });
    await call(`${INSTANCES}/i-${index}/events/go`, json("POST", payload));
    expect(await instance.result()).toMatchObject({ payload });
  }
  await waiter.create({ id: "a" });

  for (const body of ["", " ", "{", "\u0000"]) {
    const refused = await call(`${INSTANCES}/a/events/go`, { method: "POST", body });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  }
});

test("batch/delete answers per instance, and deletes nothing when an id cannot be", async () => {
  const { call, waiter } = await setup();
  await waiter.createBatch({ instances: [{ id: "a" }, { id: "b" }] });
  const remove = async (instances: unknown) =>
    await call(`${INSTANCES}/batch/delete`, json("POST", { instances }));

  expect((await remove(["a", "<b>"])).status).toBe(400);
  expect((await remove([])).status).toBe(400);
  expect((await remove(Array.from({ length: 101 }, () => "a"))).status).toBe(400);
  expect((await remove(["a", "none", "a"])).body.result).toEqual({
    deleted: [{ id: "a" }, { id: "a" }],
    errors: [{ id: "none", code: 10_400, message: "workflows.api.error.instance.not_found" }],
  });
  expect((await waiter.list({ limit: 10 })).ids).toEqual(["b"]);
});

test("terminate ends all instances in the background, or those in a status", async () => {
  const { call, waiter } = await setup();
  await waiter.createBatch({ count: 100 });
  await waiter.createBatch({ count: 50 });
  const [paused] = (await waiter.list({ limit: 1 })).ids;
  await (await waiter.get(String(paused))).pause();
  const terminate = async (query: string) =>
    (await call(`${INSTANCES}/terminate${query}`, { method: "PUT" })).body.result;

  expect(await terminate("?status=paused")).toEqual({ status: "ok" });
  await eventually(async () => expect(await waiter.counts()).toMatchObject({ paused: 0 }));
  expect(await waiter.counts()).toMatchObject({ terminated: 1 });
  await eventually(async () => {
    expect(["ok", "already_running"]).toContain((await terminate(""))["status"]);
    expect(await waiter.counts()).toMatchObject({ terminated: 150 });
  });
  const refused = await call(`${INSTANCES}/terminate?status=complete`, { method: "PUT" });
  expect(refused.status).toBe(400);
});

test("terminate reaches those behind more lost records than a page has", async () => {
  const { call, waiter, prefix, server } = await setup();
  await waiter.create({ id: "a" });
  const soon = Date.now() + 60_000;
  const lost = Array.from({ length: 1_300 }, (_, n) => [String(soon + n), `lost-${n}`]);
  await redis.connect().zadd(`{${prefix}:w:0}:status:paused`, ...lost.flat());

  const begun = await call(`${INSTANCES}/terminate`, { method: "PUT" });
  await server.settled();

  expect(begun.body.result).toEqual({ status: "ok" });
  expect((await waiter.counts()).terminated).toBe(1);
});

test("a job that a server left behind is ended by another one", async () => {
  const { engine, startServer, waiter } = await setup();
  await waiter.createBatch({ count: 10 });
  const namespace = openNamespace(engine);
  onTestFinished(async () => await namespace.close());
  const job = { kind: "delete", workflow: "w", detail: "{}" } as const;
  await namespace.directory.beginJob(job, { holder: "dead", leaseMs: -1 });

  await startServer();

  await eventually(async () => expect(await waiter.list({ limit: 1 })).toEqual({ ids: [] }));
  await eventually(async () =>
    expect(await namespace.directory.beginJob(job, { holder: "me", leaseMs: 1 })).toBe("begun"),
  );
});

test("an account is a namespace: what is in one is not in another", async () => {
  const stage = await setStage(redis);
  const { url } = await stage.startServer({ namespaces: ["default", "acme"] });
  const acme = stage.startEngine({ namespace: "acme" });
  acme.register(Waiter, { name: "w" });
  stage.engine.register(Waiter, { name: "other" });
  await Promise.all([acme.ready(), stage.engine.ready()]);
  const base = `${url}/client/v4/accounts`;
  await call(`${base}/acme/workflows/w/instances`, json("POST", { instance_id: "a" }));

  const listOf = async (account: string) =>
    (await call(`${base}/${account}/workflows`)).body.result;
  expect(await listOf("acme")).toMatchObject([{ name: "w" }]);
  expect(await listOf("default")).toMatchObject([{ name: "other" }]);
  expect((await call(`${base}/acme/workflows/w/instances/a`)).status).toBe(200);
  const elsewhere = await call(`${base}/default/workflows/w/instances/a`);
  expect(elsewhere.body.errors).toMatchObject([{ code: 10_200 }]);
  expect((await call(`${base}/none/workflows`)).body.errors).toMatchObject([{ code: 7003 }]);
});

test("what leads nowhere, and what cannot be done there, is said in Cloudflare's words", async () => {
  const { call, url } = await setup();

  expect((await call("/nothing")).body.errors).toMatchObject([{ code: 7003 }]);
  expect((await fetch(url)).status).toBe(404);
  expect(await call(INSTANCES, { method: "PATCH" })).toMatchObject({
    status: 405,
    body: { errors: [{ code: 7001, message: "Method PATCH not available for that URI." }] },
  });
});

test("a workflow whose name cannot be is not made, nor one of other settings than there are", async () => {
  const { call } = await setup();
  const body = { class_name: "A", script_name: "a" };

  for (const name of ["-a", "a b", "a}:0", "x".repeat(65)]) {
    const refused = await call(`/workflows/${encodeURIComponent(name)}`, json("PUT", body));
    expect(refused.status).toBe(400);
  }
  for (const wrong of [{ class_name: "A" }, { ...body, limits: { steps: 30_000 } }]) {
    expect((await call("/workflows/a", json("PUT", wrong))).status).toBe(400);
  }
});

test("a server whose Redis is away says so, in a way that is worth repeating", async () => {
  const own = await startRedis();
  const { call } = await setStage(own);
  expect((await call("/workflows")).status).toBe(200);

  await own.stop();

  expect(await call("/workflows")).toMatchObject({
    status: 503,
    body: { errors: [{ code: 10_001, message: "workflows.api.error.internal_server" }] },
  });
});

test("a listener that closes lets calls under way end", async () => {
  const { server } = await setup();
  let answer = (): void => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const slow: Stage["server"] = {
    ...server,
    fetch: async () => {
      arrive();
      await asked;
      return new Response("ended");
    },
  };
  const listener = await listen(slow, { port: 0 });
  const response = fetch(listener.url);
  await arrived;

  const closed = listener.close();
  answer();

  expect(await (await response).text()).toBe("ended");
  await closed;
  await expect(fetch(listener.url)).rejects.toThrow("fetch failed");
});
