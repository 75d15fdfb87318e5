import { expect, test } from "vitest";
import type { InstancePage, ListRequest } from "../../../src/engine/ports/listing.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { nonceFor } from "../../../src/model/trigger.ts";
import {
  COMPLETE,
  ERRORED,
  claim,
  create,
  newInstance,
  run,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const ONE_INSTANT = Array.from({ length: 25 }, (_, n) => `i-${String(n).padStart(2, "0")}`);

type Listing = Omit<ListRequest, "limit" | "cursor">;

const QUEUED: Listing = { statuses: ["queued"] };

const idsOn = (page: InstancePage): string[] => page.instances.map(({ id }) => id);

async function allPages(
  store: Store,
  listing: Listing & { readonly limit: number },
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.instances.list({ ...listing, ...(cursor && { cursor }) });
    pages.push(idsOn(page));
    if (page.cursor === undefined) return pages;
    cursor = page.cursor;
    await between();
  }
}

/** One instance in each of several statuses, each created later than the one before. */
async function createInStatuses({ store, passTime }: Awaited<ReturnType<SetUp>>): Promise<void> {
  const creations = [
    async () => await create(store, "queued"),
    async () => await run(store, "running"),
    async () => await suspendUntil(store, "waiting", "go"),
    async () => [await create(store, "paused"), await store.commands.pause("paused")],
    async () =>
      await store.activations.finish({
        ...write("complete", await run(store, "complete")),
        result: COMPLETE,
      }),
    async () => [await create(store, "terminated"), await store.commands.terminate("terminated")],
    async () => await create(store, "queued-too"),
  ];
  for (const createOne of creations) {
    await createOne();
    await passTime(2);
  }
}

const IN_ORDER = [
  "queued-too",
  "terminated",
  "complete",
  "paused",
  "waiting",
  "running",
  "queued",
] as const;

