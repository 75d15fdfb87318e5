/** Alarms that are set ring when they are due. */
import { expect, test } from "vitest";
import { alarm, request } from "./bundle.ts";
import type { SetUp } from "./bundle.ts";

export function alarmTests(setup: SetUp): void {
  test("an alarm that is due rings, and again the next time", async () => {
    const { dispatcher, activations, passMinute } = await setup();
    await dispatcher.setAlarms([alarm("a")]);
    await dispatcher.consume(activations.pass, 1, activations.pass);

    await passMinute();
    await activations.seen("a");
    await passMinute();

    await activations.count(2);
    expect(activations.ids).toEqual(["a", "a"]);
  });

  test("an alarm that is set twice, by whomever, rings once", async () => {
    const { dispatcher, activations, connect, passMinute, countAlarms } = await setup();
    await dispatcher.setAlarms([alarm("a"), alarm("b")]);
    await (await connect()).setAlarms([alarm("a"), alarm("b")]);
    await dispatcher.consume(activations.pass, 1, activations.pass);

    await passMinute();

    await activations.seen("a", "b");
    expect(activations.ids.toSorted()).toEqual(["a", "b"]);
    expect(await countAlarms()).toBe(2);
  });

  test("setting alarms takes those away that are not among them", async () => {
    const { dispatcher, activations, passMinute, countAlarms } = await setup();
    await dispatcher.setAlarms([alarm("a"), alarm("b")]);

    await dispatcher.setAlarms([alarm("b"), alarm("0 9 * * MON#2 Europe/Berlin")]);
    await dispatcher.consume(activations.pass, 1, activations.pass);

    expect(await countAlarms()).toBe(2);
    await passMinute();
    await activations.seen("b");
    expect(activations.ids).not.toContain("a");
  });

  test("one that is due before anyone consumes rings when somebody does", async () => {
    const { dispatcher, activations, passMinute } = await setup();
    await dispatcher.setAlarms([alarm("a")]);
    await passMinute();

    await dispatcher.consume(activations.pass, 1, activations.pass);

    await activations.seen("a");
    expect(activations.ids).toEqual(["a"]);
  });

  test("one that rings in vain rings the next time", async () => {
    const { dispatcher, activations, passMinute } = await setup();
    await dispatcher.setAlarms([alarm("a")]);
    await dispatcher.consume(activations.pass, 1, activations.fail);

    await passMinute();
    await activations.seen("a");
    await passMinute();

    await activations.count(2);
    expect(activations.ids).toEqual(["a", "a"]);
  });

  test("whoever consumes without listening hears no alarm, and is not disturbed by one", async () => {
    const { dispatcher, activations, passMinute } = await setup();
    await dispatcher.setAlarms([alarm("a")]);
    await dispatcher.consume(activations.pass, 1);

    await passMinute();
    await dispatcher.dispatch([request("after")]);

    await activations.seen("after");
    expect(activations.ids).toEqual(["after"]);
  });
}
