/** What subscribers stand on: a history read in parts, and being told that there is more of it. */
import { expect, test } from "vitest";
import type { HistoryPage, HistoryRequest } from "../../../src/engine/ports/history.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import {
  COMPLETE,
  ERRORED,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  claim,
  create,
  run,
  suspendUntil,
  texts,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { Ear } from "./ear.ts";

const LARGE = "x".repeat(50_000);

async function read(
  store: Store,
  rest: Partial<HistoryRequest> = {},
): Promise<HistoryPage | undefined> {
  return await store.instances.readHistory({ instanceId: "a", from: 0, limit: 100, ...rest });
}

function entries(count: number, text = ""): readonly string[] {
  return Array.from({ length: count }, (_, index) => JSON.stringify({ n: index + 1, text }));
}

/** Listens to an instance, and watches it. */
async function watch(store: Store, instanceId: string, watchMs = LONG_MS): Promise<Ear<string>> {
  const ear = new Ear<string>();
  await store.notices.onHistory(instanceId, () => ear.hear(instanceId));
  await read(store, { instanceId, watchMs });
  return ear;
}

export function historyPageTests(setup: SetUp): void {
  test("an instance that is not there has no page", async () => {
    const { store } = await setup();

    expect(await read(store)).toBeUndefined();
  });

  test("the first page says how the instance began", async () => {
    const { store } = await setup();
    await create(store, "a");
    const record = await store.instances.get("a");

    expect(await read(store)).toEqual({
      nonce: expect.any(String),
      edition: 0,
      createdAt: record?.createdAt,
      startedAfter: 0,
      params: record?.params,
      entries: [],
      length: 0,
    });
    await claim(store, "a");
    expect(await read(store)).toMatchObject({
      startedAt: (await store.instances.get("a"))?.startedAt,
    });
  });

  test("pages are parts of the history, in order, and say how long it is", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: entries(5) }));

    const first = await read(store, { limit: 3 });
    const second = await read(store, { from: 3, limit: 3 });
    const third = await read(store, { from: 5, limit: 3 });

    expect([...(first?.entries ?? []), ...(second?.entries ?? [])]).toEqual(
      await store.instances.history("a"),
    );
    expect([first?.length, second?.length, third?.entries]).toEqual([5, 5, []]);
    expect([first?.params, second?.params]).toEqual(['{"for":"test"}', undefined]);
  });

  test("a page of large entries has fewer of them", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.commit(write("a", claimed, { entries: entries(40, LARGE) }));

    const page = await read(store);

    expect(page?.length).toBe(40);
    expect(page?.entries.length).toBeGreaterThan(0);
    expect(page?.entries.length).toBeLessThan(40);
  });

  test.each([COMPLETE, ERRORED])("the page with the last entry has the result", async (result) => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.finish({ ...write("a", claimed, { entries: entries(2) }), result });

    const [first, last] = [await read(store, { limit: 2 }), await read(store, { from: 2 })];

    expect(first).toMatchObject({ length: 3 });
    expect(first).not.toHaveProperty("result");
    expect(last?.result).toBe("output" in result ? result.output : result.error);
    const type = result.status === "complete" ? "workflow_completed" : "workflow_errored";
    expect(texts(last?.entries ?? [])).toEqual([`{"type":"${type}"}`]);
  });

  test("what came before the start is told from what came after, also by the clock's same tick", async () => {
    const { store } = await setup();
    await create(store, "a");
    await store.commands.pause("a");
    await store.commands.resume("a");
    const claimed = await claim(store, "a");
    await store.activations.commit(write("a", claimed, { entries: entries(1) }));

    const page = await read(store);

    expect(page?.startedAfter).toBe(2);
    expect(page?.params).toBe('{"for":"test"}');
  });

  test("a restart is another edition, and its only entry says which ids may be taken", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await store.activations.finish({
      ...write("a", claimed, { entries: entries(2) }),
      result: COMPLETE,
    });
    const before = await read(store);

    await store.commands.restart("a");
    const after = await read(store);
    await store.commands.restart("a");
    const again = await read(store);

    // The list had params, three entries and an output; then params and an entry.
    expect(texts(after?.entries ?? [])).toEqual(['{"type":"workflow_restarted","lastId":160}']);
    expect(texts(again?.entries ?? [])).toEqual(['{"type":"workflow_restarted","lastId":224}']);
    expect(after?.nonce).toBe(before?.nonce);
    expect(new Set([before, after, again].map((page) => page?.edition)).size).toBe(3);
    expect(after).not.toHaveProperty("startedAt");
  });

  test("another instance of the same id has another nonce", async () => {
    const { store } = await setup();
    await create(store, "a");
    const before = await read(store);
    await store.commands.delete("a");
    await create(store, "a");

    expect((await read(store))?.nonce).not.toBe(before?.nonce);
  });
}

