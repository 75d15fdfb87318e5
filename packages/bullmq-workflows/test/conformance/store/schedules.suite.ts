import { expect, test } from "vitest";
import { claim, idsOf, LONG_MS, statusOf, TICK_MS } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { CRON, declaration, keysOf, mustFire, newSchedule, setUpDue } from "./schedule-bundle.ts";

const older = declaration(newSchedule(), newSchedule({ cron: "0 1 * * *" }));
const newer = declaration(newSchedule(), newSchedule({ cron: "0 2 * * *" }));
const none = declaration();

export function declarationTests(setup: SetUp): void {
  test("before any declaration nothing is in force", async () => {
    const { store } = await setup();

    expect(await store.schedules.inForce()).toEqual({
      digest: "",
      states: [],
      now: expect.any(Number),
      isContested: false,
      hasChanged: false,
    });
  });

  test("what is declared is in force as it was given, and fires from now on", async () => {
    const { store, connect } = await setup();
    const schedule = newSchedule({ timezone: "Europe/Berlin", params: '"ü€😀\\n\\""' });

    const declared = await store.schedules.declareSchedules(declaration(schedule));

    expect(declared.states).toEqual([{ schedule, firedUntil: declared.now }]);
    expect(await (await connect()).schedules.inForce()).toMatchObject({ states: declared.states });
  });

  test("a declaration that is first heard of later is in force, an older one that is repeated is not", async () => {
    const { store, connect, passTime } = await setup();
    const other = await connect();
    await store.schedules.declareSchedules(older);
    await passTime(TICK_MS);

    const declared = await other.schedules.declareSchedules(newer);
    await passTime(TICK_MS);
    const repeated = await store.schedules.declareSchedules(older);

    expect(keysOf(declared)).toEqual(keysOf(repeated));
    expect(keysOf(repeated)).toEqual([CRON, "0 2 * * *"]);
    expect(repeated).toMatchObject({ digest: newer.digest, isContested: true });
  });

  test("whoever puts another declaration in force is told so, and nobody else", async () => {
    const { store, passTime } = await setup();
    const answers = [];
    for (const declared of [older, older, newer, older, newer]) {
      answers.push((await store.schedules.declareSchedules(declared)).hasChanged);
      await passTime(TICK_MS);
    }

    expect(answers).toEqual([true, false, true, false, false]);
  });

  test("a schedule that stays goes on from where it was", async () => {
    const { store, passTime } = await setup();
    const [before] = (await store.schedules.declareSchedules(older)).states;
    await passTime(TICK_MS);

    const { states } = await store.schedules.declareSchedules(newer);

    expect(states[0]?.firedUntil).toBe(before?.firedUntil);
    expect(states[1]?.firedUntil).toBeGreaterThan(before?.firedUntil ?? Infinity);
  });

  test("a deployment without schedules takes those of an older one away", async () => {
    const { store, passTime } = await setup();
    await store.schedules.declareSchedules(older);
    await passTime(TICK_MS);

    const declared = await store.schedules.declareSchedules(none);

    expect(declared).toMatchObject({ states: [], isContested: true });
    expect(keysOf(await store.schedules.declareSchedules(older))).toEqual([]);
  });

  test("declaring nothing where nothing was declared leaves nothing behind", async () => {
    const { store } = await setup();

    await store.schedules.declareSchedules(none);

    expect(await store.schedules.declareSchedules(older)).toMatchObject({ isContested: false });
  });
}

export function firingTests(setup: SetUp): void {
  test("a firing creates one instance per time, and asks for it to be run", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "allow", 2);

    const outcome = await fire(...times);

    expect(outcome).toMatchObject({ createdCount: 2, skippedCount: 0, firedUntil: times[1] });
    expect(idsOf(outcome.requests)).toEqual(ids);
    expect(await store.instances.get(String(ids[0]))).toMatchObject({
      status: "queued",
      params: '{"by":"schedule"}',
    });
    expect((await store.schedules.inForce()).states).toMatchObject([{ firedUntil: times[1] }]);
  });

  test("fired again, by whomever, it creates nothing, and asks for what nobody has claimed", async () => {
    const { store, connect, request, fire, times, ids } = await setUpDue(setup, "allow", 2);
    await fire(...times);
    await claim(store, String(ids[0]));

    const again = await mustFire(await connect(), request);

    expect(again).toMatchObject({ createdCount: 0, firedUntil: times[1] });
    expect(idsOf(again.requests)).toEqual([ids[1]]);
  });

  test("one that was deleted does not come back", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "allow", 1);
    await fire(...times);
    await store.commands.delete(String(ids[0]));

    expect(await fire(...times)).toMatchObject({ createdCount: 0, requests: [] });
    expect(await store.instances.get(String(ids[0]))).toBeUndefined();
  });

  test("what is still to come by the store's clock is left for later", async () => {
    const { store, fire, times } = await setUpDue(setup, "allow", 1);
    const { now } = await store.schedules.inForce();

    const outcome = await fire(...times, now + LONG_MS);

    expect(outcome).toMatchObject({ createdCount: 1, firedUntil: times[0] });
  });

  test("what is left out is over, up to now at most", async () => {
    const { store, request, times } = await setUpDue(setup, "allow", 3);

    const skipping = await mustFire(store, { ...request, times: [], until: Number(times[1]) });
    const rest = await mustFire(store, { ...request, until: Infinity });

    expect(skipping).toMatchObject({ createdCount: 0, firedUntil: times[1] });
    expect(rest).toMatchObject({ createdCount: 1, firedUntil: rest.now });
  });

  test("nothing is fired of what is not in force any more", async () => {
    const { store, request, ids } = await setUpDue(setup, "allow", 1);
    await store.schedules.declareSchedules(newer);

    expect(await store.schedules.fire(request)).toEqual({ type: "changed" });
    expect(await store.instances.get(String(ids[0]))).toBeUndefined();
  });

  test("a firing goes behind what waits for a slot", async () => {
    const { store, fire, times, ids } = await setUpDue(setup, "allow", 2);
    await store.configure({ concurrencyLimit: 1 });

    const outcome = await fire(...times);

    expect(idsOf(outcome.requests)).toEqual([ids[0]]);
    expect(await statusOf(store, String(ids[1]))).toBe("queued");
  });
}
