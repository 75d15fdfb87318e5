import { expect, test } from "vitest";
import { NonRetryableError } from "../../src/model/errors.ts";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

type Race = (...parameters: unknown[]) => Promise<unknown>;

const NO_RETRY = { retries: { limit: 0, delay: 0 } } as const;

describeOnBoth(({ run }) => {
  test("a race resolves with the first branch to settle, by name", async () => {
    const { output } = await run(
      async (step) =>
        await step.race({
          quick: step.do("quick", () => 1),
          never: step.waitForEvent("never", { type: "never" }),
        }),
    );

    expect(output).toEqual({ winner: "quick", value: 1 });
  });

  test("a race has the same winner in every replay", async () => {
    const winners: unknown[] = [];
    await run(
      async (step) => {
        const { winner } = await step.race({
          slow: step.sleep("slow", "1 day"),
          quick: step.sleep("quick", 60),
        });
        winners.push(winner);
        await step.sleep("s", 60);
      },
      { isCold: true },
    );

    expect(new Set(winners)).toEqual(new Set(["quick"]));
  });
});

test("a branch that throws first makes the race throw, also on replay", async () => {
  const seen: unknown[] = [];
  const { end, instance } = await startBody(
    async (step) => {
      const raced = step.race({
        bad: step.do("bad", () => {
          throw new NonRetryableError("bad luck");
        }),
        never: step.sleep("never", "300 days"),
      });
      seen.push(await raced.catch((error: unknown) => (error as Error).message));
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );

  await end(instance);

  expect(seen).toEqual(["bad luck", "bad luck"]);
});

test("a race that nobody awaits and that throws does not bring the process down", async () => {
  const { end, instance } = await startBody(async (step) => {
    void step.race({ bad: step.do("bad", NO_RETRY, () => Promise.reject(new Error("no"))) });
    await step.sleep("s", "1 hour");
    return "done";
  });

  const { output } = await end(instance);

  expect(output).toBe("done");
});

test("a losing do has its signal aborted, its result is ignored, and a replay does not run it", async () => {
  const seen: string[] = [];
  const late = createLatch();
  const { clock, end, history, instance } = await startBody(
    async (step) => {
      await step.race({
        slow: step.do("slow", { timeout: "300 days" }, async ({ signal }) => {
          seen.push("slow begins");
          signal.addEventListener("abort", () => seen.push(String(signal.reason)));
          await late.opened;
          seen.push("slow ends");
        }),
        quick: step.waitForEvent("quick", { type: "go" }),
      });
      await step.sleep("s", "1 day");
    },
    { warmLimit: 0 },
  );
  await instance.sendEvent({ type: "go" });
  await clock.settle();
  late.open();

  await end(instance);

  expect(seen).toEqual(["slow begins", "AbortError: The step lost a race", "slow ends"]);
  const entries = (await history(instance)).filter((entry) => "step" in entry);
  expect(entries.filter(({ step }) => step === "slow-1").map(({ type }) => type)).toEqual([]);
});

test("a losing wait takes no event", async () => {
  const { clock, end, instance } = await startBody(async (step) => {
    const raced = await step.race({
      event: step.waitForEvent("loser", { type: "go" }),
      nap: step.sleep("nap", "1 minute"),
    });
    return [raced.winner, (await step.waitForEvent("next", { type: "go" })).payload];
  });
  await clock.advance(61_000);

  await instance.sendEvent({ type: "go", payload: "for the next" });

  expect((await end(instance)).output).toEqual(["nap", "for the next"]);
});

test("a losing timer does not wake the instance", async () => {
  const { clock, instance, store } = await startBody(async (step) => {
    await step.race({
      nap: step.sleep("nap", "1 hour"),
      event: step.waitForEvent("w", { type: "go" }),
    });
    await step.waitForEvent("next", { type: "next", timeout: "30 days" });
  });
  await instance.sendEvent({ type: "go" });
  await clock.settle();

  const wakesAt = store.inspect(instance.id)?.placedAt ?? 0;

  expect(wakesAt - clock.now()).toBe(30 * 86_400_000);
});

test("a loser's promise never settles", async () => {
  const { end, instance } = await startBody(async (step) => {
    const loser = step.sleep("loser", "1 hour");
    await step.race({ loser, quick: step.do("quick", () => 1) });
    const first = await Promise.race([
      loser.then(() => "the loser"),
      step.sleep("longer", "2 hours").then(() => "the longer"),
    ]);
    return first;
  });

  const { output } = await end(instance);

  expect(output).toBe("the longer");
});

test("a losing step that waits for its retry is not tried again", async () => {
  const attempts: number[] = [];
  const { clock, instance } = await startBody(async (step) => {
    await step.race({
      failing: step.do("failing", { retries: { limit: 5, delay: "1 hour" } }, ({ attempt }) => {
        attempts.push(attempt);
        throw new Error("no");
      }),
      quick: step.sleep("quick", "1 minute"),
    });
    await step.sleep("s", "10 days");
  });

  await clock.advance(5 * 86_400_000);

  expect(attempts).toEqual([1]);
  expect((await instance.status()).status).toBe("waiting");
});

test("of branches that have settled before the race begins the first one wins", async () => {
  const { end, instance } = await startBody(async (step) => {
    const a = step.sleep("a", "2 hours");
    const b = step.sleep("b", "1 hour");
    await Promise.all([a, b]);
    return await step.race({ a, b });
  });

  const { output } = await end(instance);

  expect(output).toEqual({ winner: "b", value: undefined });
});

test("of branches that settle in the same instant the first one wins, and the other keeps its result", async () => {
  const both = createLatch();
  const { clock, end, instance } = await startBody(async (step) => {
    const wait = async (): Promise<void> => await both.opened;
    const [a, b] = [step.do("a", wait), step.do("b", wait)];
    const { winner } = await step.race({ b, a });
    return winner;
  });
  await clock.settle();

  both.open();

  expect((await end(instance)).output).toBe("a");
});

test("races have names, count like steps, and are called race when nothing is said", async () => {
  const { history, instance } = await startBody(async (step) => {
    await step.race({ a: step.do("a", () => 1) });
    await step.race({ a: step.do("a", () => 1) });
    await step.race("mine", { a: step.do("a", () => 1) });
  });

  const entries = (await history(instance)).filter(({ type }) => type === "race_settled");

  expect(entries.map((entry) => "step" in entry && entry.step)).toEqual([
    "race-1",
    "race-2",
    "mine-1",
  ]);
});

test.each<[string, (step: WorkflowStep) => unknown[], string]>([
  ["no branches", () => [{}], 'Race "race" needs an object with at least one branch'],
  ["nothing", () => [], 'Race "race" needs an object with at least one branch'],
  ["null", () => ["n", null], 'Race "n" needs an object with at least one branch'],
  ["a promise that is no step's", () => [{ a: Promise.resolve(1) }], 'Branch "a" of race "race"'],
  ["a value", () => ["n", { a: 1 }], 'Branch "a" of race "n" must be the promise'],
  ["a bad name", (step) => ["a\n", { a: step.do("a", () => 1) }], 'Step name "a\n" exceeds'],
])("a race of %s is refused", async (_, parametersOf, message) => {
  const { end, instance } = await startBody(
    async (step) => await (step.race as Race)(...parametersOf(step)),
  );

  const { error } = await end(instance);

  expect(error?.name).toBe("WorkflowFatalError");
  expect(error?.message).toContain(message);
});

test("a race inside a step works", async () => {
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("outer", async () => {
        const raced = await step.race({
          nap: step.sleep("nap", "1 day"),
          quick: step.do("quick", () => "quick"),
        });
        return raced.winner;
      }),
  );

  const { output } = await end(instance);

  expect(output).toBe("quick");
});

