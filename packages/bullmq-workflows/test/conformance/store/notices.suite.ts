import { expect, test } from "vitest";
import type { ControlMessage, EndNotice } from "../../../src/engine/ports/notices.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import { TOLD_RESULT_SIZE_LIMIT } from "../../../src/model/limits.ts";
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
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { Ear } from "./ear.ts";

async function hearControl(store: Store, workerId: string): Promise<Ear<ControlMessage>> {
  const ear = new Ear<ControlMessage>();
  await store.notices.onControl(workerId, ear.hear);
  return ear;
}

async function hearEnds(store: Store): Promise<Ear<EndNotice>> {
  const ear = new Ear<EndNotice>();
  await store.notices.onFinished(ear.hear, () => undefined);
  return ear;
}

export function noticeTests(setup: SetUp): void {
  test("who listens hears of every end, and of deletions", async () => {
    const { store, connect } = await setup();
    const ear = await hearEnds(await connect());

    await store.activations.finish({ ...write("a", await run(store, "a")), result: COMPLETE });
    await create(store, "b");
    await store.commands.terminate("b");
    await create(store, "c");
    await store.commands.delete("c");

    const ids = (await ear.first(3)).map(({ instanceId }) => instanceId);
    expect(ids).toEqual(["a", "b", "c"]);
  });

  test("a short result comes with the news of the end, and with the fence of who ended it", async () => {
    const { store, connect } = await setup();
    const ear = await hearEnds(await connect());
    const fences: number[] = [];

    for (const result of [
      COMPLETE,
      ERRORED,
      { status: "complete", output: '"a b\\nc d"' } as const,
    ]) {
      const id = `i${fences.length}`;
      const { fence } = await run(store, id);
      fences.push(fence);
      await store.activations.finish({ ...write(id, { fence }), result });
    }

    expect(await ear.first(3)).toEqual([
      { instanceId: "i0", end: { fence: fences[0], result: COMPLETE } },
      { instanceId: "i1", end: { fence: fences[1], result: ERRORED } },
      {
        instanceId: "i2",
        end: { fence: fences[2], result: { status: "complete", output: '"a b\\nc d"' } },
      },
    ]);
  });

  test("a result that is not short is not told, and neither is a termination", async () => {
    const { store, connect } = await setup();
    const ear = await hearEnds(await connect());
    const ofSize = (bytes: number) =>
      ({ status: "complete", output: JSON.stringify("x".repeat(bytes - 2)) }) as const;

    for (const bytes of [TOLD_RESULT_SIZE_LIMIT, TOLD_RESULT_SIZE_LIMIT + 1]) {
      const result = ofSize(bytes);
      await store.activations.finish({
        ...write(`i${bytes}`, await run(store, `i${bytes}`)),
        result,
      });
    }
    await run(store, "terminated");
    await store.commands.terminate("terminated");

    const [short, long, terminated] = await ear.first(3);
    expect(short).toMatchObject({ end: { result: ofSize(TOLD_RESULT_SIZE_LIMIT) } });
    expect(long).toEqual({ instanceId: `i${TOLD_RESULT_SIZE_LIMIT + 1}` });
    expect(terminated).toEqual({ instanceId: "terminated" });
  });

  test("a record tells which ends came before it was read", async () => {
    const { store } = await setup();
    await create(store, "later", { delayMs: LONG_MS });
    const { fence } = await run(store, "a");
    const running = await store.instances.get("a");
    await store.activations.finish({ ...write("a", { fence }), result: COMPLETE });
    const ended = await store.instances.get("a");

    await store.commands.restart("a");

    expect([running?.lastNumber, ended?.lastNumber]).toEqual([fence, fence]);
    expect((await store.instances.get("a"))?.lastNumber).toBeGreaterThan(fence);
    expect((await store.instances.get("later"))?.lastNumber).toBeUndefined();
  });

  test("a worker hears of events and pauses of what it runs, and of no other", async () => {
    const { store, connect } = await setup();
    const ear = await hearControl(await connect(), "mine");
    await run(store, "foreign", { workerId: "other" });
    await suspendUntil(store, "waiting", "go");
    const { fence } = await run(store, "a", { workerId: "mine" });

    await store.commands.sendEvent("foreign", { type: "go" });
    await store.commands.sendEvent("waiting", { type: "go" });
    await store.commands.sendEvent("a", { type: "go" });
    await store.commands.pause("a");
    await store.commands.resume("a");
    await run(store, "last", { workerId: "mine" });
    await store.commands.pause("last");

    const news = { type: "news", instanceId: "a", fence };
    expect(await ear.first(4)).toMatchObject([news, news, news, { instanceId: "last" }]);
  });

  test("a worker hears when what it runs is terminated, restarted or deleted", async () => {
    const { store } = await setup();
    const ear = await hearControl(store, "mine");
    const fences: number[] = [];
    for (const id of ["a", "b", "c"]) {
      fences.push((await run(store, id, { workerId: "mine" })).fence);
    }

    await store.commands.terminate("a");
    await store.commands.restart("b");
    await store.commands.delete("c");

    expect(await ear.first(3)).toMatchObject([
      { type: "revoked", instanceId: "a", fence: fences[0] },
      { type: "revoked", instanceId: "b", fence: fences[1] },
      { type: "revoked", instanceId: "c", fence: fences[2] },
    ]);
  });

  test("a worker that lost its leases hears of it when they are taken over", async () => {
    const { store, passTime } = await setup();
    const ear = await hearControl(store, "mine");
    await run(store, "a", { workerId: "mine", leaseMs: SHORT_MS });
    await passTime(TICK_MS);
    await claim(store, "a", { workerId: "other" });
    await run(store, "b", { workerId: "mine", leaseMs: SHORT_MS });
    await passTime(TICK_MS);

    await store.sweeps.adoptOrphans(10);

    expect(await ear.first(2)).toMatchObject([
      { type: "revoked", instanceId: "a" },
      { type: "revoked", instanceId: "b" },
    ]);
  });

  test("who unsubscribed hears nothing more", async () => {
    const { store } = await setup();
    const ear = new Ear<EndNotice>();
    const other = new Ear<EndNotice>();
    const unsubscribe = await store.notices.onFinished(ear.hear, () => undefined);
    await store.notices.onFinished(other.hear, () => undefined);
    await create(store, "a");
    await create(store, "b");

    unsubscribe();
    await store.commands.terminate("a");
    await store.commands.terminate("b");
    await other.first(2);

    expect(ear.heard).toEqual([]);
  });
}
