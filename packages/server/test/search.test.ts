/** Finding instances by what they are, and paging through what is found. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";
import type { Reply } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));
afterAll(async () => await redis.stop());

const Order = workflowOf(async (step, { payload }) => {
  const { fail } = payload as { fail?: string };
  if (fail !== undefined) throw new RangeError(fail);
  return await step.waitForEvent("go", { type: "go" });
});

const INSTANCES = "/workflows/orders/instances";

async function setup() {
  const stage = await setStage(redis);
  const orders = stage.engine.register(Order, {
    name: "orders",
    searchable: ["customer", "order.total"],
  });
  await stage.engine.ready();
  const find = async (query: string): Promise<string[]> =>
    idsOf(await stage.call(`${INSTANCES}?${query}`));
  return { ...stage, orders, find };
}

function idsOf({ body }: Reply): string[] {
  const list = body.result as unknown as readonly { readonly id: string }[];
  return list.map(({ id }) => id);
}

test("instances are created with tags, a priority and a delay, and show them", async () => {
  const { call } = await setup();
  const given = { instance_id: "a", tags: ["vip", "eu"], priority: 7, delay: "1 hour" };
  await call(INSTANCES, json("POST", given));
  await call(`${INSTANCES}/batch`, json("POST", [{ instance_id: "b", tags: ["vip"] }]));

  const list = (await call(INSTANCES)).body.result as unknown as readonly object[];
  const details = (await call(`${INSTANCES}/a`)).body.result;

  const own = { priority: 7, tags: ["vip", "eu"], delayed_until: expect.stringMatching(/Z$/) };
  expect(details).toMatchObject({ status: "queued", ...own });
  expect(list).toHaveLength(2);
  expect(list).toContainEqual(expect.objectContaining({ id: "a", status: "queued", ...own }));
  expect(list).toContainEqual(expect.objectContaining({ id: "b", priority: 1_000, tags: ["vip"] }));
});

test.each([
  [{ tags: ["with space"] }, "tags"],
  [{ tags: Array.from({ length: 11 }, (_, n) => `t${n}`) }, "tags"],
  [{ tags: ["x".repeat(65)] }, "tags"],
  [{ tags: "vip" }, "tags"],
  [{ priority: 0 }, "priority"],
  [{ delay: "soon" }, "delay"],
])("a create refuses %j", async (body, named) => {
  const { call } = await setup();

  const refused = await call(INSTANCES, json("POST", body));

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toContain(named);
});

test("instances are found by tags, fields of params, ids and statuses, and all of these at once", async () => {
  const { orders, find } = await setup();
  await orders.create({
    id: "order-1",
    tags: ["vip"],
    params: { customer: "c-7", order: { total: 5 } },
  });
  await orders.create({ id: "order-2", tags: ["vip", "eu"], params: { customer: "c-7" } });
  await orders.create({ id: "mail-3", tags: ["eu"], params: { customer: 7 } });
  await (await orders.get("order-2")).pause();
  await eventually(async () => expect(await find("status=paused")).toEqual(["order-2"]));

  expect((await find("tag=vip")).toSorted()).toEqual(["order-1", "order-2"]);
  expect(await find("tag=vip&tag=eu")).toEqual(["order-2"]);
  expect(await find("params.order.total=5")).toEqual(["order-1"]);
  expect(await find("params[customer]=7")).toEqual(["mail-3"]);
  expect((await find("id_prefix=order-")).toSorted()).toEqual(["order-1", "order-2"]);
  expect(await find("id_prefix=order-&tag=vip&params.customer=c-7&status=paused")).toEqual([
    "order-2",
  ]);
  expect((await find("status=paused&status=waiting&tag=eu")).toSorted()).toEqual([
    "mail-3",
    "order-2",
  ]);
  expect(await find("tag=none")).toEqual([]);
  expect(await find("status=unknown&tag=vip")).toEqual([]);
});

test("instances are found by their error, and by when they ended", async () => {
  const { orders, find } = await setup();
  for (const [id, fail] of [
    ["a", "Card declined"],
    ["b", "Out of stock"],
  ] as const) {
    await (await orders.create({ id, params: { fail } })).result().catch(() => undefined);
  }
  await orders.create({ id: "c" });
  const now = new Date().toISOString();

  expect(await find("error=card")).toEqual(["a"]);
  expect((await find("error=RANGEERROR")).toSorted()).toEqual(["a", "b"]);
  expect(await find("error=nothing")).toEqual([]);
  expect((await find(`ended_end=${now}`)).toSorted()).toEqual(["a", "b"]);
  expect(await find(`ended_start=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
});

test("pages by cursor meet each instance once, while others come and go", async () => {
  const { orders, call, find } = await setup();
  const ids = Array.from({ length: 23 }, (_, n) => `i-${n}`);
  for (const id of ids) await orders.create({ id, tags: ["many"] });
  const all = await find("tag=many&per_page=100");
  const met: string[] = [];
  let cursor = "";

  for (let round = 0; round < 5; round++) {
    const page = await call(`${INSTANCES}?tag=many&per_page=5${cursor}`);
    met.push(...idsOf(page));
    const next = page.body.result_info?.["cursor"];
    expect(next !== undefined).toBe(round < 4);
    cursor = `&cursor=${encodeURIComponent(String(next))}`;
    // One that was met goes, one that is to come changes, and a new one comes.
    await (await orders.get(String(met[round * 5]))).delete();
    await (await orders.get(String(all.at(-1)))).pause();
    await orders.create({ id: `new-${round}`, tags: ["many"] });
  }

  expect(met).toEqual(all);
});

test("how many there are is told where an index knows, and left out where none does", async () => {
  const { orders, call } = await setup();
  for (const id of ["a", "b", "c"]) await orders.create({ id, tags: ["vip", "eu"] });
  const infoOf = async (query: string) => (await call(`${INSTANCES}?${query}`)).body.result_info;

  expect(await infoOf("per_page=2")).toMatchObject({ count: 2, total_count: 3 });
  expect(await infoOf("tag=vip&per_page=2")).toMatchObject({ count: 2, total_count: 3 });
  expect(await infoOf("tag=vip&tag=eu")).toEqual({ count: 3, per_page: 25 });
  expect(await infoOf("id_prefix=a")).toEqual({ count: 1, per_page: 25 });
});

test("a search by params says that the workflow has none to search by", async () => {
  const { engine, call } = await setStage(redis);
  engine.register(Order, { name: "orders" });
  await engine.ready();

  const refused = await call(`${INSTANCES}?params.email=a`);

  expect(refused.body.errors[0]?.message).toContain("was registered without `searchable`");
});

test.each([
  ["params.email=a", "`email`, but by customer, order.total"],
  ["params.__proto__=a", "__proto__"],
  [`params.customer=${"x".repeat(201)}`, "customer"],
  ["tag=with%20space", "tag"],
  ["tag=vip&page=2", "page"],
  ["error=", "error"],
  ["status=done", '`status`: Invalid option: expected one of "queued"|'],
  ["status=queued&status=done", '`status.1`: Invalid option: expected one of "queued"|'],
  ["ended_start=2026-02-01&ended_end=2026-01-01", "ended_start"],
  [Array.from({ length: 11 }, (_, n) => `tag=t${n}`).join("&"), "tag"],
])("a search refuses %s", async (query, named) => {
  const { call } = await setup();

  const refused = await call(`${INSTANCES}?${query}`);

  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 10_002 }] } });
  expect(refused.body.errors[0]?.message).toContain(named);
});

test("fields of params stay searchable when a workflow is put, and for instances of the API", async () => {
  const { call, find } = await setup();
  const settings = { script_name: "s", class_name: "C" };
  expect((await call("/workflows/orders", json("PUT", settings))).status).toBe(200);

  await call(INSTANCES, json("POST", { instance_id: "a", params: { customer: "c-1" } }));

  expect(await find("params.customer=c-1")).toEqual(["a"]);
});

test("the library lists by the same filters", async () => {
  const { orders } = await setup();
  await orders.create({ id: "a", tags: ["vip"], params: { customer: "c-1" } });
  await orders.create({ id: "b", tags: ["vip"] });

  const filter = { tags: ["vip"], params: { customer: "c-1" } };
  expect(await orders.list({ limit: 10, ...filter })).toEqual({ ids: ["a"] });
  expect(await orders.list({ limit: 10, idPrefix: "b" })).toEqual({ ids: ["b"] });
  await expect(orders.list({ limit: 10, params: { none: 1 } })).rejects.toMatchObject({
    code: "list.invalid",
  });
  await expect(orders.create({ tags: ["not a tag"] })).rejects.toMatchObject({
    code: "instance.invalid_tags",
  });
});
