import { expect, test } from "vitest";
import type { ListRequest } from "../../../src/engine/ports/listing.ts";
import type { InstanceResult } from "../../../src/engine/ports/instances.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { fieldLabel, tagLabel, toLabels } from "../../../src/model/labels.ts";
import { EXAMINED_LIMIT } from "../../../src/model/limits.ts";
import { encodeError } from "../../../src/model/payload.ts";
import { create, newInstance, run, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { declaration, mustFire, newSchedule } from "./schedule-bundle.ts";

type Search = Omit<ListRequest, "limit" | "cursor">;

const VIP = tagLabel("vip");
const EU = tagLabel("eu");

/** All that is found, page after page. */
async function find(
  store: Store,
  search: Search,
  { limit = 100, between = async (): Promise<unknown> => undefined } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.instances.list({
      ...search,
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    expect(page.instances.length).toBeLessThanOrEqual(limit);
    found.push(...page.instances.map(({ id }) => id));
    if (page.cursor === undefined) return found;
    ({ cursor } = page);
    await between();
  }
}

async function createLabelled(store: Store, id: string, ...labels: readonly string[]) {
  return await create(store, id, { labels });
}

async function end(store: Store, id: string, result: InstanceResult): Promise<void> {
  await store.activations.finish({ ...write(id, await run(store, id)), result });
}

async function fail(store: Store, id: string, error: unknown): Promise<void> {
  await end(store, id, { status: "errored", error: encodeError(error) });
}

export function labelTests(setup: SetUp): void {
  test("instances are found by a label, newest first, whatever their status", async () => {
    const { store, passTime } = await setup();
    for (const id of ["a", "b", "c"]) {
      await createLabelled(store, id, VIP);
      await passTime(2);
    }
    await create(store, "other");
    await store.commands.pause("b");

    const page = await store.instances.list({ labels: [VIP], limit: 10 });

    expect(page.instances.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "c queued",
      "b paused",
      "a queued",
    ]);
    expect(page.instances[0]).toMatchObject({ labels: [VIP], priority: 5 });
    expect(page).toMatchObject({ total: 3 });
    expect(page).not.toHaveProperty("cursor");
    expect(await find(store, { labels: [VIP], first: "oldest" })).toEqual(["a", "b", "c"]);
    expect(await find(store, { labels: [VIP], statuses: ["paused", "complete"] })).toEqual(["b"]);
  });

  test("several labels are all meant, whichever is the rarer one", async () => {
    const { store } = await setup();
    await createLabelled(store, "both", VIP, EU);
    await createLabelled(store, "vip", VIP);
    await createLabelled(store, "eu", EU);
    await createLabelled(store, "eu-too", EU);

    expect(await find(store, { labels: [VIP, EU] })).toEqual(["both"]);
    expect(await find(store, { labels: [EU, VIP] })).toEqual(["both"]);
    expect(await find(store, { labels: [EU, tagLabel("e")] })).toEqual([]);
    expect(await store.instances.list({ labels: [VIP, EU], limit: 9 })).not.toHaveProperty("total");
  });

  test("a field of params is a label too, and its value is any text", async () => {
    const { store } = await setup();
    const params = { customer: { id: 'c "7"\n*' }, total: 12.5, vip: true, none: null };
    const paths = ["customer.id", "total", "vip", "none", "customer", "absent", "constructor"];
    await create(store, "a", { labels: toLabels(["eu"], params, paths) });

    for (const [path, value] of [
      ["customer.id", params.customer.id],
      ["total", 12.5],
      ["vip", true],
      ["none", null],
    ] as const) {
      expect(await find(store, { labels: [String(fieldLabel(path, value))] })).toEqual(["a"]);
    }
    expect(await find(store, { labels: ["params.customer=[object Object]"] })).toEqual([]);
    expect((await store.instances.get("a"))?.labels).toHaveLength(5);
  });

  test("pages by a label stay right while instances come, change and go", async () => {
    const { store } = await setup();
    const ids = Array.from({ length: 30 }, (_, n) => `i-${String(n).padStart(2, "0")}`);
    await Promise.all(ids.map((id) => createLabelled(store, id, VIP)));
    const before = await find(store, { labels: [VIP], statuses: ["queued", "paused"] });
    let round = 0;

    const found = await find(
      store,
      { labels: [VIP], statuses: ["queued", "paused"] },
      {
        limit: 5,
        between: async () => {
          const [seen, next] = [before[round * 5], before[round * 5 + 7]];
          await store.commands.delete(String(seen));
          await store.commands.pause(String(next));
          await createLabelled(store, `new-${round}`, VIP);
          round++;
        },
      },
    );

    expect(round).toBe(5);
    // Those of the same instant as the last ones may be among them; each of the others is there once.
    expect(found.filter((id) => !id.startsWith("new-"))).toEqual(before);
    expect(new Set(found).size).toBe(found.length);
  });

  test("an instance that is deleted, or whose retention is over, is found no more", async () => {
    const { store, passTime } = await setup();
    await createLabelled(store, "deleted", VIP);
    const retention = { successMs: 1, errorMs: 1 };
    await store.instances.create([newInstance("expired", { labels: [VIP], retention })]);
    await store.commands.terminate("expired");
    await passTime(5);

    await store.commands.delete("deleted");
    await store.sweeps.expire(10);

    expect(await find(store, { labels: [VIP] })).toEqual([]);
    await create(store, "deleted");
    expect(await find(store, { labels: [VIP] })).toEqual([]);
  });

  test("a restart keeps labels", async () => {
    const { store } = await setup();
    await createLabelled(store, "a", VIP);
    await store.commands.terminate("a");

    await store.commands.restart("a");

    expect(await find(store, { labels: [VIP], statuses: ["queued"] })).toEqual(["a"]);
  });

  test("a repeated create labels no other instance of that id", async () => {
    const { store } = await setup();
    const instance = newInstance("a", { labels: [VIP] });
    await store.instances.create([instance]);
    await store.instances.create([instance, newInstance("a", { labels: [EU] })]);

    expect(await find(store, { labels: [VIP] })).toEqual(["a"]);
    expect(await find(store, { labels: [EU] })).toEqual([]);
  });

  test("instances of a schedule have the labels of its params", async () => {
    const { store, passTime } = await setup();
    const schedule = newSchedule({ labels: [VIP, EU] });
    const declared = declaration(schedule);
    const { now } = await store.schedules.declareSchedules(declared);
    await passTime(5);

    const { digest } = declared;
    await mustFire(store, { digest, schedule, times: [now + 1], until: 0 });

    const id = `${schedule.cron}-${now + 1}`;
    expect(await find(store, { labels: [VIP, EU] })).toEqual([id]);
    await store.commands.delete(id);
    expect(await find(store, { labels: [VIP] })).toEqual([]);
  });
}

export function searchTests(setup: SetUp): void {
  test("instances are found by what their ids begin with", async () => {
    const { store } = await setup();
    for (const id of ["order-1", "order-2", "Order-3", "mail-order-4"]) await create(store, id);
    await store.commands.pause("order-2");

    expect((await find(store, { idPrefix: "order-" })).toSorted()).toEqual(["order-1", "order-2"]);
    expect(await find(store, { idPrefix: "order-", statuses: ["paused"] })).toEqual(["order-2"]);
    expect(await find(store, { idPrefix: "order-1x" })).toEqual([]);
  });

  test("instances are found by a text in the name or the message of their error", async () => {
    const { store } = await setup();
    await fail(store, "type", new TypeError("Card <declined>\nby ÄBank"));
    await fail(store, "range", new RangeError("card is 'old'"));
    await fail(store, "text", "just a card");
    await fail(store, "own", Object.assign(new Error("x"), { name: "CardError", card: "y" }));
    await end(store, "fine", { status: "complete", output: '"card"' });
    await create(store, "queued");

    const by = async (error: string) => (await find(store, { error })).toSorted();

    expect(await by("card")).toEqual(["own", "range", "text", "type"]);
    expect(await by("TypeError: card <DECLINED>")).toEqual(["type"]);
    expect(await by("declined>\nby Ä")).toEqual(["type"]);
    expect(await by("rangeerror")).toEqual(["range"]);
    expect(await by("'OLD'")).toEqual(["range"]);
    // In its properties and its stack nobody looks.
    expect(await by("searching.suite")).toEqual([]);
    expect(await find(store, { error: "card", statuses: ["complete"] })).toEqual([]);
  });

  test("instances are found by when they ended", async () => {
    const { store, passTime } = await setup();
    await end(store, "first", { status: "complete", output: "1" });
    await passTime(5);
    await fail(store, "second", new Error("no"));
    await create(store, "running");
    const [first, second] = [
      await store.instances.get("first"),
      await store.instances.get("second"),
    ];
    const [from, to] = [Number(first?.endedAt), Number(second?.endedAt)];

    expect((await find(store, { endedFrom: from })).toSorted()).toEqual(["first", "second"]);
    expect(await find(store, { endedFrom: from + 1 })).toEqual(["second"]);
    expect(await find(store, { endedTo: to - 1 })).toEqual(["first"]);
    expect(await find(store, { endedFrom: to, endedTo: to, idPrefix: "s" })).toEqual(["second"]);
  });

  test("one look takes so many instances, and says where to go on", async () => {
    const { store } = await setup();
    const count = EXAMINED_LIMIT + 50;
    const ids = Array.from({ length: count }, (_, n) => `i-${n}`);
    await store.instances.create(ids.map((id) => newInstance(id)));
    await store.instances.create([newInstance("x")]);

    const page = await store.instances.list({ idPrefix: "i-10", first: "oldest", limit: 5_000 });
    const rest = await find(store, { idPrefix: "x", first: "oldest" });

    expect(page.instances.length).toBeLessThan(EXAMINED_LIMIT);
    expect(page.cursor).toBeDefined();
    expect(page).not.toHaveProperty("total");
    expect(rest).toEqual(["x"]);
    const expected = ids.filter((id) => id.startsWith("i-10")).toSorted();
    expect((await find(store, { idPrefix: "i-10" })).toSorted()).toEqual(expected);
  });

  test("a range of creation times bounds a search as well", async () => {
    const { store, passTime } = await setup();
    for (const id of ["a", "b", "c"]) {
      await createLabelled(store, id, VIP);
      await passTime(2);
    }
    const at = Number((await store.instances.get("b"))?.createdAt);

    expect(await find(store, { labels: [VIP], createdFrom: at, createdTo: at })).toEqual(["b"]);
    expect(await find(store, { labels: [VIP], createdTo: at }, { limit: 1 })).toEqual(["b", "a"]);
  });
}