export function readingTests(setup: SetUp): void {
  test("every status is counted", async () => {
    const { store } = await setup();
    await create(store, "queued");
    await create(store, "queued-too");
    await create(store, "paused");
    await store.commands.pause("paused");
    await run(store, "running");
    await suspendUntil(store, "waiting", "go");
    await store.activations.startRollback(write("rollingBack", await run(store, "rollingBack")));
    await store.activations.finish({
      ...write("complete", await run(store, "complete")),
      result: COMPLETE,
    });

    expect(await store.instances.counts()).toEqual({
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

    expect(await store.instances.get("a")).toBeUndefined();
  });

  test("the instances in a status are listed newest first", async () => {
    const { store, passTime } = await setup();
    for (const id of ["b", "c", "a"]) {
      await create(store, id);
      await passTime(2);
    }
    await run(store, "running");

    const page = await store.instances.list({ ...QUEUED, limit: 10 });

    expect(idsOn(page)).toEqual(["a", "c", "b"]);
    expect(page).not.toHaveProperty("cursor");
    expect(await store.instances.list({ statuses: ["errored"], limit: 10 })).toEqual({
      instances: [],
      total: 0,
    });
  });

  test("pages follow each other, and the last one says so", async () => {
    const { store } = await setup();
    for (const id of ONE_INSTANT) await create(store, id);

    const pages = await allPages(store, { ...QUEUED, limit: 10 });

    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().toSorted()).toEqual(ONE_INSTANT);
  });

  test("a page that ends exactly at the end is the last one", async () => {
    const { store } = await setup();
    for (const id of ["a", "b"]) await create(store, id);

    expect(await store.instances.list({ ...QUEUED, limit: 2 })).not.toHaveProperty("cursor");
  });

  test("instances that leave between pages make no other appear twice or never", async () => {
    const { store } = await setup();
    for (const id of ONE_INSTANT) await create(store, id);
    const [first] = await allPages(store, { ...QUEUED, limit: 5 });

    let gone = 0;
    const pages = await allPages(
      store,
      { ...QUEUED, limit: 5 },
      async () => await store.commands.delete(String(first?.[gone++])),
    );

    expect(gone).toBeGreaterThan(2);
    expect(pages.flat().toSorted()).toEqual(ONE_INSTANT);
  });

  test("paging goes on where it was although the instance that ended the page is gone", async () => {
    const { store } = await setup();
    // All in one instant, so that only their names tell them apart.
    await store.instances.create([]);
    await Promise.all(ONE_INSTANT.map((id) => create(store, id)));
    const page = await store.instances.list({ ...QUEUED, limit: 10 });
    await store.commands.delete(String(idsOn(page).at(-1)));

    const rest = await store.instances.list({ ...QUEUED, limit: 100, cursor: String(page.cursor) });

    expect([...idsOn(page), ...idsOn(rest)].toSorted()).toEqual(ONE_INSTANT);
  });

  test("names in any script keep their order over pages", async () => {
    const { store } = await setup();
    const prefixes = Array.from({ length: 30 }, (_, n) => "a".repeat(n + 1));
    const ids = [...prefixes, "B", "_", "é", "Z", "z", "a-a", "a_a", "0", "€", "a.b"];
    await Promise.all(ids.map((id) => create(store, id)));

    const pages = await allPages(store, { ...QUEUED, limit: 1 });

    expect(pages.flat().toSorted()).toEqual(ids.toSorted());
  });

  test("instances of all statuses are listed together, either way round", async () => {
    const bundle = await setup();
    await createInStatuses(bundle);
    const { store } = bundle;

    const all = await store.instances.list({ limit: 10 });
    const pages = await allPages(store, { limit: 2 });
    const oldest = await allPages(store, { limit: 3, first: "oldest" });

    expect(idsOn(all)).toEqual(IN_ORDER);
    expect(all.total).toBe(7);
    expect(all.instances.map(({ status }) => status)).toEqual(
      IN_ORDER.map((id) => id.replace("-too", "")),
    );
    expect(pages.flat()).toEqual(IN_ORDER);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
    expect(oldest.flat()).toEqual(IN_ORDER.toReversed());
  });

  test("a list says what became of each instance, and when", async () => {
    const { store, passTime } = await setup();
    await store.instances.create([newInstance("by-api", { nonce: nonceFor("api", "1") })]);
    await create(store, "ended");
    await passTime(2);
    const claimed = await claim(store, "ended");
    await passTime(2);
    await store.activations.finish({ ...write("ended", claimed), result: ERRORED });

    const { instances } = await store.instances.list({ limit: 10 });
    const [ended, record] = [
      instances.find(({ id }) => id === "ended"),
      await store.instances.get("ended"),
    ];

    expect(ended).toEqual({
      id: "ended",
      status: "errored",
      createdAt: record?.createdAt,
      startedAt: claimed.now,
      endedAt: record?.endedAt,
      changedAt: record?.endedAt,
      trigger: "binding",
      priority: 5,
    });
    expect(instances.find(({ id }) => id === "by-api")?.trigger).toBe("api");
    expect((await store.instances.get("by-api"))?.trigger).toBe("api");
  });

  test("a page may begin anywhere, across statuses and instants", async () => {
    const bundle = await setup();
    await createInStatuses(bundle);
    const { store } = bundle;
    await Promise.all(ONE_INSTANT.map((id) => create(store, id)));
    for (const id of ONE_INSTANT.slice(0, 9)) await store.commands.pause(id);

    for (const first of ["newest", "oldest"] as const) {
      const all = idsOn(await store.instances.list({ limit: 100, first }));
      expect(all).toHaveLength(32);
      for (let skip = 0; skip <= 33; skip++) {
        const page = await store.instances.list({ limit: 3, skip, first });
        expect(idsOn(page)).toEqual(all.slice(skip, skip + 3));
        expect(page.cursor !== undefined).toBe(skip + 3 < 32);
      }
    }
  });

  test("a page that leaves some out may follow another one", async () => {
    const { store } = await setup();
    await Promise.all(ONE_INSTANT.map((id) => create(store, id)));
    for (const id of ONE_INSTANT.slice(0, 9)) await store.commands.terminate(id);
    const all = idsOn(await store.instances.list({ limit: 100 }));
    const { cursor } = await store.instances.list({ limit: 4 });

    const page = await store.instances.list({ limit: 4, skip: 3, cursor: String(cursor) });

    expect(idsOn(page)).toEqual(all.slice(7, 11));
    expect(page.total).toBe(25);
  });

  test("a range of creation times includes both of its ends", async () => {
    const bundle = await setup();
    await createInStatuses(bundle);
    const { store } = bundle;
    const createdAt = async (id: string): Promise<number> =>
      Number((await store.instances.get(id))?.createdAt);
    const range = { createdFrom: await createdAt("running"), createdTo: await createdAt("paused") };

    const page = await store.instances.list({ limit: 10, ...range });
    const paged = await allPages(store, { limit: 1, ...range });
    const oldest = await allPages(store, { limit: 1, first: "oldest", ...range });
    const second = await store.instances.list({ limit: 1, skip: 1, ...range });

    expect(idsOn(page)).toEqual(["paused", "waiting", "running"]);
    expect(page.total).toBe(3);
    expect(paged.flat()).toEqual(["paused", "waiting", "running"]);
    expect(oldest.flat()).toEqual(["running", "waiting", "paused"]);
    expect(idsOn(second)).toEqual(["waiting"]);
    expect(
      idsOn(await store.instances.list({ limit: 10, createdFrom: Date.now() + 86_400_000 })),
    ).toEqual([]);
  });

  test("a cursor that no page came with is refused", async () => {
    const { store } = await setup();

    await expect(store.instances.list({ limit: 1, cursor: "?" })).rejects.toThrow("cursor");
  });
}
