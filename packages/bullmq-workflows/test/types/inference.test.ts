/** What users' editors and compilers infer. Checked by tsc; running it only proves that it loads. */
import { expectTypeOf, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type {
  Workflow,
  WorkflowBatchCreateResult,
  WorkflowEngine,
  WorkflowEngineConfig,
  WorkflowEvent,
  WorkflowInstance,
  WorkflowSleepDuration,
  WorkflowStep,
  WorkflowStepConfig,
  WorkflowStepContext,
  WorkflowStepEvent,
} from "../../src/index.ts";

interface Order {
  item: string;
  count: number;
}

class OrderWorkflow extends WorkflowEntrypoint<{ shop: string }, Order> {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep) {
    expectTypeOf(this.env).toEqualTypeOf<{ shop: string }>();
    return await step.do("price", () => ({ price: event.payload.count * 2 }));
  }
}

class ReadonlyEvent extends WorkflowEntrypoint<unknown, Order> {
  override async run(event: Readonly<WorkflowEvent<Order>>) {
    return event.payload.item;
  }
}

class NoParams extends WorkflowEntrypoint {
  override async run() {}
}

test("register infers params and output from the class's run", () => {
  const check = (engine: WorkflowEngine) => {
    const orders = engine.register(OrderWorkflow, { name: "orders" });
    expectTypeOf(orders).toEqualTypeOf<Workflow<Order, { price: number }>>();
    expectTypeOf(engine.register(ReadonlyEvent, { name: "r" })).toEqualTypeOf<
      Workflow<Order, string>
    >();
    expectTypeOf(engine.register(NoParams, { name: "n" })).toEqualTypeOf<Workflow<unknown, void>>();
  };

  expectTypeOf(check).toBeFunction();
});

test("create takes the params of the workflow, and its instance resolves with the output", () => {
  const check = async (orders: Workflow<Order, { price: number }>) => {
    const instance = await orders.create({ id: "a", params: { item: "tea", count: 2 } });
    expectTypeOf(instance).toEqualTypeOf<WorkflowInstance<{ price: number }>>();
    expectTypeOf(await instance.result()).toEqualTypeOf<{ price: number }>();
    expectTypeOf(instance.id).toEqualTypeOf<string>();
    // @ts-expect-error -- a param is missing
    await orders.create({ params: { item: "tea" } });
    // @ts-expect-error -- ids are texts
    await orders.create({ id: 7 });
  };

  expectTypeOf(check).toBeFunction();
});

test("createBatch answers a list to a list, and a report to the object forms", () => {
  const check = (orders: Workflow<Order, string>) => {
    expectTypeOf(orders.createBatch([{ id: "a" }])).resolves.toEqualTypeOf<
      WorkflowInstance<string>[]
    >();
    const params = { item: "tea", count: 1 };
    expectTypeOf(orders.createBatch({ count: 2, params })).resolves.toEqualTypeOf<
      WorkflowBatchCreateResult<string>
    >();
    expectTypeOf(orders.createBatch({ instances: [{ id: "a", params }] })).resolves.toEqualTypeOf<
      WorkflowBatchCreateResult<string>
    >();
    // @ts-expect-error -- neither form
    void orders.createBatch({});
    // @ts-expect-error -- params of another workflow
    void orders.createBatch({ count: 2, params: { n: 1 } });
  };

  expectTypeOf(check).toBeFunction();
});

test("step.do resolves with what its callback returns, sync or async", () => {
  const check = (step: WorkflowStep) => {
    expectTypeOf(step.do("a", () => 1)).resolves.toEqualTypeOf<number>();
    expectTypeOf(step.do("a", async () => ["x"])).resolves.toEqualTypeOf<string[]>();
    expectTypeOf(step.do("a", { timeout: 5 }, async () => {})).resolves.toEqualTypeOf<void>();
    expectTypeOf(step.sleep("a", "1 day")).resolves.toEqualTypeOf<void>();
    expectTypeOf(step.waitForEvent<Order>("a", { type: "b" })).resolves.toEqualTypeOf<
      WorkflowStepEvent<Order>
    >();
  };

  expectTypeOf(check).toBeFunction();
});

test("the callback's context is typed", () => {
  expectTypeOf<WorkflowStepContext["step"]>().toEqualTypeOf<{ name: string; count: number }>();
  expectTypeOf<WorkflowStepContext["attempt"]>().toEqualTypeOf<number>();
  expectTypeOf<WorkflowStepContext["signal"]>().toEqualTypeOf<AbortSignal>();
});

test("a race's result is a union that its winner tells apart", () => {
  const check = async (step: WorkflowStep) => {
    const raced = await step.race({
      paid: step.waitForEvent<{ amount: number }>("paid", { type: "paid" }),
      price: step.do("price", () => 7),
      late: step.sleep("late", "1 day"),
    });
    expectTypeOf(raced.winner).toEqualTypeOf<"paid" | "price" | "late">();
    if (raced.winner === "paid") {
      expectTypeOf(raced.value.payload.amount).toEqualTypeOf<number>();
    } else if (raced.winner === "price") {
      expectTypeOf(raced.value).toEqualTypeOf<number>();
    } else {
      expectTypeOf(raced.value).toEqualTypeOf<void>();
    }
    const named = await step.race("name", { a: step.do("a", () => true) });
    expectTypeOf(named).toEqualTypeOf<{ winner: "a"; value: boolean }>();
  };

  expectTypeOf(check).toBeFunction();
});

test("durations are numbers and texts of a number and a unit", () => {
  expectTypeOf<"5 minutes">().toExtend<WorkflowSleepDuration>();
  expectTypeOf<"1.5 hours">().toExtend<WorkflowSleepDuration>();
  expectTypeOf<"1 day">().toExtend<WorkflowSleepDuration>();
  expectTypeOf<5>().toExtend<WorkflowSleepDuration>();
  expectTypeOf<"5minutes">().not.toExtend<WorkflowSleepDuration>();
  expectTypeOf<"soon">().not.toExtend<WorkflowSleepDuration>();
  expectTypeOf<"5 Minutes">().not.toExtend<WorkflowSleepDuration>();
});

test("a step's config knows its keys, and retries need limit and delay", () => {
  expectTypeOf<{ retries: { limit: 1; delay: "1 second" } }>().toExtend<WorkflowStepConfig>();
  expectTypeOf<{ retries: { limit: 1 } }>().not.toExtend<WorkflowStepConfig>();
  expectTypeOf<{
    retries: { limit: 1; delay: 1; backoff: "x" };
  }>().not.toExtend<WorkflowStepConfig>();
  expectTypeOf<{ sensitive: "input" }>().not.toExtend<WorkflowStepConfig>();
});

test("a delay function gets the step's context and an error", () => {
  const config: WorkflowStepConfig = {
    retries: {
      limit: 1,
      delay: ({ ctx, error }) => {
        expectTypeOf(ctx).toEqualTypeOf<WorkflowStepContext>();
        expectTypeOf(error).toEqualTypeOf<Error>();
        return "1 minute";
      },
    },
  };

  expectTypeOf(config).toEqualTypeOf<WorkflowStepConfig>();
});

test("the engine's env is what its config says", () => {
  expectTypeOf<WorkflowEngineConfig<{ shop: string }>["env"]>().toEqualTypeOf<
    { shop: string } | undefined
  >();
});
