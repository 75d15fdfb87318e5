import { expect, test } from "vitest";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";

type Loose = (batch: unknown) => Promise<unknown>;

async function setup() {
  const { workflow } = await startBody(async (_, event) => event.payload, { workers: 0 });
  const createBatch = workflow.createBatch.bind(workflow) as unknown as Loose;
  return { workflow, createBatch };
}

function ids(count: number): { id: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `i${index}` }));
}

describeOnBoth(({ start }) => {
  test("the array form returns handles of what was created, in order", async () => {
    const { end, workflow } = await start(workflowOf(async (_, event) => event.payload));

    const created = await workflow.createBatch([
      { id: "a", params: 1 },
      { id: "b", params: 2 },
    ]);

    expect(created.map(({ id }) => id)).toEqual(["a", "b"]);
    const outputs = await Promise.all(created.map(async (one) => (await end(one)).output));
    expect(outputs).toEqual([1, 2]);
  });

  test("the array form leaves out ids that exist or repeat", async () => {
    const { workflow } = await start(workflowOf(async () => {}));
    await workflow.create({ id: "old" });

    const created = await workflow.createBatch([{ id: "old" }, { id: "a" }, { id: "a" }]);

    expect(created.map(({ id }) => id)).toEqual(["a"]);
  });

  test("the object form answers per entry what is wrong", async () => {
    const { workflow } = await start(workflowOf(async () => {}));
    await workflow.create({ id: "old" });

    const { created, errors } = await workflow.createBatch({
      instances: [{ id: "a" }, { id: "old" }, { id: "a" }, { id: "b" }],
    });

    expect(created.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(errors).toEqual([
      {
        index: 1,
        id: "old",
        code: 10_405,
        message: "workflows.api.error.instance.already_exists",
      },
      {
        index: 2,
        id: "a",
        code: 10_415,
        message: "workflows.api.error.instance.duplicate_in_batch",
      },
    ]);
  });

  test("the count form creates so many instances with the same params", async () => {
    const { end, workflow } = await start(workflowOf(async (_, event) => event.payload));

    const { created, errors } = await workflow.createBatch({ count: 3, params: { n: 1 } });

    expect([new Set(created.map(({ id }) => id)).size, errors]).toEqual([3, []]);
    const outputs = await Promise.all(created.map(async (one) => (await end(one)).output));
    expect(outputs).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
  });
});

test.each([
  ["an empty array", [], "batchCreate should have at least 1 instance"],
  ["more than 100 in an array", ids(101), "batchCreate only supports 100 instances at a time"],
  ["a bad id in an array", [{ id: "a b" }], "Workflow instance has invalid id"],
  ["nothing", undefined, "(body) Provided argument is invalid"],
  ["null", null, "(body) Provided argument is invalid"],
  ["a text", "batch", "(body) Provided argument is invalid"],
  ["neither form", {}, "(body) Provided argument is invalid"],
  ["instances that are no array", { instances: {} }, "(body) Provided argument is invalid"],
  ["a count of 0", { count: 0 }, "(body) count must be a positive integer"],
  ["a count of 1.5", { count: 1.5 }, "(body) count must be a positive integer"],
  ["a text as count", { count: "3" }, "(body) count must be a positive integer"],
  ["a count above 100", { count: 101 }, "(body) batchCreate only supports 100 instances at a time"],
  ["no instances", { instances: [] }, "(body) Batch size exceeds maximum allowed"],
  ["101 instances", { instances: ids(101) }, "(body) Batch size exceeds maximum allowed"],
  [
    "a bad id in instances",
    { instances: [{ id: "a b" }] },
    "(instance.invalid_id) Instance ID is invalid",
  ],
  [
    "a reserved id in instances",
    { instances: [{ id: "batch" }] },
    "(instance.invalid_id) Instance ID is invalid",
  ],
  [
    "a bad retention in instances",
    { instances: [{ retention: { successRetention: "soon" } }] },
    "(body) Duration must be a number or a string in format '{{number}} {{unit}}' where unit is second(s), minute(s), etc.",
  ],
  ["an entry that is no object", { instances: [7] }, "(body)"],
  ["an entry of null in an array", [null], "(body)"],
])("%s is refused", async (_, batch, message) => {
  const { createBatch } = await setup();

  const refused = createBatch(batch);

  await expect(refused).rejects.toThrow(message);
});

test("a bad entry refuses the whole batch before anything is created", async () => {
  const { createBatch, workflow } = await setup();

  const refused = createBatch({ instances: [{ id: "good" }, { id: "a b" }] });

  await expect(refused).rejects.toThrow("Instance ID is invalid");
  await expect(workflow.get("good")).rejects.toThrow("instance.not_found");
});

test("100 instances are allowed in every form", async () => {
  const { workflow } = await setup();

  const array = await workflow.createBatch(ids(100));
  const counted = await workflow.createBatch({ count: 100 });

  expect([array.length, counted.created.length]).toEqual([100, 100]);
});

test("deleteBatch answers in the order of its ids, repeated ones too", async () => {
  const { workflow } = await setup();
  await workflow.createBatch([{ id: "a" }, { id: "b" }]);

  const answer = await workflow.deleteBatch(["b", "nobody", "a", "b"]);

  expect(answer).toEqual({
    deleted: [{ id: "b" }, { id: "a" }, { id: "b" }],
    errors: [{ id: "nobody", code: 10_400, message: "workflows.api.error.instance.not_found" }],
  });
});

test.each([
  ["no array", "a", "(body) Provided argument is invalid"],
  ["no ids", [], "(body) batchDeleteInstances should have at least 1 instance"],
  [
    "101 ids",
    ids(101).map(({ id }) => id),
    "(body) batchDeleteInstances only supports 100 instances at a time",
  ],
  ["a bad id", ["a", "b.c"], "(instance.invalid_id) Instance ID is invalid"],
])("deleteBatch of %s is refused", async (_, given, message) => {
  const { workflow } = await setup();
  await workflow.create({ id: "a" });

  const refused = workflow.deleteBatch(given as string[]);

  await expect(refused).rejects.toThrow(message);
  expect((await workflow.get("a")).id).toBe("a");
});

test("a delete that fails unexpectedly is an internal error of its entry", async () => {
  const { store, workflow } = await startBody(async () => {}, { workers: 0 });
  await workflow.createBatch([{ id: "a" }, { id: "b" }]);
  const remove = store.commands.delete.bind(store);
  store.commands.delete = async (id) => {
    if (id === "a") throw new Error("broken");
    return await remove(id);
  };

  const answer = await workflow.deleteBatch(["a", "b"]);

  expect(answer).toEqual({
    deleted: [{ id: "b" }],
    errors: [{ id: "a", code: 10_001, message: "workflows.api.error.internal_server" }],
  });
});
