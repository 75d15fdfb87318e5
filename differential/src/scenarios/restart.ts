/** Restarting from a step. */
import type { Scenario } from "../scenario.ts";

export const RESTART: readonly Scenario[] = [
  {
    name: "restart: from a step",
    async run(step, _event, { count }) {
      const seen: unknown[] = [];
      for (const name of ["a", "b", "c"]) seen.push(await step.do(name, () => count(name)));
      await step.do("end", () => count("end"));
      return seen;
    },
    async drive({ create, ended, counted }) {
      const instance = await create();
      await ended(instance);
      await instance.restart({ from: { name: "b" } });
      await counted(instance, "end", 2);
      await ended(instance);
    },
  },
  {
    name: "restart: from a step that is not there",
    run: async (step) => await step.do("a", () => 1),
    async drive({ create, ended, outcome }) {
      const instance = await create();
      await ended(instance);
      return await outcome(instance.restart({ from: { name: "nope" } }));
    },
  },
];
