import { expect, test } from "vitest";
import { claim, claimRequest, COMPLETE, idsOf, requested, statusOf, write } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { setUpDue } from "./schedule-bundle.ts";

export function overlapTests(setup: SetUp): void {
  test("with `skip` nothing is created while an earlier one is unfinished", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "skip", 3);
    const [first = "", second = "", third = ""] = ids;

    const both = await fire(...times.slice(0, 2));
    const claimed = await claim(store, first);
    await store.activations.finish({ ...write(first, claimed), result: COMPLETE });
    const last = await fire(...times);

    expect(both).toMatchObject({ createdCount: 1, skippedCount: 1 });
    expect(await store.instances.get(second)).toBeUndefined();
    expect(last).toMatchObject({ createdCount: 1, skippedCount: 0 });
    expect(idsOf(last.requests)).toEqual([third]);
  });

  test.each(["pause", "terminate", "delete"] as const)(
    "what was skipped stays so after a %s of the earlier one",
    async (verb) => {
      const { store, fire, times, ids } = await setUpDue(setup, "skip", 3);
      await fire(...times.slice(0, 2));

      await store.commands[verb](String(ids[0]));
      const outcome = await fire(...times);

      const isOver = verb !== "pause";
      expect(outcome).toMatchObject({ createdCount: isOver ? 1 : 0, skippedCount: isOver ? 0 : 1 });
    },
  );

  test("with `queue` one starts when those before it have ended, one at a time", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 3);
    const [first = "", second = "", third = ""] = ids;

    const fired = await fire(...times);
    const refused = await store.activations.claim(claimRequest(second));
    const finished = await store.activations.finish({
      ...write(first, await claim(store, first)),
      result: COMPLETE,
    });
    const terminated = await store.commands.terminate(second);

    expect(fired).toMatchObject({ createdCount: 3 });
    expect(idsOf(fired.requests)).toEqual([first]);
    expect(refused).toMatchObject({ type: "refused", reason: "waiting" });
    expect(requested(finished)).toEqual([second]);
    expect(requested(terminated)).toEqual([third]);
  });

  test("with `queue` a slot of the limit is taken only by the one whose turn it is", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await store.configure({ concurrencyLimit: 1 });
    await fire(...times);

    const finished = await store.activations.finish({
      ...write(first, await claim(store, first)),
      result: COMPLETE,
    });

    expect(requested(finished)).toEqual([second]);
    await claim(store, second);
  });

  test("deleting the one that runs lets the next one run; deleting one that is held, nobody", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 3);
    const [first = "", second = "", third = ""] = ids;
    await fire(...times);

    expect(requested(await store.commands.delete(second))).toEqual([]);
    expect(requested(await store.commands.delete(first))).toEqual([third]);
  });

  test("one that is held can be terminated", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);

    await store.commands.terminate(second);
    const finished = await store.commands.terminate(first);

    expect(await statusOf(store, second)).toBe("terminated");
    expect(requested(finished)).toEqual([]);
  });

  test("one that is held and paused lets others go first, and takes its turn when it is resumed", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 3);
    const [first = "", second = "", third = ""] = ids;
    await fire(...times);
    await store.commands.pause(second);

    const ended = await store.commands.terminate(first);
    const resumed = await store.commands.resume(second);
    const next = await store.commands.terminate(third);

    expect(requested(ended)).toEqual([third]);
    expect(requested(resumed)).toEqual([]);
    expect(await statusOf(store, second)).toBe("queued");
    expect(requested(next)).toEqual([second]);
  });

  test("one that was held, paused and resumed when nobody was left runs at once", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);
    await store.commands.pause(second);
    await store.commands.terminate(first);

    expect(requested(await store.commands.resume(second))).toEqual([second]);
  });

  test("a paused one that has its turn keeps the others waiting", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);

    await store.commands.pause(first);

    expect(await store.activations.claim(claimRequest(second))).toMatchObject({
      reason: "waiting",
    });
    expect(requested(await store.commands.resume(first))).toEqual([first]);
  });

  test("one that is restarted while another runs waits for that", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);
    await store.commands.terminate(first);

    const restarted = await store.commands.restart(first);
    const ended = await store.commands.terminate(second);

    expect(requested(restarted)).toEqual([]);
    expect(requested(ended)).toEqual([first]);
  });

  test("the one that runs can be restarted, and one that is held", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);

    expect(requested(await store.commands.restart(second))).toEqual([]);
    expect(requested(await store.commands.restart(first))).toEqual([first]);
    expect(requested(await store.commands.terminate(first))).toEqual([second]);
  });

  test("one that is held runs at the first firing under `allow`, though somebody is always active", async () => {
    const { store, fire, times, ids, refire } = await setUpDue(setup, "queue", 5);
    const [first = "", second = "", third = "", fourth = "", fifth = ""] = ids;
    await fire(...times.slice(0, 3));

    const released = await refire("allow", ...times.slice(0, 4));
    const queued = await refire("queue", ...times);

    expect(idsOf(released.requests).slice(0, 2)).toEqual([second, third]);
    expect(idsOf(released.requests)).toContain(fourth);
    expect(queued).toMatchObject({ createdCount: 1 });
    expect(idsOf(queued.requests)).not.toContain(fifth);
    for (const id of [first, second, third]) {
      const ended = await store.activations.finish({
        ...write(id, await claim(store, id)),
        result: COMPLETE,
      });
      expect(requested(ended)).toEqual([]);
    }
    expect(requested(await store.commands.terminate(fourth))).toEqual([fifth]);
  });

  test("a worker's crash changes nothing in the line", async () => {
    const { store, fire, times, ids, passTime } = await setUpDue(setup, "queue", 2);
    const [first = "", second = ""] = ids;
    await fire(...times);
    await claim(store, first, { leaseMs: 1 });
    await passTime(5);

    expect(idsOf(await store.sweeps.adoptOrphans(10))).toEqual([first]);
    expect(await store.activations.claim(claimRequest(second))).toMatchObject({
      reason: "waiting",
    });
  });
}
