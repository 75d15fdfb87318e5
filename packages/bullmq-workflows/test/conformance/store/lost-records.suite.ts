/** Lists when Redis has lost the records of some that they name. */
import { expect, test } from "vitest";
import type { ListRequest } from "../../../src/engine/ports/listing.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { ERRORED, create, run, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const LABELS = ["tag:a"];

async function idsOnPages(store: Store, request: ListRequest): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.instances.list({
      ...request,
      ...(cursor !== undefined && { cursor }),
    });
    pages.push(page.instances.map(({ id }) => id));
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
  }
}

export function lostRecordTests(setup: SetUp): void {
  test.each([
    ["by status", {}],
    ["by label", { labels: LABELS }],
    ["by what is looked at", { idPrefix: "i-" }],
  ])("a list %s leaves out whose record is lost, and has the others", async (_, request) => {
    const { store, passTime, loseRecord } = await setup();
    for (const id of ["i-1", "i-2", "i-3", "i-4"]) {
      await create(store, id, { labels: LABELS });
      await passTime(2);
    }
    const bringBack = await loseRecord("i-2");

    const listed = await store.instances.list({ ...request, first: "oldest", limit: 10 });
    const paged = await idsOnPages(store, { ...request, first: "oldest", limit: 1 });

    expect(listed.instances).toMatchObject([
      { id: "i-1", status: "queued" },
      { id: "i-3", status: "queued" },
      { id: "i-4", status: "queued" },
    ]);
    expect(paged.flat()).toEqual(["i-1", "i-3", "i-4"]);
    await bringBack();
  });

  test("the newest is found behind one whose record is lost", async () => {
    const { store, passTime, loseRecord } = await setup();
    for (const id of ["i-1", "i-2"]) {
      await create(store, id);
      await passTime(2);
    }
    const bringBack = await loseRecord("i-2");

    const { instances, cursor } = await store.instances.list({ limit: 1 });

    expect(instances.map(({ id }) => id)).toEqual(["i-1"]);
    expect(cursor).toBeUndefined();
    await bringBack();
  });

  test("who looks for an error passes over whose record is lost", async () => {
    const { store, loseRecord } = await setup();
    for (const id of ["a", "b"]) {
      await store.activations.finish({ ...write(id, await run(store, id)), result: ERRORED });
    }
    const bringBack = await loseRecord("a");

    const { instances } = await store.instances.list({ error: "e", limit: 10 });

    expect(instances.map(({ id }) => id)).not.toContain("a");
    await bringBack();
  });
}
