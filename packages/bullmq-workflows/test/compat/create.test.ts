import { expect, test } from "vitest";
import { WorkflowInstance } from "../../src/client/instance-handle.ts";
import { InstanceAlreadyExistsError, InstanceNotFoundError } from "../../src/model/errors.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function engineOf(body = async (): Promise<unknown> => "done") {
  return await startBody(body);
}

describeOnBoth(({ start }) => {
  test("the id of an instance is a plain property", async () => {
    const { workflow } = await start(workflowOf(async () => {}));

    const instance = await workflow.create({ id: "order-1" });

    expect(instance.id).toBe("order-1");
  });

  test("an id that is taken is an error", async () => {
    const { workflow } = await start(workflowOf(async () => {}));
    await workflow.create({ id: "dup" });

    const refused = workflow.create({ id: "dup" });

    await expect(refused).rejects.toThrow(
      '(instance.already_exists) Workflow instance with id "dup" already exists',
    );
  });

  test("get of an unknown id is an error", async () => {
    const { workflow } = await start(workflowOf(async () => {}));

    const refused = workflow.get("nobody");

    await expect(refused).rejects.toThrow("(instance.not_found) Instance not found");
  });

  test("get gives a handle on an instance", async () => {
    const { end, workflow } = await start(workflowOf(async () => "done"));
    await workflow.create({ id: "a" });

    const instance = await workflow.get("a");

    expect(await end(instance)).toMatchObject({ status: "complete", output: "done" });
  });
});

test("create resolves without waiting for the instance to start", async () => {
  const { workflow } = await startBody(async () => {}, { workers: 0 });

  const instance = await workflow.create();

  expect((await instance.status()).status).toBe("queued");
});

test("the id is a version 4 UUID when none is given", async () => {
  const { workflow } = await engineOf();

  const instance = await workflow.create();

  expect(instance.id).toMatch(UUID_V4);
});

test.each([["a"], ["9"], ["_x"], ["a-b_C-9"], ["a".repeat(100)]])(
  "the id %s is allowed",
  async (id) => {
    const { workflow } = await engineOf();

    const instance = await workflow.create({ id });

    expect(instance.id).toBe(id);
  },
);

test.each([["-a"], ["a b"], ["a.b"], ["é"], [""], ["a".repeat(101)], [null], [7]])(
  "the id %j is invalid",
  async (id) => {
    const { workflow } = await engineOf();

    const refused = workflow.create({ id: id as string });

    await expect(refused).rejects.toThrow("Workflow instance has invalid id");
    await expect(refused).rejects.toThrow("(instance.invalid_id)");
  },
);

test.each([["batch"], ["terminate"], ["terminateAll"], [`cf_${"0".repeat(64)}`]])(
  "the id %s is reserved",
  async (id) => {
    const { workflow } = await engineOf();

    const refused = workflow.create({ id });

    await expect(refused).rejects.toThrow("(instance.invalid_id)");
  },
);

test("ids are taken also by finished instances", async () => {
  const { clock, workflow } = await engineOf();
  await workflow.create({ id: "a" });
  await clock.settle();

  const refused = workflow.create({ id: "a" });

  await expect(refused).rejects.toBeInstanceOf(InstanceAlreadyExistsError);
});

test("an id may be used again after a delete", async () => {
  const { end, workflow } = await engineOf();
  await (await workflow.create({ id: "a" })).delete();

  const again = await workflow.create({ id: "a" });

  expect((await end(again)).status).toBe("complete");
});

test("an id may be used again after the retention is over", async () => {
  const { clock, workflow } = await engineOf();
  await workflow.create({ id: "a" });
  await clock.advance(8 * 86_400_000);

  const again = await workflow.create({ id: "a" });

  expect(again.id).toBe("a");
});

test("unknown options are ignored", async () => {
  const { end, workflow } = await engineOf();
  const options = { id: "a", payload: 1, locationHint: "weur" };

  const instance = await workflow.create(options);

  expect((await end(instance)).status).toBe("complete");
});

test.each([
  ["an id with a space", "a b"],
  ["a cron's id", "*/30 * * * *-1786001400000"],
  ["an id that is too long", "a".repeat(300)],
  ["an id with another character", "a.b"],
  ["the empty id", ""],
])("get of %s that does not exist is not found", async (_, id) => {
  const { workflow } = await engineOf();

  const refused = workflow.get(id);

  await expect(refused).rejects.toBeInstanceOf(InstanceNotFoundError);
});

test("the methods of a handle live on its prototype", async () => {
  const { workflow } = await engineOf();

  const instance = await workflow.create({ id: "a" });

  expect(Object.keys(instance)).toEqual(["id"]);
  expect(Object.getPrototypeOf(instance)).toBe(WorkflowInstance.prototype);
});

test("the same id in two workflows is two instances", async () => {
  const one = await startBody(async () => 1, { name: "one" });
  const two = await startBody(async () => 2, { name: "two" });
  const instances = [
    await one.workflow.create({ id: "a" }),
    await two.workflow.create({ id: "a" }),
  ] as const;

  const outputs = [(await one.end(instances[0])).output, (await two.end(instances[1])).output];

  expect(outputs).toEqual([1, 2]);
});

test.each([[0], [1.5], [2_000_001], ["high"]])("a priority of %s is refused", async (priority) => {
  const { workflow } = await engineOf();

  const refused = workflow.create({ priority: priority as number });

  await expect(refused).rejects.toThrow("Expected `priority` to be an integer from 1 to 2000000");
});

test("new instances start in the order of their priority", async () => {
  const order: unknown[] = [];
  const { addWorker, clock, workflow } = await startBody(
    async (_, event) => void order.push(event.payload),
    { workers: 0, concurrency: { limit: 1 }, params: "first" },
  );
  await workflow.create({ params: "low", priority: 2_000 });
  await workflow.create({ params: "high", priority: 1 });

  await addWorker();
  await clock.settle();

  expect(order).toEqual(["high", "first", "low"]);
});

test("a delayed instance is queued until its delay is over", async () => {
  const { clock, workflow } = await engineOf();
  const instance = await workflow.create({ delay: "1 hour" });

  await clock.advance(3_599_000);
  expect((await instance.status()).status).toBe("queued");
  await clock.advance(3_600_000);

  expect((await instance.status()).status).toBe("complete");
});

test.each([["soon"], [-1], ["366 days"]])("a delay of %s is refused", async (delay) => {
  const { workflow } = await engineOf();

  const refused = workflow.create({ delay: delay as number });

  await expect(refused).rejects.toThrow("Expected `delay` to be a duration of at most 365 days");
});
