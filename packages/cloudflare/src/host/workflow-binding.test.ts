import { expect, test } from "vitest";
import { Workflow } from "../../../bullmq-workflows/src/client/workflow.ts";
import { WorkflowBinding } from "./workflow-binding.ts";

function methodsOf({ prototype }: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype).toSorted();
}

test("a binding has every method of a workflow", () => {
  expect(methodsOf(WorkflowBinding)).toEqual(methodsOf(Workflow));
});

test("a call before the workflow is registered is refused", async () => {
  const binding = new WorkflowBinding("orders", () => undefined);

  await expect(binding.create()).rejects.toMatchObject({ code: "project.still_loading" });
});
