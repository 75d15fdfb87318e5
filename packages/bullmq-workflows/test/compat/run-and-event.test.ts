import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { ExecutionContext, WorkflowEvent, WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

describeOnBoth(({ start, run }) => {
  test("the event has timestamp, payload, instanceId and workflowName, in that order", async () => {
    const { output } = await run(async (_, event) => Object.keys(event));

    expect(output).toEqual(["timestamp", "payload", "instanceId", "workflowName"]);
  });

  test("the event names the instance and the workflow", async () => {
    class Names extends WorkflowEntrypoint {
      async run(event: WorkflowEvent<unknown>) {
        return [event.instanceId, event.workflowName, event.timestamp instanceof Date];
      }
    }
    const engine = await start(Names, { name: "orders" });

    const { output } = await engine.end(await engine.workflow.create({ id: "order-1" }));

    expect(output).toEqual(["order-1", "orders", true]);
  });

  test("the payload is {} when no params were given", async () => {
    const { output } = await run(async (_, event) => event.payload);

    expect(output).toEqual({});
  });

  test.each(["text", 0, false, [1, 2], { a: { b: 1 } }, null])(
    "%j may be the params",
    async (params) => {
      const { output } = await run(async (_, event) => event.payload, { params });

      expect(output).toEqual(params);
    },
  );

  test("the event and its payload can be changed by the code that got them", async () => {
    const { output } = await run<{ n: number }>(
      async (_, event) => {
        Object.assign(event.payload, { n: 2 });
        return event.payload.n;
      },
      { params: { n: 1 } },
    );

    expect(output).toBe(2);
  });

  test("a run without any step completes", async () => {
    const { status, output } = await run(async () => "done");

    expect([status, output]).toEqual(["complete", "done"]);
  });

  test("what run throws is the instance's error", async () => {
    const { status, error } = await run(async () => {
      throw new RangeError("too far");
    });

    expect([status, error]).toEqual(["errored", { name: "RangeError", message: "too far" }]);
  });

  test("this.env is what the engine was given, the bindings of workflows included", async () => {
    class WithEnv extends WorkflowEntrypoint<{ greeting: string }> {
      async run() {
        return this.env.greeting;
      }
    }
    const engine = await start(WithEnv, { env: { greeting: "hello" } });

    const { output } = await engine.end(await engine.workflow.create());

    expect(output).toBe("hello");
  });
});

test("every replay gets a fresh event", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody<{ n: number }>(
    async (step, event) => {
      seen.push(structuredClone(event.payload));
      Object.assign(event.payload, { n: 2 });
      await step.sleep("a", "1 day");
    },
    { params: { n: 1 }, warmLimit: 0 },
  );

  await end(instance);

  expect(seen).toEqual([{ n: 1 }, { n: 1 }]);
});

test("the timestamp is when the instance was created, in every replay and after a restart", async () => {
  const seen: number[] = [];
  const { clock, end, instance } = await startBody(
    async (step, event) => {
      seen.push(event.timestamp.getTime());
      await step.sleep("a", "1 day");
    },
    { warmLimit: 0 },
  );
  const createdAt = clock.now();

  await end(instance);
  await instance.restart();
  await end(instance);

  expect(seen).toEqual([createdAt, createdAt, createdAt, createdAt]);
});

test("a new object is made for every execution, so fields do not survive a replay", async () => {
  class Counting extends WorkflowEntrypoint {
    count = 0;
    async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
      this.count++;
      await step.sleep("a", "1 minute");
      return this.count;
    }
  }
  const engine = await startMemoryEngine(Counting, { warmLimit: 0 });

  const { output } = await engine.end(await engine.workflow.create());

  expect(output).toBe(1);
});

test("a subclass may have a constructor of its own", async () => {
  class Own extends WorkflowEntrypoint<{ n: number }> {
    readonly double: number;
    constructor(ctx: ExecutionContext, env: { n: number }) {
      super(ctx, env);
      this.double = env.n * 2;
    }
    async run() {
      return this.double;
    }
  }
  const engine = await startMemoryEngine(Own, { env: { n: 4 } });

  const { output } = await engine.end(await engine.workflow.create());

  expect(output).toBe(8);
});

test("a constructor that throws fails the instance", async () => {
  class Broken extends WorkflowEntrypoint {
    constructor(ctx: ExecutionContext, env: unknown) {
      super(ctx, env);
      throw new Error("no env");
    }
    async run() {}
  }
  const engine = await startMemoryEngine(Broken);

  const { error } = await engine.end(await engine.workflow.create());

  expect(error).toEqual({ name: "Error", message: "no env" });
});

test("run is looked up on the object after it was made, so a constructor may replace it", async () => {
  class Wrapping extends WorkflowEntrypoint {
    constructor(ctx: ExecutionContext, env: unknown) {
      super(ctx, env);
      const inner = this.run.bind(this);
      this.run = async () => `wrapped ${await inner()}`;
    }
    async run() {
      return "run";
    }
  }
  const engine = await startMemoryEngine(Wrapping);

  const { output } = await engine.end(await engine.workflow.create());

  expect(output).toBe("wrapped run");
});

test("this.ctx.waitUntil keeps work going after run has returned", async () => {
  const done: string[] = [];
  class Background extends WorkflowEntrypoint {
    async run() {
      this.ctx.waitUntil(
        new Promise<void>((resolve) => void setImmediate(resolve)).then(
          () => void done.push("sent"),
        ),
      );
    }
  }
  const engine = await startMemoryEngine(Background);
  await engine.end(await engine.workflow.create());

  await engine.workers[0]?.close();

  expect(done).toEqual(["sent"]);
});

test("work given to waitUntil that fails is logged and fails nothing", async () => {
  class Background extends WorkflowEntrypoint {
    async run() {
      this.ctx.waitUntil(Promise.reject(new Error("later")));
    }
  }
  const engine = await startMemoryEngine(Background);

  const { status } = await engine.end(await engine.workflow.create());

  expect(status).toBe("complete");
  expect(engine.logs.map(({ message }) => message)).toContain("work given to waitUntil failed");
});

test("libraries may add methods to step and call them", async () => {
  const { end, instance } = await startBody(async (step) => {
    const extended = step as WorkflowStep & { twice(n: number): Promise<number> };
    extended.twice = async (n) => await step.do("twice", () => n * 2);
    return await extended.twice(4);
  });

  const { output } = await end(instance);

  expect(output).toBe(8);
});

test("step can be handed on to another object's run", async () => {
  class Inner {
    async run(step: WorkflowStep) {
      return await step.do("inner", () => 1);
    }
  }
  const { end, instance } = await startBody(async (step) => await new Inner().run(step));

  const { output } = await end(instance);

  expect(output).toBe(1);
});
