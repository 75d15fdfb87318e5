import { expect, test } from "vitest";
import { startBody } from "../support/harness.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";
import type { WorkflowInstance } from "../../src/client/instance-handle.ts";

type Started = MemoryEngine & { readonly instance: WorkflowInstance };

async function started(): Promise<Started> {
  const engine = await startBody(async () => "done", { errors: "cloudflare" });
  await engine.end(engine.instance);
  return engine;
}

/** A call that fails, and Cloudflare's words for it. */
const FAILING: readonly (readonly [string, (engine: Started) => Promise<unknown>, string])[] = [
  [
    "create under an id that is taken",
    async ({ workflow, instance }) => await workflow.create({ id: instance.id }),
    "(instance.already_exists) Workflow instance with id",
  ],
  [
    "create under a bad id",
    async ({ workflow }) => await workflow.create({ id: "a b" }),
    "(instance.invalid_id) Workflow instance has invalid id",
  ],
  [
    "get of an unknown id",
    async ({ workflow }) => await workflow.get("no-such"),
    "(instance.not_found) Instance not found",
  ],
  [
    "status of an instance that was deleted",
    async ({ instance }) => {
      await instance.delete();
      await instance.status();
    },
    "(instance.not_found) Instance not found",
  ],
  [
    "a second delete",
    async ({ instance }) => {
      await instance.delete();
      await instance.delete();
    },
    "(instance.not_found) Instance does not exist",
  ],
  [
    "terminate of what has ended",
    async ({ instance }) => await instance.terminate(),
    "(instance.cannot_terminate) Cannot terminate instance since its on a finite state",
  ],
  [
    "an empty batch",
    async ({ workflow }) => await workflow.createBatch([]),
    "batchCreate should have at least 1 instance",
  ],
  [
    "a batch with a bad id",
    async ({ workflow }) => await workflow.createBatch({ instances: [{ id: "a b" }] }),
    "(instance.invalid_id) Instance ID is invalid",
  ],
];

test.each(FAILING)(
  "with errors: cloudflare, %s throws a plain Error in Cloudflare's words",
  async (_, call, sentence) => {
    const caught = await call(await started()).catch((error: unknown) => error);

    expect(caught).toBeInstanceOf(Error);
    expect((caught as Error).constructor).toBe(Error);
    expect((caught as Error).message).toContain(`WorkflowError: ${sentence}`);
    expect(Object.keys(caught as Error)).toEqual([]);
  },
);

test("with errors: cloudflare, the error of a call still has its code for those who ask", async () => {
  const { workflow } = await started();

  await expect(workflow.get("no-such")).rejects.toMatchObject({ code: "instance.not_found" });
});

test("with errors: cloudflare, bad options of subscribe have Cloudflare's words alone", async () => {
  const { instance } = await started();

  await expect(instance.subscribe({ cursor: -1 })).rejects.toThrow(
    /^Invalid Workflow subscription options$/,
  );
});

test("with errors: cloudflare, deleteBatch knows which instances were missing", async () => {
  const { workflow } = await started();

  const { errors } = await workflow.deleteBatch(["no-such"]);
  expect(errors).toEqual([
    { id: "no-such", code: 10_400, message: "workflows.api.error.instance.not_found" },
  ]);
});

test("with errors: cloudflare, the methods of a handle live on its prototype, shared by all handles", async () => {
  const { workflow, instance } = await started();
  const again = await workflow.get(instance.id);

  expect(Object.hasOwn(again, "status")).toBe(false);
  expect(Object.getPrototypeOf(again)).toBe(Object.getPrototypeOf(instance));
});
