/** The events of an instance. */
import { describe } from "../describe.ts";
import type { Scenario, Workflow } from "../scenario.ts";
import { readEvents } from "../steps.ts";

/** Events without what no two runs have in common. */
async function eventsOf(workflow: Workflow, id: string, options?: unknown): Promise<unknown> {
  const instance = await workflow.get(id);
  const events = await readEvents(
    { subscribe: async () => await instance.subscribe(options) },
    true,
  );
  return events.map(({ type, stepName, attempt, output, params, error, eventType, eventId }) => ({
    type,
    stepName,
    attempt,
    output: describe(output),
    params: describe(params),
    error: describe(error),
    eventType,
    eventId,
  }));
}

export const SUBSCRIBE: readonly Scenario[] = [
  {
    name: "subscribe: one step",
    run: async (step) => await step.do("a", () => ({ at: new Date(0) })),
    async drive({ create, ended, workflow }) {
      const instance = await create({ params: { n: 1 } });
      await ended(instance);
      return await eventsOf(workflow, instance.id);
    },
  },
  {
    name: "subscribe: retries, and an error in the end",
    run: async (step) =>
      await step.do("a", { retries: { limit: 1, delay: 5 } }, () => {
        throw new RangeError("no");
      }),
    async drive({ create, ended, workflow }) {
      const instance = await create();
      await ended(instance);
      return await eventsOf(workflow, instance.id);
    },
  },
  {
    name: "subscribe: a cursor, and a filter",
    run: async (step) => await step.do("a", () => 1),
    async drive({ create, ended, workflow }) {
      const instance = await create();
      await ended(instance);
      return [
        await eventsOf(workflow, instance.id, { cursor: 4 }),
        await eventsOf(workflow, instance.id, { filter: ["step_completed"] }),
        await eventsOf(workflow, instance.id, { cursor: 1_000_000 }),
      ];
    },
  },
  {
    name: "subscribe: options that are refused",
    run: async () => "done",
    async drive({ create, ended, outcome }) {
      const instance = await create();
      await ended(instance);
      const seen: unknown[] = [];
      for (const options of [
        { cursor: -1 },
        { cursor: 1.5 },
        { cursor: "1" },
        { filter: "step_started" },
        { filter: ["nothing"] },
        { unknown: true },
      ]) {
        seen.push(await outcome(async () => void (await instance.subscribe(options))));
      }
      return seen;
    },
  },
  {
    name: "subscribe: a sensitive step",
    run: async (step) => await step.do("a", { sensitive: "output" }, () => "secret"),
    async drive({ create, ended, workflow }) {
      const instance = await create();
      await ended(instance);
      return await eventsOf(workflow, instance.id, { filter: ["step_completed"] });
    },
  },
];
