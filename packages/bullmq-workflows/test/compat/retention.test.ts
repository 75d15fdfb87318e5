import { expect, test } from "vitest";
import type { WorkflowRetention } from "../../src/client/create-options.ts";
import { startBody } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";

const DAY_MS = 86_400_000;

const BODIES: Record<"complete" | "errored" | "terminated", Body> = {
  complete: async () => "done",
  errored: async () => {
    throw new Error("no");
  },
  terminated: async (step) => await step.sleep("s", "300 days"),
};

/** Whole days for which an instance that ended so is kept. */
async function daysKept(
  end: keyof typeof BODIES,
  instanceRetention?: WorkflowRetention,
  workflowRetention?: WorkflowRetention,
): Promise<number> {
  const { clock, workflow } = await startBody(BODIES[end], {
    ...(workflowRetention && { retention: workflowRetention }),
  });
  const retention = instanceRetention && { retention: instanceRetention };
  const instance = await workflow.create({ id: "a", ...retention });
  await clock.settle();
  if (end === "terminated") await instance.terminate();
  for (let days = 0; ; days++) {
    if (!(await workflow.get("a").catch(() => undefined))) return days;
    // Expiry is looked for once an hour in these tests.
    await clock.advance(DAY_MS);
  }
}

test.each(["complete", "errored", "terminated"] as const)(
  "an instance that is %s is kept for 7 days when nothing is said",
  async (end) => {
    const days = await daysKept(end);

    expect(days).toBe(7);
  },
);

test.each([
  ["complete", 2],
  ["errored", 4],
  ["terminated", 4],
] as const)(
  "successRetention is for complete, errorRetention for errored and terminated: %s",
  async (end, expected) => {
    const days = await daysKept(end, { successRetention: "2 days", errorRetention: "4 days" });

    expect(days).toBe(expected);
  },
);

test("what the instance says goes before what the workflow says", async () => {
  const days = await daysKept(
    "complete",
    { successRetention: DAY_MS },
    { successRetention: "5 days" },
  );

  expect(days).toBe(1);
});

test("what the workflow says goes before the default", async () => {
  const days = await daysKept(
    "complete",
    { errorRetention: "1 day" },
    { successRetention: "3 days" },
  );

  expect(days).toBe(3);
});

test("the clock starts when the instance ends", async () => {
  const { clock, instance, workflow } = await startBody(
    async (step) => await step.sleep("s", "20 days"),
  );

  await clock.advance(26 * DAY_MS);

  expect((await (await workflow.get(instance.id)).status()).status).toBe("complete");
});

test.each([[0], [-1], ["soon"], [NaN], ["0 days"]])(
  "a retention of %s is refused",
  async (given) => {
    const { workflow } = await startBody(async () => {});
    const retention = { successRetention: given as number };

    const refused = workflow.create({ retention });

    await expect(refused).rejects.toThrow(
      "(body) Duration must be a number or a string in format '{{number}} {{unit}}' where unit is second(s), minute(s), etc.",
    );
  },
);