test("Promise.race over sleeps, events and steps has the same winner in every replay", async () => {
  const winners: unknown[] = [];
  const body = workflowOf(async (step) => {
    const named = async (name: string, promise: Promise<unknown>): Promise<string> =>
      await promise.then(() => name);
    for (const round of ["1", "2", "3"]) {
      winners.push(
        await Promise.race([
          named("sleep", step.sleep(`sleep ${round}`, "2 hours")),
          named("event", step.waitForEvent(`event ${round}`, { type: round })),
          named(
            "do",
            step.do(
              `do ${round}`,
              { retries: { limit: 9, delay: "1 hour", backoff: "constant" } },
              ({ attempt }) => {
                if (round !== "3" || attempt < 2) throw new Error("again");
              },
            ),
          ),
        ]),
      );
    }
    await step.sleep("end", "5 days");
    return winners.length;
  });
  const engine = await startMemoryEngine(body, {
    warmLimit: 0,
    sweepIntervalMs: 3_600_000,
    leaseMs: 10_800_000,
  });
  const instance = await engine.workflow.create();
  await engine.clock.advance(1_000);
  await instance.sendEvent({ type: "1" });

  await engine.end(instance);

  const passes = [];
  for (let last = winners.length; last > 0;) {
    const begin = winners.lastIndexOf("event", last - 1);
    passes.push(winners.slice(begin, last));
    last = begin;
  }
  expect(passes[0]).toEqual(["event", "sleep", "do"]);
  for (const pass of passes) expect(passes[0]?.slice(0, pass.length)).toEqual(pass);
});

test("a race that fails and that nobody awaits brings nothing down", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const { end, instance } = await startBody(async (step) => {
    void step.race({ broken: step.do("broken", NO_RETRY, () => Promise.reject(new Error("no"))) });
    await step.sleep("meanwhile", 1_000);
  });

  const { status } = await end(instance);

  process.off("unhandledRejection", onUnhandled);
  expect({ status, unhandled }).toEqual({ status: "complete", unhandled: [] });
});
