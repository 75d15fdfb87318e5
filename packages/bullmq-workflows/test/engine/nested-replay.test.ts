import { expect, test } from "vitest";
import { startBody, workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";

test("a race of steps inside a step has the same winner in the next attempt of that step", async () => {
  const winners: string[] = [];
  let attempts = 0;
  const { end, instance } = await startBody(
    async (step) =>
      await step.do("outer", { retries: { limit: 2, delay: 10 } }, async () => {
        const slow = step.do("slow", { retries: { limit: 1, delay: 5 } }, ({ attempt }) => {
          if (attempt === 1) throw new Error("not yet");
          return "slow";
        });
        const fast = step.do("fast", () => "fast");
        winners.push(await Promise.race([slow, fast]));
        await Promise.all([slow, fast]);
        if (++attempts < 3) throw new Error("once more");
        return winners;
      }),
  );

  const { output } = await end(instance);

  expect(output).toEqual(["fast", "fast", "fast"]);
});

test("the replay waits for each step anew, so that a removed one does not flip a later race", async () => {
  const winners: string[] = [];
  let isRemoved = false;
  const body = workflowOf(async (step) => {
    if (!isRemoved) await step.do("removed", () => 1);
    const own = async (): Promise<string> => {
      // Something of its own in front of the step: nothing that the history knows of.
      await new Promise<void>((resolve) => void engine.clock.after(50, resolve));
      return await step.do("x", () => "x");
    };
    const other = async (): Promise<string> => {
      await step.sleep("behind", 200);
      return await step.do("y", () => "y");
    };
    const first = own();
    const second = other();
    winners.push(await Promise.race([first, second]));
    await Promise.all([first, second]);
    await step.sleep("nap", "1 hour");
  });
  const engine = await startMemoryEngine(body);
  const instance = await engine.workflow.create();
  await engine.clock.advance(10_000);
  isRemoved = true;
  await engine.replaceWorkers();

  await engine.clock.advance(3_700_000);

  expect((await instance.status()).status).toBe("complete");
  expect(new Set(winners)).toEqual(new Set(["x"]));
});

test("a race settles when one branch was cancelled before and the other is about to be written", async () => {
  const { end, instance } = await startBody(async (step) => {
    const a = step.do("a", () => "a");
    const b = step.waitForEvent("b", { type: "never" });
    const first = await step.race("one", { a, b });
    const c = step.do("c", () => "c");
    const second = await step.race("two", { b, c });
    return [first.winner, second.winner];
  });

  expect((await end(instance)).output).toEqual(["a", "c"]);
});

test("a pause lets a wait inside a running step end, so that the step can", async () => {
  const { clock, instance } = await startBody(async (step) => {
    await step.do("outer", async () => await step.sleep("inner", "1 minute"));
    await step.do("next", () => "next");
  });
  await instance.pause();
  await clock.advance(59_000);
  expect((await instance.status()).status).toBe("waitingForPause");

  await clock.advance(2_000);

  expect((await instance.status()).status).toBe("paused");
});
