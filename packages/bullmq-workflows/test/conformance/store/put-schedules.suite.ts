import { expect, test } from "vitest";
import { PUT_PREFIX } from "../../../src/engine/ports/schedules.ts";
import type { ScheduleDeclaration } from "../../../src/engine/ports/schedules.ts";
import { TICK_MS } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";
import { declaration, keysOf, mustFire, newSchedule } from "./schedule-bundle.ts";

const PUT_CRON = "15 7 * * *";

function put(...crons: readonly string[]): ScheduleDeclaration {
  const declared = declaration(...crons.map((cron) => newSchedule({ cron })));
  return { ...declared, digest: `${PUT_PREFIX}${declared.digest}` };
}

const NONE = declaration();

export function putTests(setup: SetUp): void {
  test("schedules that are put there are in force, whatever code there was", async () => {
    const { store, passTime } = await setup();
    await store.schedules.declareSchedules(declaration(newSchedule()));
    await passTime(TICK_MS);

    const changed = await store.schedules.putSchedules(put(PUT_CRON));

    expect(keysOf(changed)).toEqual([PUT_CRON]);
    expect(changed.hasChanged).toBe(true);
    await passTime(TICK_MS);
    expect(keysOf(await store.schedules.declareSchedules(declaration(newSchedule())))).toEqual([
      PUT_CRON,
    ]);
    expect(keysOf(await store.schedules.inForce())).toEqual([PUT_CRON]);
  });

  test("others take their place, and what both have goes on", async () => {
    const { store, passTime } = await setup();
    const { now } = await store.schedules.putSchedules(put(PUT_CRON));
    await passTime(TICK_MS);
    const schedule = newSchedule({ cron: PUT_CRON });
    const { digest } = put(PUT_CRON);
    const fired = await mustFire(store, { digest, schedule, times: [now + 1], until: 0 });

    const after = await store.schedules.putSchedules(put("0 0 * * *", PUT_CRON));

    expect(keysOf(after)).toEqual(["0 0 * * *", PUT_CRON]);
    expect(after.isContested).toBe(false);
    const [, state] = after.states;
    expect(state?.firedUntil).toBe(fired.firedUntil);
  });

  test("code that has others, and comes later, has the say", async () => {
    const { store, passTime } = await setup();
    await store.schedules.putSchedules(put(PUT_CRON));
    await passTime(TICK_MS);

    const after = await store.schedules.declareSchedules(declaration(newSchedule()));

    expect(keysOf(after)).toEqual([newSchedule().key]);
  });

  test("code without any has nothing to say against them", async () => {
    const { store, passTime } = await setup();
    await store.schedules.putSchedules(put(PUT_CRON));
    await passTime(TICK_MS);

    expect(keysOf(await store.schedules.declareSchedules(NONE))).toEqual([PUT_CRON]);
  });

  test("without them, those of code that is there come back into force", async () => {
    const { store } = await setup();
    await store.schedules.declareSchedules(declaration(newSchedule()));
    await store.schedules.putSchedules(put(PUT_CRON));

    expect(keysOf(await store.schedules.putSchedules(undefined))).toEqual([newSchedule().key]);
  });

  test("without them and without code nothing is in force", async () => {
    const { store } = await setup();
    await store.schedules.putSchedules(put(PUT_CRON));

    const none = await store.schedules.putSchedules(undefined);

    expect(none).toMatchObject({ digest: "", states: [], hasChanged: true, isContested: false });
    expect(await store.schedules.declareSchedules(NONE)).toMatchObject({
      states: [],
      hasChanged: false,
    });
    expect(await store.schedules.putSchedules(undefined)).toMatchObject({
      states: [],
      hasChanged: false,
    });
  });
}
