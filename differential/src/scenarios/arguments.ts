/** What `step.do` may be given, and what it refuses. */
import { settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };
const nothing = async (): Promise<void> => {};

export const ARGUMENTS: readonly Scenario[] = [
  {
    name: "do: without a callback",
    run: async (step) => [
      await settle(step.do("a")),
      await settle(step.do("b", {})),
      await settle(step.do("c", undefined, "text")),
      await settle(step.do("d", null, { retries: { limit: 0, delay: 0 } })),
    ],
  },
  {
    name: "do: a callback alone, or after a config of null or undefined",
    run: async (step) => [
      await step.do("a", () => 1),
      await step.do("b", null, () => 2),
      await step.do("c", undefined, () => 3),
    ],
  },
  {
    name: "do: what the callback is given",
    run: async (step) => [
      await step.do("a", function counted(...parameters: unknown[]) {
        return [parameters.length, parameters[0]];
      }),
      await step.do("a", ONCE, (context: unknown) => context),
      await step.do(
        "b",
        { retries: { limit: 2, delay: "5 seconds", backoff: "linear" }, timeout: "1 minute" },
        (context: unknown) => context,
      ),
      await step.do("c", { retries: { limit: 2, delay: () => 0 } }, (context: unknown) => context),
    ],
  },
  {
    name: "do: a sync callback",
    run: async (step) => [
      await step.do("returns", () => 5),
      await settle(
        step.do("throws", ONCE, () => {
          throw new Error("sync");
        }),
      ),
    ],
  },
  {
    name: "do: rollback options of the wrong kind",
    run: async (step) => [
      await settle(step.do("a", nothing, [])),
      await settle(step.do("b", nothing, "text")),
      await settle(step.do("c", nothing, null)),
      await settle(step.do("d", nothing, {})),
      await settle(step.do("e", {}, nothing, { rollback: 5 })),
    ],
  },
  {
    name: "do: names",
    run: async (step) => [
      await settle(step.do("a".repeat(256), nothing)),
      await settle(step.do("a".repeat(257), nothing)),
      await settle(step.do("a\tb", nothing)),
      await settle(step.do("a\nb", nothing)),
      await settle(step.do("", nothing)),
      await settle(step.do("héllo 👋 \u007F", nothing)),
    ],
  },
  {
    name: "do: a number as the name",
    run: async (step) => await step.do(7, (context: unknown) => context),
  },
  {
    name: "do: no name",
    run: async (step) => {
      const outcome = (await settle(step.do(undefined, nothing))) as { threw?: { $: string } };
      return outcome.threw?.$;
    },
  },
  {
    name: "do: configs that are refused",
    run: async (step) => {
      const refused: unknown[] = [
        { retries: { limit: 1 } },
        { retries: { delay: 1 } },
        { retries: { limit: -1, delay: 0 } },
        { retries: { limit: Infinity, delay: 0 } },
        { retries: { limit: 1, delay: -1 } },
        { retries: { limit: 1, delay: "10seconds" } },
        { retries: { limit: 1, delay: 0, backoff: "random" } },
        { retries: { limit: 1, delay: 0, jitter: true } },
        { timeout: 0 },
        { timeout: "soon" },
        { timeout: -1 },
        { unknown: true },
        { sensitive: "input" },
        { retries: "many" },
      ];
      const seen: unknown[] = [];
      for (const config of refused) seen.push(await settle(step.do("a", config, nothing)));
      return seen;
    },
  },
  {
    name: "do: configs that are allowed",
    run: async (step) => {
      const allowed: unknown[] = [
        {},
        { retries: { limit: 0, delay: 0 } },
        { retries: { limit: 1.5, delay: "5000" } },
        { retries: { limit: 1, delay: "1.5 hours", backoff: "constant" } },
        { timeout: "10 Minutes" },
        { timeout: "30 minutes" },
        { sensitive: "output" },
      ];
      const seen: unknown[] = [];
      for (const config of allowed) {
        seen.push(await settle(step.do("a", config, (context: unknown) => context)));
      }
      return seen;
    },
  },
  {
    name: "do: the order of the checks",
    run: async (step) => [
      await settle(step.do("bad\nname", { unknown: true }, "no callback", "no object")),
      await settle(step.do("bad\nname", { unknown: true }, nothing, "no object")),
      await settle(step.do("bad\nname", { unknown: true }, nothing, {})),
      await settle(step.do("bad\nname", { unknown: true }, nothing)),
    ],
  },
  {
    name: "do: a refusal that nobody catches",
    run: async (step) => await step.do("a", { unknown: true }, nothing),
  },
  {
    name: "limit of steps: what counts, and what the next call gets",
    async run(step) {
      const seen: unknown[] = [];
      await step.sleep("s", 1);
      for (const name of ["a", "b", "c", "d"]) seen.push(await settle(step.do(name, () => name)));
      return seen;
    },
    async drive({ limited, newId, keep, ended }) {
      await ended(keep(await limited.create({ id: newId() })));
    },
  },
  {
    name: "limit of steps: nobody catches it",
    async run(step) {
      for (const name of ["a", "a", "a", "a"]) await step.do(name, nothing);
    },
    async drive({ limited, newId, keep, ended }) {
      await ended(keep(await limited.create({ id: newId() })));
    },
  },
  {
    name: "run: returns without a step",
    run: async () => "done",
  },
  {
    name: "run: the event",
    run: async (_step, event) => [
      Object.keys(event),
      event.payload,
      event.timestamp instanceof Date,
      event.workflowName,
    ],
  },
  {
    name: "run: the event may be changed",
    async run(step, event) {
      event.payload = { changed: true };
      return await step.do("a", () => event.payload);
    },
  },
  {
    name: "run: step can be extended and handed on",
    async run(step) {
      const extended = Object.assign(step, { twice: async () => await step.do("twice", () => 2) });
      const handOn = async (other: typeof step): Promise<unknown> => await other.do("b", () => 3);
      return [await extended.twice(), await handOn(extended)];
    },
  },
];
