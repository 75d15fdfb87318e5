import { expect, test } from "vitest";
import type { Store } from "../../../src/engine/ports/store.ts";
import type { ChunkOutcome } from "../../../src/engine/ports/streams.ts";
import type { StreamReference } from "../../../src/model/history.ts";
import { COMPLETE, SHORT_MS, TICK_MS, claim, create, historyOf, run, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const WRITTEN = { type: "written" };
const STALE = { type: "stale" };
const ENTRY = '{"n":1}';

interface Writer {
  readonly fence: number;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function put(
  store: Store,
  { fence }: Writer,
  text: string,
  rest: { readonly index?: number; readonly confirmed?: number; readonly limitBytes?: number } = {},
): Promise<ChunkOutcome> {
  const { index = 0, confirmed = index, limitBytes = 1_000 } = rest;
  const bytes = bytesOf(text);
  return await store.streams.writeChunk({
    instanceId: "a",
    fence,
    stream: `${fence}.1`,
    index,
    confirmed,
    bytes,
    limitBytes,
  });
}

function streamOf({ fence }: Writer, chunks: number, bytes: number): StreamReference {
  return { id: `${fence}.1`, chunks, bytes };
}

async function read(store: Store, { fence }: Writer, index: number): Promise<string | undefined> {
  const bytes = await store.streams.readChunk({ instanceId: "a", stream: `${fence}.1`, index });
  return bytes && new TextDecoder().decode(bytes);
}

/** Writes a stream of two chunks and refers to it. */
async function keep(store: Store, claimed: Writer): Promise<void> {
  await put(store, claimed, "one");
  await put(store, claimed, "three", { index: 1 });
  const streams = [streamOf(claimed, 2, 8)];
  await store.activations.commit({ ...write("a", claimed, { entries: [ENTRY] }), streams });
}

export function streamTests(setup: SetUp): void {
  test("chunks come back as they went in, whatever their length and bytes", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const chunks = [1, 31, 32, 255, 256, 65_535, 65_536, 262_128].map((length) =>
      Uint8Array.from({ length }, (_, at) => (at * 7 + length) % 256),
    );

    for (const [index, bytes] of chunks.entries()) {
      const place = { stream: "1.1", index, confirmed: index, limitBytes: 1_000_000 };
      const { fence } = claimed;
      expect(await store.streams.writeChunk({ instanceId: "a", fence, bytes, ...place })).toEqual(
        WRITTEN,
      );
    }

    for (const [index, bytes] of chunks.entries()) {
      const chunk = await store.streams.readChunk({ instanceId: "a", stream: "1.1", index });
      expect(Buffer.compare(chunk ?? Buffer.alloc(0), bytes)).toBe(0);
    }
  });

  test("a chunk that was never written is not there", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one");

    expect(await read(store, claimed, 1)).toBeUndefined();
    expect(await read(store, { fence: 1 }, 0)).toBeUndefined();
    expect(
      await store.streams.readChunk({ instanceId: "b", stream: "1.1", index: 0 }),
    ).toBeUndefined();
  });

  test("a stale fence writes no chunk", async () => {
    const { store } = await setup();
    const old = await run(store, "a");
    await store.activations.release(write("a", old));
    const current = await claim(store, "a");

    expect(await put(store, old, "late")).toEqual(STALE);
    expect(await put(store, current, "one")).toEqual(WRITTEN);
    expect(await read(store, old, 0)).toBeUndefined();
  });

  test("nobody writes chunks to an instance that is not there, or that is over", async () => {
    const { store } = await setup();
    expect(await put(store, { fence: 1 }, "one")).toEqual(STALE);
    const claimed = await run(store, "a");
    await store.activations.finish({ ...write("a", claimed), result: COMPLETE });

    expect(await put(store, claimed, "one")).toEqual(STALE);
  });

  test("a repeated chunk writes nothing, whatever came meanwhile", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one", { limitBytes: 8 });
    await put(store, claimed, "three", { index: 1, limitBytes: 8 });

    expect(await put(store, claimed, "one", { limitBytes: 8 })).toEqual(WRITTEN);
    expect(await store.streams.checkStreams("a", [streamOf(claimed, 2, 8)])).toEqual([true]);
  });

  test("chunks may arrive in another order than they were sent", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "three", { index: 1, confirmed: 0 });
    await put(store, claimed, "one", { confirmed: 0 });

    const streams = [streamOf(claimed, 2, 8)];
    const outcome = await store.activations.commit({
      ...write("a", claimed, { entries: [ENTRY] }),
      streams,
    });
    expect(outcome).toMatchObject({ type: "committed" });
    expect(await read(store, claimed, 0)).toBe("one");
  });

  test("a commit keeps the streams that it refers to", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    await keep(store, claimed);
    await store.activations.finish({
      ...write("a", claimed, { commit: 2, after: 1 }),
      result: COMPLETE,
    });
    await passTime(TICK_MS);

    expect(await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 })).toBe(false);
    expect(await store.streams.checkStreams("a", [streamOf(claimed, 2, 8)])).toEqual([true]);
    expect(await read(store, claimed, 1)).toBe("three");
  });

  test("a repeated commit with streams answers as the first time", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one");
    const streams = [streamOf(claimed, 1, 3)];
    const commit = { ...write("a", claimed, { entries: [ENTRY] }), streams };

    expect(await store.activations.commit(commit)).toEqual(await store.activations.commit(commit));
    expect(await historyOf(store, "a")).toEqual([ENTRY]);
  });

  test("a stream without chunks can be kept", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const streams = [streamOf(claimed, 0, 0)];

    expect(
      await store.activations.commit({ ...write("a", claimed, { entries: [ENTRY] }), streams }),
    ).toMatchObject({ type: "committed" });
    expect(await store.streams.checkStreams("a", streams)).toEqual([true]);
  });

  test("a commit is stale when chunks of its streams are missing, and writes nothing", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one");

    for (const streams of [[streamOf(claimed, 2, 8)], [streamOf(claimed, 1, 4)]]) {
      const commit = write("a", claimed, { entries: [ENTRY] });
      expect(await store.activations.commit({ ...commit, streams })).toEqual(STALE);
    }
    expect(await historyOf(store, "a")).toEqual([]);
  });

  test("a chunk is stale when the store has lost one that it had confirmed", async () => {
    const { store, capture } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one");
    const goBack = await capture();
    await put(store, claimed, "three", { index: 1 });
    await goBack();

    expect(await put(store, claimed, "more", { index: 2 })).toEqual(STALE);
    expect(await store.streams.checkStreams("a", [streamOf(claimed, 2, 8)])).toEqual([false]);
  });

  test("an instance has room for its limit of bytes and no more", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");

    expect(await put(store, claimed, "12345", { limitBytes: 8 })).toEqual(WRITTEN);
    expect(await put(store, claimed, "6789", { index: 1, limitBytes: 8 })).toEqual({
      type: "full",
    });
    expect(await put(store, claimed, "678", { index: 1, limitBytes: 8 })).toEqual(WRITTEN);
  });

  test("streams that are kept count, those of a claim that is over do not", async () => {
    const { store } = await setup();
    const first = await run(store, "a");
    await keep(store, first);
    await store.activations.release(write("a", first, { commit: 2, after: 1 }));
    const second = await claim(store, "a");
    expect(await put(store, second, "12345", { limitBytes: 13 })).toEqual(WRITTEN);
    await store.activations.release(write("a", second));
    const third = await claim(store, "a");

    expect(await put(store, third, "123456", { limitBytes: 13 })).toEqual({ type: "full" });
    expect(await put(store, third, "12345", { limitBytes: 13 })).toEqual(WRITTEN);
  });

  test("a stream that is discarded is gone, and leaves its room to the next", async () => {
    const { store } = await setup();
    const claimed = await run(store, "a");
    const { fence } = claimed;
    for (let index = 0; index < 100; index++) await put(store, claimed, "12345", { index });

    await store.streams.discardStream({ instanceId: "a", stream: `${fence}.1` });
    await store.streams.discardStream({ instanceId: "a", stream: `${fence}.1` });
    await store.streams.discardStream({ instanceId: "b", stream: `${fence}.1` });

    expect(await read(store, claimed, 0)).toBeUndefined();
    expect(await read(store, claimed, 99)).toBeUndefined();
    expect(await put(store, claimed, "12345678", { limitBytes: 8 })).toEqual(WRITTEN);
  });

  test("a stream that a claim left behind is swept, however long it is", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a");
    for (let index = 0; index < 100; index++) await put(store, claimed, "12345", { index });
    await store.commands.terminate("a");
    await passTime(TICK_MS);

    while (await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 }));

    expect(await read(store, claimed, 0)).toBeUndefined();
    expect(await read(store, claimed, 99)).toBeUndefined();
  });

  test("a stream is not swept while it may be committed, nor soon after it was written to", async () => {
    const { store, passTime } = await setup();
    const claimed = await run(store, "a", { leaseMs: SHORT_MS });
    await put(store, claimed, "one");
    await passTime(TICK_MS);
    await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 });
    expect(await read(store, claimed, 0)).toBe("one");

    await store.sweeps.adoptOrphans(10);
    await store.streams.sweepStreams({ olderThanMs: 60_000, limit: 10 });
    expect(await read(store, claimed, 0)).toBe("one");
    await passTime(TICK_MS);
    await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 });
    expect(await read(store, claimed, 0)).toBeUndefined();
  });

  test("a restart, a deletion and an expiry remove all streams", async () => {
    const { store, passTime } = await setup();
    const restarted = await run(store, "a");
    await keep(store, restarted);
    await store.commands.restart("a");
    expect(await read(store, restarted, 0)).toBeUndefined();

    const deleted = await claim(store, "a");
    await keep(store, deleted);
    await store.commands.delete("a");
    await create(store, "a", { retention: { successMs: 1, errorMs: 1 } });
    expect(await read(store, deleted, 0)).toBeUndefined();

    const expired = await claim(store, "a");
    await keep(store, expired);
    await store.activations.finish({
      ...write("a", expired, { commit: 2, after: 1 }),
      result: COMPLETE,
    });
    expect(await read(store, expired, 0)).toBe("one");
    await passTime(TICK_MS);
    await store.sweeps.expire(10);
    expect(await read(store, expired, 0)).toBeUndefined();
  });

  test("an entry that is put back keeps its stream, if its chunks are still there", async () => {
    const { store, capture, passTime } = await setup();
    const claimed = await run(store, "a");
    await put(store, claimed, "one");
    await put(store, claimed, "three", { index: 1 });
    const stream = streamOf(claimed, 2, 8);
    const goBack = await capture();
    const commit = { ...write("a", claimed, { entries: [ENTRY] }), streams: [stream] };
    const outcome = await store.activations.commit(commit);
    await goBack();

    const at = outcome.type === "committed" ? outcome.at : 0;
    const held = [{ at, text: ENTRY, stream }];
    const knowledge = { instanceId: "a", fence: claimed.fence, ageMs: 0, held };
    const known = { ...knowledge, entries: 1, lastEvent: 0, lastEventAt: 0 };
    expect(await store.activations.reassert(known)).toMatchObject({
      type: "reasserted",
      restored: 1,
    });
    await passTime(TICK_MS);
    await store.streams.sweepStreams({ olderThanMs: 0, limit: 10 });
    expect(await store.streams.checkStreams("a", [stream])).toEqual([true]);
  });
}