export function historyNoticeTests(setup: SetUp): void {
  test("who watches hears of the start, and of every write with entries", async () => {
    const { store, connect } = await setup();
    await create(store, "a");
    const ear = await watch(await connect(), "a");

    const claimed = await claim(store, "a");
    await ear.first(1);
    await store.activations.commit(write("a", claimed, { entries: entries(1) }));
    await ear.first(2);
    await store.activations.suspend({
      ...write("a", claimed, { commit: 2, after: 1, entries: entries(1) }),
      awaits: ["go"],
    });

    expect(await ear.first(3)).toHaveLength(3);
  });

  test.each([
    ["a pause", async (store: Store) => void (await store.commands.pause("a"))],
    ["a restart", async (store: Store) => void (await store.commands.restart("a"))],
    ["a termination", async (store: Store) => void (await store.commands.terminate("a"))],
    ["a deletion", async (store: Store) => void (await store.commands.delete("a"))],
  ])("who watches hears of %s", async (_, command) => {
    const { store, connect } = await setup();
    await suspendUntil(store, "a", "go");
    const ear = await watch(await connect(), "a");

    await command(store);

    expect(await ear.first(1)).toEqual(["a"]);
  });

  test("who watches hears of a resume, and of an end", async () => {
    const { store, connect } = await setup();
    await create(store, "a");
    await store.commands.pause("a");
    const ear = await watch(await connect(), "a");

    await store.commands.resume("a");
    await ear.first(1);
    const claimed = await claim(store, "a");
    await ear.first(2);
    await store.activations.finish({ ...write("a", claimed), result: COMPLETE });

    expect(await ear.first(3)).toHaveLength(3);
  });

  test("who watches hears that a lost lease has settled a pause", async () => {
    const { store, connect, passTime } = await setup();
    await run(store, "a", { leaseMs: SHORT_MS });
    await store.commands.pause("a");
    const ear = await watch(await connect(), "a");
    await passTime(TICK_MS);

    await store.sweeps.adoptOrphans(10);

    expect(await ear.first(1)).toEqual(["a"]);
  });

  test("who only listens hears nothing, and neither does who watches another one", async () => {
    const { store, connect } = await setup();
    const listener = await connect();
    const ear = new Ear<string>();
    await store.notices.onHistory("a", () => ear.hear("a"));
    const other = await watch(listener, "b");
    await create(store, "a");
    await create(store, "b");
    await read(store, { instanceId: "b", watchMs: LONG_MS });

    await claim(store, "a");
    await claim(store, "b");
    await other.first(1);

    expect(ear.heard).toEqual([]);
    expect(other.heard).toEqual(["b"]);
  });

  test("a mark lasts for as long as it was made for", async () => {
    const { store, passTime } = await setup();
    await create(store, "a");
    await create(store, "b");
    const ear = await watch(store, "a", SHORT_MS);
    const other = await watch(store, "b");
    await passTime(TICK_MS);

    const claimed = await claim(store, "a");
    await store.activations.commit(write("a", claimed, { entries: entries(1) }));
    await claim(store, "b");
    await other.first(1);

    expect(ear.heard).toEqual([]);
    expect(await read(store)).toMatchObject({ length: 1 });
  });

  test("who stopped listening hears nothing more", async () => {
    const { store } = await setup();
    await create(store, "a");
    const [ear, other] = [new Ear<string>(), new Ear<string>()];
    const stop = await store.notices.onHistory("a", () => ear.hear("a"));
    await store.notices.onHistory("a", () => other.hear("a"));
    await read(store, { watchMs: LONG_MS });

    stop();
    await claim(store, "a");
    await other.first(1);

    expect(ear.heard).toEqual([]);
  });

  test("an instance that has ended takes no mark", async () => {
    const { store } = await setup();
    await create(store, "a");
    await store.commands.terminate("a");

    const page = await read(store, { watchMs: LONG_MS });

    expect(texts(page?.entries ?? [])).toEqual(['{"type":"workflow_terminated"}']);
  });
}
