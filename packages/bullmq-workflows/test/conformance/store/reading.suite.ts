import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports.ts";
import { COMPLETE, create, run, suspendUntil, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const ONE_INSTANT = Array.from({ length: 25 }, (_, n) => `i-${String(n).padStart(2, "0")}`);

async function allPages(
  store: Store,
  limit: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.list({ status: "queued", limit, ...(cursor && { cursor }) });
    pages.push([...page.ids]);
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
    await between();
  }
}

export function readingTests(setup: SetUp): void {
  test("every status is counted", async () => {
    const { store } = await setup();
    await create(store, "queued");
    await create(store, "queued-too");
    await create(store, "paused");
    await store.pause("paused");
    await run(store, "running");
    await suspendUntil(store, "waiting", "go");
    await store.startRollback(write("rollingBack", await run(store, "rollingBack")));
    await store.finish({ ...write("complete", await run(store, "complete")), result: COMPLETE });

    expect(await store.counts()).toEqual({
      queued: 2,
      running: 1,
      waiting: 1,
      waitingForPause: 0,
      paused: 1,
      rollingBack: 1,
      complete: 1,
      errored: 0,
      terminated: 0,
    });
  });

  test("an instance that is not there has no record", async () => {
    const { store } = await setup();

    expect(await store.get("a")).toBeUndefined();
  });

  test("the instances in a status are listed newest first", async () => {
    const { store, passTime } = await setup();
    for (const id of ["b", "c", "a"]) {
      await create(store, id);
      await passTime(2);
    }
    await run(store, "running");

    expect(await store.list({ status: "queued", limit: 10 })).toEqual({ ids: ["a", "c", "b"] });
    expect(await store.list({ status: "errored", limit: 10 })).toEqual({ ids: [] });
  });

  test("pages follow each other, and the last one says so", async () => {
    const { store } = await setup();
    for (const id of ONE_INSTANT) await create(store, id);

    const pages = await allPages(store, 10);

    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().toSorted()).toEqual(ONE_INSTANT);
  });

  test("a page that ends exactly at the end is the last one", async () => {
    const { store } = await setup();
    for (const id of ["a", "b"]) await create(store, id);

    expect(await store.list({ status: "queued", limit: 2 })).not.toHaveProperty("cursor");
  });

  test("instances that leave between pages make no other appear twice or never", async () => {
    const { store } = await setup();
    for (const id of ONE_INSTANT) await create(store, id);
    const [first] = await allPages(store, 5);

    let gone = 0;
    const pages = await allPages(store, 5, async () => await store.delete(String(first?.[gone++])));

    expect(gone).toBeGreaterThan(2);
    expect(pages.flat().toSorted()).toEqual(ONE_INSTANT);
  });

  test("paging goes on where it was although the instance that ended the page is gone", async () => {
    const { store } = await setup();
    // All in one instant, so that only their names tell them apart.
    await store.create([]);
    await Promise.all(ONE_INSTANT.map((id) => create(store, id)));
    const { ids, cursor } = await store.list({ status: "queued", limit: 10 });
    await store.delete(String(ids.at(-1)));

    const rest = await store.list({ status: "queued", limit: 100, cursor: String(cursor) });

    expect([...ids, ...rest.ids].toSorted()).toEqual(ONE_INSTANT);
  });

  test("names in any script keep their order over pages", async () => {
    const { store } = await setup();
    const prefixes = Array.from({ length: 30 }, (_, n) => "a".repeat(n + 1));
    const ids = [...prefixes, "B", "_", "é", "Z", "z", "a-a", "a_a", "0", "€", "a.b"];
    await Promise.all(ids.map((id) => create(store, id)));

    const pages = await allPages(store, 1);

    expect(pages.flat().toSorted()).toEqual(ids.toSorted());
  });

  test("a cursor that no page came with is refused", async () => {
    const { store } = await setup();

    await expect(store.list({ status: "queued", limit: 1, cursor: "?" })).rejects.toThrow("cursor");
  });
}
