/** Sleeping, and waiting for events. */
import { settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";

export const WAITING: readonly Scenario[] = [
  {
    name: "sleep: durations",
    async run(step) {
      const took: unknown[] = [];
      for (const [duration, ms] of [
        [30, 30],
        ["30", 30],
        ["30 ms", 30],
        ["0.05 seconds", 50],
        [0, 0],
        [-5, 0],
        ["", 0],
      ] as const) {
        const before = Date.now();
        const outcome = await settle(step.sleep("s", duration));
        took.push([duration, outcome, Date.now() - before >= ms - 2]);
      }
      return took;
    },
  },
  {
    name: "sleep: what is no duration",
    async run(step) {
      const refused: unknown[] = [];
      for (const duration of [Number.NaN, undefined, "10seconds", "soon"]) {
        refused.push(await settle(step.sleep("s", duration)));
      }
      return refused;
    },
  },
  {
    name: "sleep: the same name as other steps",
    run: async (step) => [
      await step.do("x", () => 1),
      await step.sleep("x", 5),
      await step.do("x", () => 2),
      await step.sleep("x", 10),
    ],
  },
  {
    name: "sleepUntil: a Date and a number",
    run: async (step) => [
      await settle(step.sleepUntil("a", new Date(Date.now() + 40))),
      await settle(step.sleepUntil("b", Date.now() + 40)),
    ],
  },
  {
    name: "sleepUntil: in the past, caught",
    run: async (step) => [
      await settle(step.sleepUntil("a", new Date(Date.now() - 5_000))),
      await settle(step.sleepUntil("b", Math.floor(Date.now() / 1_000) + 60)),
    ],
  },
  {
    name: "sleepUntil: in the past, nobody catches it",
    run: async (step) => await step.sleepUntil("a", Date.now() - 5_000),
  },
  {
    name: "wait: an event that comes later",
    run: async (step) => {
      const event = await step.waitForEvent<Record<string, unknown>>("w", { type: "go" });
      return [Object.keys(event), event["payload"], event["timestamp"] instanceof Date];
    },
    async drive({ begun, create, ended }) {
      const instance = await create();
      await begun(instance);
      await instance.sendEvent({ type: "go", payload: { n: 1 } });
      await ended(instance);
    },
  },
  {
    name: "wait: an event without a payload",
    run: async (step) =>
      Object.keys(await step.waitForEvent<Record<string, unknown>>("w", { type: "go" })),
    async drive({ create, ended, outcome }) {
      const instance = await create();
      const sent = await outcome(instance.sendEvent({ type: "go" }));
      await ended(instance);
      return sent;
    },
  },
  {
    name: "wait: events that came before, in order and by type",
    async run(step, _event, { gate }) {
      await step.do("hold", async () => await gate("sent"));
      const seen: unknown[] = [];
      for (const type of ["a", "b", "a"]) {
        seen.push((await step.waitForEvent<{ payload: unknown }>("w", { type })).payload);
      }
      return seen;
    },
    async drive({ create, open, ended }) {
      const instance = await create();
      for (const [type, payload] of [
        ["a", 1],
        ["a", 2],
        ["other", 3],
        ["b", 4],
      ] as const) {
        await instance.sendEvent({ type, payload });
      }
      open(instance, "sent");
      await ended(instance);
    },
  },
  {
    name: "wait: two waits of a type are served in order",
    async run(step) {
      const one = step.waitForEvent<{ payload: unknown }>("one", { type: "go" });
      const two = step.waitForEvent<{ payload: unknown }>("two", { type: "go" });
      return [(await one).payload, (await two).payload];
    },
    async drive({ begun, create, ended }) {
      const instance = await create();
      await begun(instance);
      await instance.sendEvent({ type: "go", payload: "first" });
      await instance.sendEvent({ type: "go", payload: "second" });
      await ended(instance);
    },
  },
  {
    name: "wait: times out, caught",
    run: async (step) => [
      await settle(step.waitForEvent("w", { type: "go", timeout: "1 second" })),
      await step.do("a", () => "on"),
    ],
  },
  {
    name: "wait: times out, nobody catches it",
    run: async (step) => await step.waitForEvent("w", { type: "go", timeout: 1_000 }),
  },
  {
    name: "wait: after a timeout the event goes to the next wait",
    async run(step, _event, { count }) {
      const first = await settle(step.waitForEvent("one", { type: "go", timeout: 1_000 }));
      count("timed out");
      const second = await step.waitForEvent<{ payload: unknown }>("two", { type: "go" });
      return [first, second.payload];
    },
    async drive({ create, counted, ended }) {
      const instance = await create();
      await counted(instance, "timed out");
      await instance.sendEvent({ type: "go", payload: 1 });
      await ended(instance);
    },
  },
  {
    name: "wait: a timeout that is falsy",
    async run(step) {
      const waits = [undefined, 0, ""].map(
        async (timeout) =>
          await step.waitForEvent<{ payload: unknown }>("w", { type: "go", timeout }),
      );
      return (await Promise.all(waits)).map(({ payload }) => payload);
    },
    async drive({ begun, create, ended }) {
      const instance = await create();
      await begun(instance);
      for (const payload of [1, 2, 3]) await instance.sendEvent({ type: "go", payload });
      await ended(instance);
    },
  },
  {
    name: "wait: without options",
    run: async (step) => {
      const outcome = (await settle(step.waitForEvent("w"))) as { threw?: { $: string } };
      return outcome.threw?.$;
    },
  },
  {
    name: "wait: a timeout of less than a second",
    run: async (step) => await settle(step.waitForEvent("w", { type: "go", timeout: 50 })),
  },
  {
    name: "wait: a type with a dot",
    run: async (step) => await settle(step.waitForEvent("w", { type: "a.b", timeout: 1_000 })),
  },
  {
    name: "wait: keeps the types of a payload",
    run: async (step) =>
      (await step.waitForEvent<{ payload: unknown }>("w", { type: "go" })).payload,
    async drive({ create, ended }) {
      const instance = await create();
      await instance.sendEvent({ type: "go", payload: { at: new Date(0), all: new Set([1]) } });
      await ended(instance);
    },
  },
];
