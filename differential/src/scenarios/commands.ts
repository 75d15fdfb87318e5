/** What may be done to an instance from outside, and when. */
import type { Scenario } from "../scenario.ts";

export const COMMANDS: readonly Scenario[] = [
  {
    name: "pause: while it sleeps, and resume",
    async run(step) {
      await step.sleep("s", 1_500);
      return await step.do("a", () => "done");
    },
    async drive({ begun, create, until, ended }) {
      const instance = await create();
      await begun(instance);
      await instance.pause();
      await until(instance, "paused");
      await instance.resume();
      await ended(instance);
    },
  },
  {
    name: "pause: while a step runs, and resume",
    async run(step, _event, { count, gate }) {
      const first = await step.do("a", async () => {
        count("running");
        await gate("go");
        return "a";
      });
      return [first, await step.do("b", () => "b")];
    },
    async drive({ create, until, ended, counted, open }) {
      const instance = await create();
      await counted(instance, "running");
      await instance.pause();
      const { status } = await instance.status();
      open(instance, "go");
      await until(instance, "paused");
      await instance.resume();
      await ended(instance);
      return status;
    },
  },
  {
    name: "pause: stays paused",
    async run(step) {
      await step.sleep("s", 1_000);
    },
    async drive({ begun, create, until, outcome }) {
      const instance = await create();
      await begun(instance);
      await instance.pause();
      await until(instance, "paused");
      const again = await outcome(instance.pause());
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return again;
    },
  },
  {
    name: "pause: events that are sent meanwhile",
    run: async (step) =>
      (await step.waitForEvent<{ payload: unknown }>("w", { type: "go" })).payload,
    async drive({ begun, create, until, ended }) {
      const instance = await create();
      await begun(instance);
      await instance.pause();
      await until(instance, "paused");
      await instance.sendEvent({ type: "go", payload: 1 });
      await instance.resume();
      await ended(instance);
    },
  },
  {
    name: "resume: what is not paused",
    run: async (step) => await step.sleep("s", 200),
    async drive({ create, ended, outcome }) {
      const instance = await create();
      const resumed = await outcome(instance.resume());
      await ended(instance);
      return [resumed, await outcome(instance.resume()), await outcome(instance.pause())];
    },
  },
  {
    name: "terminate: while it sleeps",
    run: async (step) => await step.sleep("s", "1 hour"),
    async drive({ begun, create, outcome }) {
      const instance = await create();
      await begun(instance);
      return await outcome(instance.terminate());
    },
  },
  {
    name: "terminate: while a step runs",
    async run(step, _event, { count, gate }) {
      await step.do("a", async () => {
        count("running");
        await gate("never");
      });
    },
    async drive({ create, counted, outcome }) {
      const instance = await create();
      await counted(instance, "running");
      return await outcome(instance.terminate());
    },
  },
  {
    name: "terminate: what has ended",
    run: async () => "done",
    async drive({ create, ended, outcome }) {
      const instance = await create();
      await ended(instance);
      return await outcome(instance.terminate());
    },
  },
  {
    name: "restart: what is complete",
    run: async (step, event, { count }) => [await step.do("a", () => count("a")), event.payload],
    async drive({ create, ended, counted }) {
      const instance = await create({ params: { kept: true } });
      await ended(instance);
      await instance.restart();
      await counted(instance, "a", 2);
      await ended(instance);
    },
  },
  {
    name: "restart: what has failed",
    async run(_step, _event, { count }) {
      if (count("run") === 1) throw new Error("first");
      return "second";
    },
    async drive({ create, ended, counted }) {
      const instance = await create();
      await ended(instance);
      await instance.restart();
      await counted(instance, "run", 2);
      await ended(instance);
    },
  },
  {
    name: "delete: what has ended",
    run: async () => "done",
    async drive({ create, ended, outcome, workflow }) {
      const instance = await create();
      await ended(instance);
      await instance.delete();
      return [
        await outcome(workflow.get(instance.id)),
        await outcome(instance.delete()),
        await outcome(instance.status()),
      ];
    },
  },
  {
    name: "delete: the id is free again",
    run: async (_step, event) => event.payload,
    async drive({ create, ended, workflow, keep }) {
      const instance = await create({ params: 1 });
      await ended(instance);
      await instance.delete();
      await ended(keep(await workflow.create({ id: instance.id, params: 2 })));
    },
  },
  {
    name: "sendEvent: what has ended",
    run: async () => "done",
    async drive({ create, ended, outcome }) {
      const instance = await create();
      await ended(instance);
      return await outcome(instance.sendEvent({ type: "go", payload: 1 }));
    },
  },
];
