/** What types flow from schemas. Checked by tsc; running it only proves that it loads. */
import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type {
  Schema,
  Workflow,
  WorkflowEngine,
  WorkflowEvent,
  WorkflowInstance,
  WorkflowStep,
  WorkflowStepEvent,
} from "../../src/index.ts";

interface Order {
  item: string;
  count: number;
}

class Orders extends WorkflowEntrypoint<unknown, Order> {
  override async run(event: WorkflowEvent<Order>) {
    return event.payload.count;
  }
}

class Anything extends WorkflowEntrypoint {
  override async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
    await step.sleep("a", 1);
  }
}

const orderSchema = z.object({ item: z.string(), count: z.string().transform(Number) });
const wrongSchema = z.object({ item: z.string() });
const approvalSchema = v.object({ by: v.string() });
const noteSchema = z.string().optional();

test("create takes what the schema takes, run gets what it makes of it", () => {
  const check = async (engine: WorkflowEngine) => {
    const orders = engine.register(Orders, { name: "orders", params: orderSchema });
    expectTypeOf(orders).toEqualTypeOf<Workflow<{ item: string; count: string }, number>>();
    await orders.create({ params: { item: "tea", count: "2" } });
    // @ts-expect-error -- that is what run gets, not what the schema takes
    await orders.create({ params: { item: "tea", count: 2 } });
    await orders.createBatch({ instances: [{ params: { item: "tea", count: "2" } }] });
    // @ts-expect-error -- as above
    await orders.createBatch([{ params: { item: "tea", count: 2 } }]);
  };

  expectTypeOf(check).toBeFunction();
});

test("a schema that makes something else than run takes is refused", () => {
  const check = (engine: WorkflowEngine) => {
    // @ts-expect-error -- `count` is missing
    engine.register(Orders, { name: "orders", params: wrongSchema });
    engine.register(Anything, { name: "anything", params: wrongSchema });
  };

  expectTypeOf(check).toBeFunction();
});

test("sendEvent takes what the schema of the event's type takes", () => {
  const check = async (engine: WorkflowEngine) => {
    const events = { approval: approvalSchema, note: noteSchema };
    const orders = engine.register(Orders, { name: "orders", events });
    const instance = await orders.get("a");
    expectTypeOf(instance).toEqualTypeOf<
      WorkflowInstance<number, { approval: { by: string }; note: string | undefined }>
    >();
    await instance.sendEvent({ type: "approval", payload: { by: "ada" } });
    // @ts-expect-error -- a payload is required
    await instance.sendEvent({ type: "approval" });
    // @ts-expect-error -- of another shape
    await instance.sendEvent({ type: "approval", payload: { by: 7 } });
    await instance.sendEvent({ type: "note" });
    await instance.sendEvent({ type: "other", payload: { anything: true } });
    await instance.sendEvent({ type: String(1), payload: 1 });
  };

  expectTypeOf(check).toBeFunction();
});

test("without schemas sendEvent takes anything, as before", () => {
  const check = async (instance: WorkflowInstance) => {
    await instance.sendEvent({ type: "approval", payload: 1 });
    await instance.sendEvent({ type: String(1) });
  };

  expectTypeOf(check).toBeFunction();
});

test("waitForEvent with a schema resolves with what it makes of the payload", () => {
  const check = (step: WorkflowStep, anySchema: Schema<string, number>) => {
    const options = { type: "approval", timeout: "1 hour" } as const;
    expectTypeOf(
      step.waitForEvent("a", { ...options, schema: approvalSchema }),
    ).resolves.toEqualTypeOf<WorkflowStepEvent<{ by: string }>>();
    expectTypeOf(step.waitForEvent("a", { ...options, schema: anySchema })).resolves.toEqualTypeOf<
      WorkflowStepEvent<number>
    >();
    expectTypeOf(step.waitForEvent<Order>("a", options)).resolves.toEqualTypeOf<
      WorkflowStepEvent<Order>
    >();
  };

  expectTypeOf(check).toBeFunction();
});
