/** How Cloudflare's own libraries use `step`: they add methods to it, wrap it, and hand it on. */
import { expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/model/workflow.ts";
import type { ExecutionContext, WorkflowEvent, WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth } from "../support/harness.ts";

interface AgentStep extends WorkflowStep {
  reportComplete(result: unknown): Promise<void>;
}

type Run = (event: Readonly<WorkflowEvent<unknown>>, step: WorkflowStep) => Promise<unknown>;

const wrapped = new WeakSet();

/** As `AgentWorkflow` of the agents SDK does: its constructor replaces `run` on the prototype, once. */
abstract class AgentLike extends WorkflowEntrypoint<{ heard: unknown[] }> {
  constructor(ctx: ExecutionContext, env: { heard: unknown[] }) {
    super(ctx, env);
    const prototype = Object.getPrototypeOf(this) as { run: Run };
    if (wrapped.has(prototype)) return;
    wrapped.add(prototype);
    const original = prototype.run;
    prototype.run = async function (this: AgentLike, event, step) {
      const { __agentName, ...params } = event.payload as { __agentName: string };
      return await original.call(
        this,
        { ...event, payload: params },
        this.extend(step, __agentName),
      );
    };
  }

  private extend(step: WorkflowStep, agent: string): AgentStep {
    let count = 0;
    const extended = step as AgentStep;
    extended.reportComplete = async (result) => {
      await step.do(`__agent_reportComplete_${count++}`, async () => {
        this.env.heard.push([agent, result]);
      });
    };
    return extended;
  }
}

describeOnBoth(({ start }) => {
  test.each([false, true])(
    "methods that a base class adds to step are recorded steps (cold: %s)",
    async (isCold) => {
      class Greet extends AgentLike {
        override async run(event: WorkflowEvent<unknown>, step: AgentStep): Promise<unknown> {
          const { name } = event.payload as { name: string };
          await step.reportComplete({ name });
          await step.sleep("nap", 100);
          await step.reportComplete("again");
          return Object.keys(event.payload);
        }
      }
      const heard: unknown[] = [];
      const engine = await start(Greet, { env: { heard }, isCold });

      const params = { name: "Ada", __agentName: "agent-7" };
      const { output } = await engine.end(await engine.workflow.create({ params }));

      expect(output).toEqual(["name"]);
      expect(heard).toEqual([
        ["agent-7", { name: "Ada" }],
        ["agent-7", "again"],
      ]);
    },
  );

  test.each([false, true])(
    "step can be handed on to the run of another object (cold: %s)",
    async (isCold) => {
      const runners = {
        double: { run: async (n: number, step: WorkflowStep) => await step.do("d", () => n * 2) },
        late: {
          async run(n: number, step: WorkflowStep) {
            await step.sleep("nap", 100);
            const event = await step.waitForEvent<number>("more", { type: "more" });
            return n + event.payload;
          },
        },
      };
      class Dispatching extends WorkflowEntrypoint {
        override async run(event: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
          const { runner, n } = event.payload as { runner: keyof typeof runners; n: number };
          return await (await Promise.resolve(runners[runner])).run(n, step);
        }
      }
      const engine = await start(Dispatching, { isCold });
      const create = async (runner: string) =>
        await engine.workflow.create({ params: { runner, n: 4 } });

      const late = await create("late");
      await late.sendEvent({ type: "more", payload: 38 });

      expect(await engine.end(await create("double"))).toMatchObject({ output: 8 });
      expect(await engine.end(late)).toMatchObject({ output: 42 });
    },
  );

  test("a wrapper around step may answer for some methods and pass others on", async () => {
    class Wrapping extends WorkflowEntrypoint {
      override async run(_: WorkflowEvent<unknown>, step: WorkflowStep): Promise<unknown> {
        const names: string[] = [];
        const proxy = new Proxy(step, {
          get(target, key) {
            if (key !== "do") return Reflect.get(target, key) as unknown;
            return async (name: string, ...rest: [() => Promise<unknown>]) => {
              names.push(name);
              return await target.do(`prefixed ${name}`, ...rest);
            };
          },
        });
        const value = await proxy.do("a", async () => 1);
        await proxy.sleep("nap", 1);
        return [names, value];
      }
    }
    const engine = await start(Wrapping);

    expect(await engine.end(await engine.workflow.create())).toMatchObject({ output: [["a"], 1] });
  });
});
