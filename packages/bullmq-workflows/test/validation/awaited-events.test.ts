import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ValidationError } from "../../src/index.ts";
import type { Schema, WorkflowStep } from "../../src/index.ts";
import { startBody } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";

const approval = z.object({ by: z.string().transform((name) => name.toUpperCase()) });

/** A schema that is not of any library. */
function schemaOf(validate: Schema["~standard"]["validate"]): Schema {
  return { "~standard": { version: 1, vendor: "nobody", validate } };
}

async function waitFor(step: WorkflowStep, schema: Schema, name = "wait"): Promise<unknown> {
  return (await step.waitForEvent(name, { type: "approval", schema })).payload;
}

/** What code of a workflow sees of an error. */
async function codeOf(wait: Promise<unknown>): Promise<unknown> {
  return await wait.catch((error: ValidationError) => [
    error instanceof ValidationError,
    error.code,
    error.issues.map(({ path }) => path),
  ]);
}

describe.each([1_000, 0])("with %i runs kept in memory", (warmLimit) => {
  test("the wait resolves with what the schema makes of the payload, in a replay too", async () => {
    let checkCount = 0;
    const counting = approval.refine(() => ++checkCount > 0);
    const { instance, end } = await startBody(
      async (step) => {
        const payload = await waitFor(step, counting);
        await step.sleep("nap", "1 hour");
        return payload;
      },
      { warmLimit },
    );

    await instance.sendEvent({ type: "approval", payload: { by: "ada" } });

    expect((await end(instance)).output).toEqual({ by: "ADA" });
    expect(checkCount).toBe(1);
  });

  test("an event that it refuses fails the wait, in every replay, and is gone", async () => {
    const { instance, end } = await startBody(
      async (step) => {
        const refused = await codeOf(waitFor(step, approval));
        await step.sleep("nap", "1 hour");
        return [refused, await waitFor(step, approval, "again")];
      },
      { warmLimit },
    );

    await instance.sendEvent({ type: "approval", payload: { by: 7 } });
    await instance.sendEvent({ type: "approval", payload: { by: "bob" } });

    expect((await end(instance)).output).toEqual([
      [true, "step.invalid_event", [["by"]]],
      { by: "BOB" },
    ]);
  });
});

test("an error that nobody catches says which event, step, workflow and instance", async () => {
  const { instance, end } = await startBody(async (step) => await waitFor(step, approval));

  await instance.sendEvent({ type: "approval" });

  const of = `step "wait-1" of workflow "test", instance "${instance.id}"`;
  expect((await end(instance)).error?.message).toContain(
    `(step.invalid_event) Invalid event "approval" for ${of}: `,
  );
});

test("a schema may take its time, and the instance waits for it", async () => {
  const hold = createLatch();
  const slow = schemaOf(async (value) => {
    await hold.opened;
    return { value: [value] };
  });
  const { clock, instance, end } = await startBody(async (step) => await waitFor(step, slow));
  await instance.sendEvent({ type: "approval", payload: "ada" });
  await clock.settle();
  const before = await instance.status();

  hold.open();

  expect(before.status).toBe("running");
  expect((await end(instance)).output).toEqual(["ada"]);
});

test("one that never answers fails the wait after five seconds", async () => {
  const silent = schemaOf(async () => await new Promise(() => {}));
  const { clock, instance, end } = await startBody(async (step) => await waitFor(step, silent));
  await instance.sendEvent({ type: "approval" });
  const before = clock.now();

  const { error } = await end(instance);

  expect(error?.message).toContain("the schema did not answer within 5 seconds");
  expect(clock.now() - before).toBe(5_000);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("broken schema");
    },
    "threw an error: broken schema",
  ],
  ["rejects", async () => await Promise.reject(new Error("broken")), "threw an error: broken"],
  ["answers nothing", () => undefined, "answered neither a value nor issues"],
  ["makes what cannot be kept", () => ({ value: () => {} }), "Cannot store this value"],
])("one that %s fails the wait", async (_, validate, message) => {
  const schema = schemaOf(validate as Schema["~standard"]["validate"]);
  const { instance, end } = await startBody(async (step) => await waitFor(step, schema));

  await instance.sendEvent({ type: "approval", payload: 1 });

  expect(await end(instance)).toMatchObject({
    status: "errored",
    error: { message: expect.stringContaining(message) as string },
  });
});

test("what is no schema fails the call", async () => {
  const { instance, end } = await startBody(
    async (step) => await waitFor(step, { parse: () => 1 } as unknown as Schema),
  );

  expect((await end(instance)).error?.message).toContain('The schema of "wait" must be a Standard');
});

test("an event that is checked when its wait loses a race goes to the next wait", async () => {
  const hold = createLatch();
  const slow = schemaOf(async (value) => {
    await hold.opened;
    return { value };
  });
  const { instance, clock, end } = await startBody(async (step) => {
    const race = await step.race({
      event: step.waitForEvent("raced", { type: "approval", schema: slow }),
      timer: step.sleep("timer", 1_000),
    });
    hold.open();
    return [race.winner, await waitFor(step, approval, "next")];
  });
  await instance.sendEvent({ type: "approval", payload: { by: "ada" } });
  await instance.sendEvent({ type: "approval", payload: { by: "bob" } });
  await clock.advance(2_000);

  expect((await end(instance)).output).toEqual(["timer", { by: "ADA" }]);
});

test("a pause while an event is checked keeps what came of it", async () => {
  const hold = createLatch();
  const slow = schemaOf(async (value) => {
    await hold.opened;
    return { value };
  });
  const { instance, clock, end } = await startBody(async (step) => {
    const payload = await waitFor(step, slow);
    return await step.do("after", () => payload);
  });
  await instance.sendEvent({ type: "approval", payload: 1 });
  await clock.settle();
  await instance.pause();

  hold.open();
  await clock.settle();
  const paused = await instance.status();
  await instance.resume();

  expect(paused.status).toBe("paused");
  expect((await end(instance)).output).toBe(1);
});

test("an event that was being checked when its worker died is checked again", async () => {
  let checkCount = 0;
  const dying = schemaOf(async (value) => {
    checkCount++;
    return checkCount === 1 ? await new Promise(() => {}) : { value };
  });
  const engine = await startBody(async (step) => await waitFor(step, dying), {
    leaseMs: 1_000,
    sweepIntervalMs: 100,
  });
  await engine.instance.sendEvent({ type: "approval", payload: "ada" });
  await engine.clock.settle();

  engine.workers[0]?.abandon();
  await engine.addWorker();

  expect((await engine.end(engine.instance)).output).toBe("ada");
  expect(checkCount).toBe(2);
});
