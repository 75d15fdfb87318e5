import { expect, test } from "vitest";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { startBody } from "../support/harness.ts";

async function runLimited(body: (step: WorkflowStep) => Promise<unknown>, warmLimit = 1_000) {
  const { end, instance } = await startBody(body, { limits: { steps: 3 }, warmLimit });
  return await end(instance);
}

test("exactly as many do calls succeed as the limit says, and the next one fails", async () => {
  const { status, error } = await runLimited(async (step) => {
    for (const name of ["a", "b", "c", "d"]) await step.do(name, () => 1);
  });

  expect(status).toBe("errored");
  expect(error).toEqual({
    name: "WorkflowFatalError",
    message:
      "The limit of 3 steps has been reached. This limit can be changed in your worker configuration.",
  });
});

test("the error of the limit can be caught", async () => {
  const { output } = await runLimited(async (step) => {
    for (const name of ["a", "b", "c"]) await step.do(name, () => 1);
    return await step.do("d", () => 1).catch(() => "caught");
  });

  expect(output).toBe("caught");
});

test("nested and failed do calls count", async () => {
  const { output } = await runLimited(async (step) => {
    await step.do("outer", async () => await step.do("inner", () => 1));
    const retries = { limit: 0, delay: 0 };
    await step.do("fails", { retries }, () => Promise.reject(new Error("no"))).catch(() => {});
    return await step.do("d", () => 1).catch(() => "limit");
  });

  expect(output).toBe("limit");
});

test("attempts do not count, only calls", async () => {
  const { output } = await runLimited(async (step) => {
    const retries = { limit: 9, delay: 0 };
    return await step.do("a", { retries }, ({ attempt }) => {
      if (attempt < 8) throw new Error("again");
      return attempt;
    });
  });

  expect(output).toBe(8);
});

test("sleep, sleepUntil and waitForEvent never count", async () => {
  const { output } = await runLimited(async (step) => {
    for (const name of ["a", "b", "c", "d"]) await step.sleep(name, "1 minute");
    await step.waitForEvent("e", { type: "none", timeout: "1 minute" }).catch(() => {});
    for (const name of ["a", "b", "c"]) await step.do(name, () => 1);
    return "done";
  });

  expect(output).toBe("done");
});

test.each([0, 1_000])(
  "the count starts anew with every replay, and calls answered from the record count (warm limit %d)",
  async (warmLimit) => {
    const { output } = await runLimited(async (step) => {
      for (const name of ["a", "b", "c"]) {
        await step.do(name, () => 1);
        await step.sleep(name, "1 minute");
      }
      return await step.do("d", () => 1).catch(() => "limit");
    }, warmLimit);

    expect(output).toBe("limit");
  },
);
