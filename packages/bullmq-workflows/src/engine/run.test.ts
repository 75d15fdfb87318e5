import { expect, test } from "vitest";
import { workflowOf } from "../../test/support/harness.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { toDefinition } from "../wiring/workflow-options.ts";
import { Run } from "./run.ts";

function setup() {
  const turns: string[] = [];
  const clock = new VirtualClock(0);
  const definition = toDefinition(
    workflowOf(async () => {}),
    { name: "test" },
    {},
  );
  const telemetry = { log: () => {}, count: () => {} };
  const run = new Run(
    { definition, clock, telemetry, store: new MemoryStore(clock) },
    {
      instanceId: "a",
      createdAt: 0,
      holder: { fence: 1, lose: () => {} },
      requestTurn: () => void turns.push("turn"),
      onBlocked: () => {},
      onUnreadable: () => {},
    },
  );
  return { run, turns };
}

test("the end of a step that has lost a race is not staged", () => {
  const { run } = setup();
  const [won, lost] = [run.calls.ask("do", "won"), run.calls.ask("do", "lost")];
  const race = run.calls.ask("race", "r");
  const branches = new Map([
    [won.key, "won"],
    [lost.key, "lost"],
  ]);
  run.races.begin({ key: race.key, reference: race.reference, branches });
  run.stageSettlement(won.key, '{"type":"won"}');
  const staged = run.journal.peek().entries.length;

  run.stageSettlement(lost.key, '{"type":"lost"}');

  expect(run.journal.peek().entries).toHaveLength(staged);
});

test("a step asked for after the end never settles", async () => {
  const { run } = setup();
  const asked = run.calls.ask("do", "late");
  run.stop("over");

  const promise = run.promiseOf(asked);

  expect(await Promise.race([promise, Promise.resolve("pending")])).toBe("pending");
});

test("stopping twice is stopping once", () => {
  const { run } = setup();
  const reasons: unknown[] = [];
  run.attempts.begin("do:a-1", 1, "a-1").signal.addEventListener("abort", (event) => {
    reasons.push(((event.target as AbortSignal).reason as Error).message);
  });

  run.stop("first");
  run.stop("second");

  expect([reasons, run.isStopped]).toEqual([["first"], true]);
});

test("how run ended is settled once, and not at all when it is over", () => {
  const { run, turns } = setup();
  run.finish({ type: "returned", value: 1 });

  run.finish({ type: "returned", value: 2 });
  run.stop("over");
  run.finish({ type: "returned", value: 3 });

  expect([run.result, turns.length]).toEqual([{ type: "returned", value: 1 }, 1]);
});

test("a run whose code ends after it was stopped has no result", () => {
  const { run } = setup();
  run.stop("over");

  run.finish({ type: "returned", value: 1 });

  expect(run.result).toBeUndefined();
});

test("a promise is known by the step it belongs to", () => {
  const { run } = setup();
  const asked = run.calls.ask("sleep", "nap");

  const promise = run.promiseOf(asked);

  expect([run.calls.keyOf(promise), run.calls.keyOf(Promise.resolve())]).toEqual([
    asked.key,
    undefined,
  ]);
});
