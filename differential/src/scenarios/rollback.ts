/** Undoing what steps have done. */
import { describe, settle } from "../describe.ts";
import type { Scenario } from "../scenario.ts";

const ONCE = { retries: { limit: 0, delay: 0 } };

/** Notes in what order handlers ran. */
type Undo = (what: string) => { rollback: (given: Readonly<Record<string, unknown>>) => void };

function undoing(trace: unknown[]): Undo {
  return (what) => ({
    rollback: ({ error, output, stepName }) => {
      trace.push([what, describe(error), output, stepName]);
    },
  });
}

/** What handlers have noted, by instance: it outlives the run. */
const traces = new Map<string, unknown[]>();

function traceOf(instanceId: string): unknown[] {
  const trace = traces.get(instanceId) ?? [];
  traces.set(instanceId, trace);
  return trace;
}

export const ROLLBACK: readonly Scenario[] = [
  {
    name: "rollback: in reverse order of start, after an uncaught error",
    async run(step, { instanceId }) {
      const undo = undoing(traceOf(instanceId));
      await step.do("a", () => 1, undo("a"));
      await step.do("b", ONCE, () => 2, undo("b"));
      await step.do("none", () => 3);
      throw Object.assign(new Error("trigger"), { name: "Trigger" });
    },
    async drive({ create, ended }) {
      const instance = await create();
      await ended(instance);
      return traceOf(instance.id);
    },
  },
  {
    name: "rollback: a step that failed is undone too, one that was caught is",
    async run(step, { instanceId }) {
      const undo = undoing(traceOf(instanceId));
      const fail = (): never => {
        throw new TypeError("no");
      };
      await step.do("caught", ONCE, fail, undo("caught")).catch(() => {});
      await step.do("fails", ONCE, fail, undo("fails"));
    },
    async drive({ create, ended }) {
      const instance = await create();
      await ended(instance);
      return traceOf(instance.id);
    },
  },
  {
    name: "rollback: nothing to undo",
    async run(step) {
      await step.do("a", () => 1);
      throw new Error("trigger");
    },
  },
  {
    name: "rollback: not after a success",
    async run(step, { instanceId }) {
      await step.do("a", () => 1, undoing(traceOf(instanceId))("a"));
      return "fine";
    },
    async drive({ create, ended }) {
      const instance = await create();
      await ended(instance);
      return traceOf(instance.id);
    },
  },
  {
    name: "rollback: a handler is retried",
    async run(step, _event, { count }) {
      const rollback = (): void => {
        if (count("undo") < 3) throw new Error("not yet");
      };
      const rollbackConfig = { retries: { limit: 3, delay: 5, backoff: "constant" } };
      await step.do("a", () => 1, { rollback, rollbackConfig });
      throw new Error("trigger");
    },
  },
  {
    name: "rollback: a handler that fails stops it",
    async run(step, { instanceId }) {
      const undo = undoing(traceOf(instanceId));
      const rollback = (): never => {
        throw new Error("cannot");
      };
      await step.do("first", () => 1, undo("first"));
      await step.do("second", () => 2, { rollback, rollbackConfig: ONCE });
      throw new Error("trigger");
    },
    async drive({ create, ended }) {
      const instance = await create();
      await ended(instance);
      return traceOf(instance.id);
    },
  },
  {
    name: "rollback: parallel steps, one after the other",
    async run(step, { instanceId }) {
      const undo = undoing(traceOf(instanceId));
      await Promise.all([
        step.do("a", () => 1, undo("a")),
        step.do("b", () => 2, undo("b")),
        step.do("c", () => 3, undo("c")),
      ]);
      throw new Error("trigger");
    },
    async drive({ create, ended }) {
      const instance = await create();
      await ended(instance);
      return traceOf(instance.id);
    },
  },
  {
    name: "rollback: a bad rollbackConfig",
    run: async (step) =>
      await settle(
        step.do("a", () => 1, { rollback: () => {}, rollbackConfig: { retries: { limit: 1 } } }),
      ),
  },
  {
    name: "rollback: terminate, with and without",
    async run(step, { instanceId }) {
      await step.do("a", () => 1, undoing(traceOf(instanceId))("a"));
      await step.waitForEvent("w", { type: "never" });
    },
    async drive({ begun, create, ended, until }) {
      const seen: unknown[] = [];
      for (const options of [undefined, { rollback: true }, { rollback: "yes" }]) {
        const instance = await create();
        await begun(instance);
        await instance.terminate(options);
        await until(instance, "terminated");
        await ended(instance);
        seen.push(traceOf(instance.id));
      }
      return seen;
    },
  },
];
