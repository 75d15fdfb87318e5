import { expect, test } from "vitest";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";

/** Runs this twice: the second time after a day, as a replay by a worker with maybe other code. */
async function runAcrossReplay(first: Body, second: Body = first) {
  const withPause =
    (body: Body): Body =>
    async (step, event) => {
      const output = await body(step, event);
      await step.sleep("the day", "1 day");
      return output;
    };
  const engine = await startBody(withPause(first));
  await engine.replaceWorkers({ workflowClass: workflowOf(withPause(second)) });
  const status = await engine.end(engine.instance);
  return { ...engine, ...status };
}

describeOnBoth(({ run }) => {
  test("a step that has completed is not run again in a replay", async () => {
    const ran: string[] = [];
    const { output } = await run(
      async (step) => {
        const a = await step.do("a", () => ran.push("a"));
        await step.sleep("s", 100);
        const b = await step.do("b", () => ran.push("b"));
        return [a, b];
      },
      { isCold: true },
    );

    expect([ran, output]).toEqual([
      ["a", "b"],
      [1, 2],
    ]);
  });

  test("the same name again is another step, told apart by its occurrence", async () => {
    const { output } = await run(async (step) => {
      const results: number[] = [];
      for (const n of [1, 2, 3])
        results.push(await step.do("a", ({ step: { count } }) => n * count));
      return results;
    });

    expect(output).toEqual([1, 4, 9]);
  });
});

test.each([[0], [false], [""], [null], [undefined]])(
  "the result %j is cached like any other",
  async (result) => {
    let calls = 0;
    const seen: unknown[] = [];
    await runAcrossReplay(async (step) => {
      const value = await step.do("a", () => {
        calls++;
        return result;
      });
      seen.push(value);
    });

    expect([calls, seen]).toEqual([1, [result, result]]);
  },
);

test("the same name may be used for a do, a sleep, a sleepUntil and a waitForEvent", async () => {
  const { end, instance } = await startBody(async (step, event) => {
    const result = await step.do("x", () => "did");
    await step.sleep("x", "1 minute");
    await step.sleepUntil("x", new Date(event.timestamp.getTime() + 120_000));
    const received = await step.waitForEvent("x", { type: "x" });
    return [result, received.type];
  });
  await instance.sendEvent({ type: "x" });

  const { output } = await end(instance);

  expect(output).toEqual(["did", "x"]);
});

test("every kind counts its names by itself", async () => {
  const { history, instance, end } = await startBody(async (step) => {
    await step.do("x", () => 1);
    await step.sleep("x", 1);
    await step.do("x", () => 1);
    await step.sleep("x", 1);
  });
  await end(instance);

  const names = (await history(instance)).flatMap((entry) =>
    "step" in entry && entry.type.endsWith("completed") ? [`${entry.type} ${entry.step}`] : [],
  );

  expect(names).toEqual([
    "step_completed x-1",
    "sleep_completed x-1",
    "step_completed x-2",
    "sleep_completed x-2",
  ]);
});

test("a replay adds nothing to the history of what has completed", async () => {
  const { history, instance } = await runAcrossReplay(
    async (step) => await step.do("a", () => "done"),
  );

  const types = (await history(instance)).map(({ type }) => type);

  expect(types).toEqual([
    "step_completed",
    "sleep_started",
    "sleep_completed",
    "workflow_completed",
  ]);
});

test("a step that moved in the code keeps its result while name and occurrence stay the same", async () => {
  const { output } = await runAcrossReplay(
    async (step) => {
      await step.do("a", () => "old a");
      await step.do("b", () => "old b");
    },
    async (step) => {
      const b = await step.do("b", () => "new b");
      const a = await step.do("a", () => "new a");
      return [a, b];
    },
  );

  expect(output).toEqual(["old a", "old b"]);
});

test("a step that the code has now and had not before runs", async () => {
  const { output } = await runAcrossReplay(
    async (step) => await step.do("a", () => "old a"),
    async (step) => [await step.do("new", () => "new"), await step.do("a", () => "new a")],
  );

  expect(output).toEqual(["new", "old a"]);
});

test("a step that the code has no more is ignored", async () => {
  const { status, output } = await runAcrossReplay(
    async (step) => {
      await step.do("gone", () => 1);
      await step.do("a", () => "old a");
    },
    async (step) => await step.do("a", () => "new a"),
  );

  expect([status, output]).toEqual(["complete", "old a"]);
});

test("a step that was renamed runs under its new name", async () => {
  const { output } = await runAcrossReplay(
    async (step) => await step.do("old name", () => "old"),
    async (step) => await step.do("new name", () => "new"),
  );

  expect(output).toBe("new");
});

test("a step resolves with a clone: what is done to it does not reach what is stored", async () => {
  const { output } = await runAcrossReplay(async (step: WorkflowStep) => {
    const list = await step.do("a", () => [1]);
    return list.push(2);
  });

  expect(output).toBe(2);
});

test("a step resolves with a clone: it is not the object that the callback returned", async () => {
  const returned = { n: 1 };
  let resolved: unknown;
  const { end, instance } = await startBody(async (step) => {
    resolved = await step.do("a", () => returned);
  });

  await end(instance);

  expect(resolved).toEqual(returned);
  expect(resolved).not.toBe(returned);
});

test("the display name of a step is its name and its occurrence", async () => {
  const { history, instance } = await startBody(async (step) => {
    await step.do("fetch data", () => 1);
    await step.do("fetch data", () => 1);
  });

  const steps = (await history(instance)).flatMap((entry) => ("step" in entry ? [entry.step] : []));

  expect(steps).toEqual(["fetch data-1", "fetch data-2"]);
});

test("names that end like an occurrence are not confused", async () => {
  const { end, instance } = await startBody(async (step) => [
    await step.do("a", () => "a, first"),
    await step.do("a-1", () => "a-1, first"),
    await step.do("a", () => "a, second"),
    await step.do("a-1-1", () => "a-1-1, first"),
  ]);

  const { output } = await end(instance);

  expect(output).toEqual(["a, first", "a-1, first", "a, second", "a-1-1, first"]);
});
