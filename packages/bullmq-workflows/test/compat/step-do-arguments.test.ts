import { expect, test } from "vitest";
import type { WorkflowStep, WorkflowStepContext } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";

/** `step.do` without its types, for what types forbid. */
type LooseDo = (...parameters: unknown[]) => Promise<unknown>;

const DOCS = "https://developers.cloudflare.com/workflows/build/sleeping-and-retrying/";

/** How a call of `step.do` is refused, as user code catches it. */
async function refusalOf(...parameters: unknown[]): Promise<unknown> {
  const { end, instance } = await startBody(async (step) => {
    try {
      return await (step.do as LooseDo)(...parameters);
    } catch (error) {
      return [(error as Error).name, (error as Error).message];
    }
  });
  return (await end(instance)).output;
}

async function resultOf(call: (step: { do: LooseDo }) => Promise<unknown>): Promise<unknown> {
  const { end, instance } = await startBody(async (step) => await call(step as { do: LooseDo }));
  return (await end(instance)).output;
}

describeOnBoth(({ run }) => {
  test("the second argument is the callback when it is a function", async () => {
    const { output } = await run(async (step) => await step.do("a", async () => 1));

    expect(output).toBe(1);
  });

  test("the second argument is the config when it is not a function", async () => {
    const { output } = await run(
      async (step) =>
        await step.do("a", { timeout: "1 minute" }, async (ctx) => ctx.config.timeout),
    );

    expect(output).toBe("1 minute");
  });
});

test.each([[null], [undefined]])("a config of %s is {}", async (config) => {
  const output = await resultOf(async (step) => await step.do("a", config, () => 1));

  expect(output).toBe(1);
});

test("the callback may be sync: what it returns is the result", async () => {
  const output = await resultOf(async (step) => await step.do("a", () => "sync"));

  expect(output).toBe("sync");
});

test("the callback may be sync: what it throws fails the attempt", async () => {
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("a", { retries: { limit: 1, delay: 0 } }, ({ attempt }) => {
        if (attempt === 1) throw new Error("first");
        return attempt;
      }),
  );

  const { output } = await end(instance);

  expect(output).toBe(2);
});

test("the callback receives exactly one argument", async () => {
  const output = await resultOf(
    async (step) => await step.do("a", (...given: unknown[]) => given.length),
  );

  expect(output).toBe(1);
});

test.each([
  ["no callback", ["a"]],
  ["a config without a callback", ["a", {}]],
  ["a callback that is no function", ["a", {}, "callback"]],
])("a do with %s requires a callback function", async (_, parameters) => {
  const refusal = await refusalOf(...parameters);

  expect(refusal).toEqual(["WorkflowFatalError", 'Step "a" requires a callback function']);
});

test.each([[[]], ["text"], [null], [1]])(
  "rollback options of %j must be an object",
  async (options) => {
    const refusal = await refusalOf("a", () => 1, options);

    expect(refusal).toEqual(["WorkflowFatalError", 'Rollback options for "a" must be an object']);
  },
);

test.each([[{}], [{ rollback: "undo" }]])(
  "a rollback in %j must be a function",
  async (options) => {
    const refusal = await refusalOf("a", {}, () => 1, options);

    expect(refusal).toEqual(["WorkflowFatalError", 'Rollback for "a" must be a function']);
  },
);

test.each([[{ retries: { limit: 1 } }], [{ timeout: 0 }], [{ unknown: 1 }], ["5 seconds"]])(
  "a rollback config of %j breaks the schema of a step's",
  async (rollbackConfig) => {
    const rollback = (): void => {};
    const refusal = await refusalOf("a", () => 1, { rollback, rollbackConfig });

    const message = `Rollback config for "a" is in a invalid format. See ${DOCS}`;
    expect(refusal).toEqual(["WorkflowFatalError", message]);
  },
);

