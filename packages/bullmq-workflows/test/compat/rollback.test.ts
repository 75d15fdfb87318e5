/** Rolling back: Cloudflare's sentences, one test each. */
import { expect, test } from "vitest";
import { startBody } from "../support/harness.ts";

test("a failed run undoes its steps, the one that started last first", async () => {
  const undone: string[] = [];
  const { end, instance, history } = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 2, {
      rollback: ({ output, stepName, error }) =>
        void undone.push(`${output} ${stepName} ${error.message}`),
    });
    throw new Error("no");
  });
  const status = await end(instance);
  console.log(JSON.stringify(await history(instance), null, 1), status, undone);
  expect(undone).toEqual(["2 b-1 no", "a"]);
  expect(status).toMatchObject({
    status: "errored",
    error: { message: "no" },
    rollback: { outcome: "complete", error: null },
  });
});
test("terminate", async () => {
  const undone: string[] = [];
  const { end, instance, history } = await startBody(async (step) => {
    await step.do("a", () => 1, { rollback: () => void undone.push("a") });
    await step.do("b", () => 2, {
      rollback: ({ output, stepName, error }) =>
        void undone.push(`${output} ${stepName} ${error.message}`),
    });
    await step.sleep("long", "5 days");
    await step.do("c", () => 2, {
      rollback: ({ output, stepName, error }) =>
        void undone.push(`${output} ${stepName} ${error.message}`),
    });
  });
  await instance.terminate({ rollback: true });
  const status = await end(instance);
  console.log(JSON.stringify(await history(instance), null, 1), status, undone);
  expect(undone).toEqual(["2 b-1 Instance terminated during rollback", "a"]);
  expect(status).toMatchObject({
    status: "terminated",
    rollback: { outcome: "complete", error: null },
  });
});
