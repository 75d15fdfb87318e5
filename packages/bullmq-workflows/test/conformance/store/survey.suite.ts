import { expect, test } from "vitest";
import {
  COMPLETE,
  LONG_MS,
  SHORT_MS,
  TICK_MS,
  create,
  run,
  suspendUntil,
  write,
} from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

const NONE = { count: 0, overdueCount: 0 };

const request = { overdueMs: 0, limit: 10 };

export function surveyTests(setup: SetUp): void {
  test("a survey of nothing finds nothing", async () => {
    const { store } = await setup();

    expect(await store.insights.survey(request)).toEqual({
      now: expect.any(Number),
      pending: NONE,
      leases: NONE,
      timers: NONE,
      expiry: NONE,
      backlogCount: 0,
      outboxCount: 0,
      strayIds: [],
      ghostIds: [],
    });
  });

  test("a survey counts where instances are, and finds none of them astray", async () => {
    const { store } = await setup();
    await store.configure({ concurrencyLimit: 3 });
    await create(store, "delayed", { delayMs: LONG_MS });
    await run(store, "running");
    await suspendUntil(store, "waiting", "go");
    await create(store, "paused");
    await store.commands.pause("paused");
    await store.activations.finish({
      ...write("complete", await run(store, "complete")),
      result: COMPLETE,
    });
    await store.activations.startRollback(write("rollingBack", await run(store, "rollingBack")));
    await create(store, "pending");
    await create(store, "held-back");

    const { now, pending, leases, timers, expiry, ...rest } = await store.insights.survey(request);

    expect(rest).toEqual({
      backlogCount: 1,
      concurrencyLimit: 3,
      outboxCount: 0,
      strayIds: [],
      ghostIds: [],
    });
    expect(pending).toMatchObject({ count: 1 });
    expect(pending.firstAt).toBeLessThanOrEqual(now);
    for (const place of [leases, timers, expiry]) {
      expect(place).toMatchObject({ overdueCount: 0 });
      expect(place.firstAt).toBeGreaterThan(now);
    }
    expect([leases.count, timers.count, expiry.count]).toEqual([2, 1, 1]);
  });

  test("what is later than it may be is overdue", async () => {
    const { store, passTime } = await setup();
    await run(store, "orphan", { leaseMs: SHORT_MS });
    await create(store, "ignored");
    await create(store, "late", { delayMs: SHORT_MS });
    await passTime(TICK_MS);

    const late = await store.insights.survey({ overdueMs: 0, limit: 1 });
    const patient = await store.insights.survey({ overdueMs: LONG_MS, limit: 1 });

    for (const place of ["pending", "leases", "timers"] as const) {
      expect(late[place]).toMatchObject({ count: 1, overdueCount: 1 });
      expect(patient[place]).toMatchObject({ count: 1, overdueCount: 0 });
    }
  });
}