test.each([[undefined], [{}], [{ retries: { limit: 0, delay: 0 }, timeout: "1 minute" }]])(
  "a rollback config of %j is accepted",
  async (rollbackConfig) => {
    const output = await resultOf(
      async (step) => await step.do("a", () => 1, { rollback: () => {}, rollbackConfig }),
    );

    expect(output).toBe(1);
  },
);

test.each([
  ["257 characters", "a".repeat(257)],
  ["a tab", "a\tb"],
  ["a newline", "a\nb"],
  ["U+0000", "\u0000"],
  ["U+001F", "\u001f"],
])("a name with %s is refused", async (_, name) => {
  const refusal = await refusalOf(name, () => 1);

  const message = `Step name "${name}" exceeds max length (256 chars) or invalid characters found`;
  expect(refusal).toEqual(["WorkflowFatalError", message]);
});

test.each([[""], ["two words"], ["naïve – 步骤"], ["🚀"], ["\u007f"], ["a".repeat(256)]])(
  "the name %j is allowed",
  async (name) => {
    const output = await resultOf(async (step) => await step.do(name, () => "ran"));

    expect(output).toBe("ran");
  },
);

test("a number is accepted as a name", async () => {
  const output = await resultOf(async ({ do: call }) => [
    await call(7, () => "first"),
    await call("7", (ctx: WorkflowStepContext) => ctx.step.count),
  ]);

  expect(output).toEqual(["first", 2]);
});

test("a step without a name is a TypeError", async () => {
  const [name] = (await refusalOf(undefined, () => 1)) as [string];

  expect(name).toBe("TypeError");
});

test("a config that breaks the schema is refused, and the documentation is named", async () => {
  const refusal = await refusalOf("a", { retries: { limit: 1 } }, () => 1);

  const message = `Step config for "a" is in a invalid format. See ${DOCS}`;
  expect(refusal).toEqual(["WorkflowFatalError", message]);
});

test.each(["disk", null, { fsync: true }])(
  "a durability of %o is refused with what it may be",
  async (durability) => {
    const [name, message] = (await refusalOf("a", { durability }, () => 1)) as [string, string];

    expect(name).toBe("WorkflowFatalError");
    expect(message).toContain('`durability` of step "a" to be one of memory, fsync, replicated');
  },
);

test.each<[string, unknown[], string]>([
  ["the callback before the rollback options", ["a", {}, undefined, null], "callback"],
  ["the rollback before its config", ["a", () => 1, { rollbackConfig: 1 }], "must be a function"],
  ["the rollback options before the name", ["\n", () => 1, null], "Rollback options"],
  ["the name before the config", ["\n", { x: 1 }, () => 1], "Step name"],
])("%s is checked", async (_, parameters, complaint) => {
  const [, message] = (await refusalOf(...parameters)) as [string, string];

  expect(message).toContain(complaint);
});

test("the limit of steps is checked before the name", async () => {
  const { end, instance } = await startBody(
    async (step) => {
      await step.do("a", () => 1);
      await step.do("\n", () => 1);
    },
    { limits: { steps: 1 } },
  );

  const { error } = await end(instance);

  expect(error?.message).toContain("The limit of 1 steps");
});

test("a refusal rejects the promise and never throws synchronously", async () => {
  const { end, instance } = await startBody(async (step) => {
    const promise = (step.do as LooseDo)("a");
    return await promise.catch(() => "rejected");
  });

  const { output } = await end(instance);

  expect(output).toBe("rejected");
});

test("a refusal that nobody catches fails the instance", async () => {
  const { end, instance } = await startBody(async (step) => await step.do("\n", () => 1));

  const { status, error } = await end(instance);

  expect([status, error?.name]).toEqual(["errored", "WorkflowFatalError"]);
});

test("a refusal that nobody awaits fails nothing", async () => {
  const { end, instance } = await startBody(async (step: WorkflowStep) => {
    void (step.do as LooseDo)("a");
    return await step.do("b", () => "ran");
  });

  const { output } = await end(instance);

  expect(output).toBe("ran");
});
