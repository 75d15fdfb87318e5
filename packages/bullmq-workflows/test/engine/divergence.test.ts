import { expect, test } from "vitest";
import { NonDeterminismError } from "../../src/model/errors.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngineOptions } from "../support/memory-engine.ts";

type Code = (step: WorkflowStep) => Promise<unknown>;

const MESSAGE = "the code asks for other steps than the history has";

/** Runs `before` for an hour's sleep, then `after` over its history. */
async function change(before: Code, after: Code, options: MemoryEngineOptions = {}) {
  const engine = await startBody(before, options);
  await engine.replaceWorkers({ workflowClass: workflowOf(after) });
  const status = await engine.end(engine.instance);
  const reports = engine.logs.filter(({ message }) => message === MESSAGE);
  return { ...engine, ...status, reports };
}

async function doSteps(step: WorkflowStep, ...names: string[]): Promise<string[]> {
  const done: string[] = [];
  for (const name of names) done.push(await step.do(name, () => name));
  return done;
}

/** The steps of this name, with a sleep of an hour after the first. */
function withSleep(...names: string[]): Code {
  return async (step) => {
    const [first = "", ...rest] = names;
    const done = await doSteps(step, first);
    await step.sleep("nap", "1 hour");
    return [...done, ...(await doSteps(step, ...rest))];
  };
}

const CHANGES: readonly (readonly [string, Code, Code, string | undefined, string | undefined])[] =
  [
    [
      "removed",
      async (step) => {
        await doSteps(step, "a", "b");
        await step.sleep("nap", "1 hour");
      },
      async (step) => {
        await doSteps(step, "b");
        await step.sleep("nap", "1 hour");
      },
      "a-1",
      "b-1",
    ],
    [
      "removed at the end",
      async (step) => {
        await doSteps(step, "a");
        await step.sleep("nap", "1 hour");
      },
      async (step) => void (await doSteps(step, "a")),
      "nap-1",
      undefined,
    ],
    [
      "added",
      withSleep("a"),
      async (step) => {
        await doSteps(step, "new", "a");
        await step.sleep("nap", "1 hour");
      },
      "a-1",
      "new-1",
    ],
    ["renamed", withSleep("a"), withSleep("b"), "a-1", "b-1"],
    [
      "reordered",
      async (step) => {
        await doSteps(step, "a", "b");
        await step.sleep("nap", "1 hour");
      },
      async (step) => {
        await doSteps(step, "b", "a");
        await step.sleep("nap", "1 hour");
      },
      "a-1",
      "b-1",
    ],
  ];

test.each(CHANGES)(
  "a step that was %s is logged with both names",
  async (...[, before, after, recorded, asked]) => {
    const { reports, status } = await change(before, after);

    expect(status).toBe("complete");
    expect(reports).toHaveLength(1);
    expect(reports[0]?.facts).toMatchObject({ workflow: "test", recorded, asked });
  },
);

test.each(CHANGES)(
  "a step that was %s fails the instance in strict mode, with both names",
  async (...[, before, after, recorded, asked]) => {
    const { instance } = await change(before, after, { determinism: "strict" });

    const error: unknown = await instance.result().catch((error: unknown) => error);

    expect(error).toBeInstanceOf(NonDeterminismError);
    expect(error).toMatchObject({ code: "replay.diverged" });
    expect([(error as NonDeterminismError).recorded, (error as NonDeterminismError).asked]).toEqual(
      [recorded, asked],
    );
  },
);

test("in strict mode the step that differs is not run, nor any after it", async () => {
  const ran: string[] = [];
  const { status } = await change(
    withSleep("a"),
    async (step) => {
      await step.do("other", () => ran.push("other"));
      await step.do("next", () => ran.push("next"));
    },
    { determinism: "strict" },
  );

  expect([status, ran]).toEqual(["errored", []]);
});

test("in strict mode the failure cannot be caught", async () => {
  const { status } = await change(
    withSleep("a"),
    async (step) => await step.do("other", () => 1).catch(() => "caught"),
    { determinism: "strict" },
  );

  expect(status).toBe("errored");
});

test.each(["log", "strict"] as const)(
  "the same code does not diverge (%s)",
  async (determinism) => {
    const same: Code = async (step) => {
      await doSteps(step, "a", "a");
      const [first] = await Promise.all([step.do("p", () => 1), step.sleep("nap", "1 hour")]);
      await step.do("outer", async () => await step.do("inner", () => first));
      await step.sleep("nap", "1 hour");
      await step.race({ x: step.sleep("x", "1 hour"), y: step.waitForEvent("y", { type: "y" }) });
      return "done";
    };

    const { reports, output } = await change(same, same, { determinism, warmLimit: 0 });

    expect([output, reports]).toEqual(["done", []]);
  },
);

test("code that only has more steps at its end does not diverge", async () => {
  const { reports, output } = await change(withSleep("a"), withSleep("a", "b"));

  expect([output, reports]).toEqual([["a", "b"], []]);
});

test("a replay does not wait for ever for a recorded step that the code asks for no more", async () => {
  const before: Code = async (step) => {
    await Promise.all([step.do("first", () => 1), step.do("second", () => 2)]);
    await step.sleep("nap", "1 hour");
  };
  const after: Code = async (step) => await step.do("second", () => "not again");

  const { output } = await change(before, after);

  expect(output).toBe(2);
});

test("a replay waits a second at most for a step whose branch is on its way elsewhere", async () => {
  let isFirstPass = true;
  const code: Code = async (step) => {
    const slow = async (): Promise<unknown> => {
      if (!isFirstPass) await new Promise(() => {});
      return await step.do("slow", () => 1);
    };
    const branch = slow();
    await Promise.resolve();
    if (isFirstPass) await branch;
    isFirstPass = false;
    const quick = await step.do("quick", () => "quick");
    await step.sleep("nap", "1 hour");
    return quick;
  };

  const { output } = await change(code, code);

  expect(output).toBe("quick");
});

test("a step that was passed over is answered from the record when it is asked for after all", async () => {
  let isFirstPass = true;
  const ran: string[] = [];
  const code = workflowOf(async (step) => {
    const slow = async (): Promise<unknown> => {
      const late = new Promise<void>((resolve) => void engine.clock.after(5_000, resolve));
      if (!isFirstPass) await late;
      return await step.do("slow", () => ran.push("slow"));
    };
    const branch = slow();
    if (isFirstPass) await branch;
    isFirstPass = false;
    await step.do("quick", () => ran.push("quick"));
    await step.sleep("nap", "1 hour");
    return await branch;
  });
  const engine = await startMemoryEngine(code, { warmLimit: 0 });

  const { output } = await engine.end(await engine.workflow.create());

  expect([ran, output]).toEqual([["slow", "quick"], 1]);
});

test("a step that comes earlier than before, where the history has none, is logged", async () => {
  const before: Code = async (step) => {
    await Promise.all([
      step.do("not on record", () => new Promise(() => {})),
      step.sleep("nap", 60_000),
    ]);
  };
  const engine = await startBody(before, { leaseMs: 10_000, sweepIntervalMs: 1_000 });
  engine.workers[0]?.abandon();
  await engine.addWorker({
    workflowClass: workflowOf(async (step) => await step.sleep("nap", 60_000)),
  });

  const { status } = await engine.end(engine.instance);

  expect(status).toBe("complete");
  const [report] = engine.logs.filter(({ message }) => message === MESSAGE);
  expect(report?.facts).toMatchObject({ recorded: undefined, asked: "nap-1" });
});
