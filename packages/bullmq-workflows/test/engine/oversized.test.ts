/** A store that takes no large writes: whatever an activation wants to write at once, it leaves in parts. */
import { expect, test } from "vitest";
import { overlay } from "../../src/engine/overlay.ts";
import type { FencedWrite, FinishRequest } from "../../src/engine/ports/activations.ts";
import type { Store } from "../../src/engine/ports/store.ts";
import { NonRetryableError } from "../../src/model/errors.ts";
import { WriteTooLargeError } from "../../src/model/write-too-large-error.ts";
import type { Body } from "../support/harness.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

/** Room for one entry, and not for two. */
const LIMIT = 260;

/** Room for an error with its stack, too. */
const ENOUGH = 10_000;

const WRITES = [
  "commit",
  "suspend",
  "finish",
  "settlePause",
  "release",
  "startRollback",
  "finishRollback",
] as const;

type Refused = (verb: string) => void;

function takingLittle(store: Store, limit: number, refused: Refused): Store {
  return overlay(store, { activations: refusing(store.activations, limit, refused) });
}

function refusing(
  activations: Store["activations"],
  limit: number,
  refused: Refused,
): Store["activations"] {
  const isWrite = (key: string | symbol): boolean => (WRITES as readonly unknown[]).includes(key);
  return new Proxy(activations, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      if (!isWrite(key)) return member.bind(target);
      return async (write: FencedWrite & Partial<FinishRequest>) => {
        const size = [...write.entries, JSON.stringify(write.result ?? "")].join("").length;
        if (size <= limit) return await member.call(target, write);
        refused(String(key));
        throw new WriteTooLargeError({ size, limit });
      };
    },
  });
}

async function start(body: Body, limit = LIMIT): Promise<MemoryEngine & { refused: string[] }> {
  const engine = await startMemoryEngine(workflowOf(body), { workers: 0 });
  const refused: string[] = [];
  const store = takingLittle(engine.store, limit, (verb) => void refused.push(verb));
  await engine.addWorker({ store });
  return { ...engine, refused };
}

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

test("steps that end together are recorded in order, and none runs twice", async () => {
  const runs: string[] = [];
  const { workflow, history, end, refused } = await start(async (step) => {
    const results = NAMES.map(
      async (name) => await step.do(name, () => runs.push(name) && "x".repeat(90)),
    );
    await Promise.all(results);
    return "done";
  });
  const instance = await workflow.create();

  expect(await end(instance)).toMatchObject({ status: "complete", output: "done" });

  expect(refused).toContain("commit");
  expect(runs).toEqual(NAMES);
  const steps = (await history(instance)).flatMap((entry) => ("step" in entry ? [entry.step] : []));
  expect(steps).toEqual(NAMES.map((name) => `${name}-1`));
});

test("sleeps and waits that begin together are suspended with the last of them", async () => {
  const { workflow, end, clock, refused } = await start(async (step) => {
    const sleeps = NAMES.map(
      async (name) => await step.sleep(`${name}${"x".repeat(60)}`, "1 hour"),
    );
    const event = step.waitForEvent<string>("e", { type: "go" });
    await Promise.all(sleeps);
    return (await event).payload;
  });
  const instance = await workflow.create();
  await clock.settle();

  expect(refused).toContain("suspend");
  expect((await instance.status()).status).toBe("waiting");
  await instance.sendEvent({ type: "go", payload: "went" });
  expect(await end(instance)).toMatchObject({ status: "complete", output: "went" });
});

test("events that are taken together each leave with their entry", async () => {
  const { workflow, store, end, refused } = await start(async (step) => {
    await step.sleep("s", "1 second");
    const waits = NAMES.map(
      async (name) => await step.waitForEvent<string>(name, { type: "go", timeout: "1 hour" }),
    );
    return (await Promise.all(waits)).map(({ payload }) => payload).join("");
  });
  const instance = await workflow.create();
  for (const payload of NAMES) await instance.sendEvent({ type: "go", payload });

  expect(await end(instance)).toMatchObject({ status: "complete", output: NAMES.join("") });

  expect(refused.length).toBeGreaterThan(0);
  expect(store.partition.instances.get(instance.id)?.events.size).toBe(0);
});

test("a race has the same winner when its end is in another write", async () => {
  const { workflow, replaceWorkers, end, refused } = await start(async (step) => {
    const winner = await step.race({
      [`long${"x".repeat(80)}`]: step.do(`a${"x".repeat(80)}`, () => "a"),
      other: step.do(`b${"x".repeat(80)}`, () => "b"),
    });
    await step.sleep("s", "1 hour");
    return JSON.stringify(winner);
  });
  const instance = await workflow.create();
  const before = await end(instance);

  await instance.restart({ from: { name: "s", type: "sleep" } });
  await replaceWorkers();

  expect(refused.length).toBeGreaterThan(0);
  expect(await end(instance)).toEqual(before);
});

/** Neither a result nor the message of an error that is as long can be kept. */
const HUGE = "x".repeat(ENOUGH);

const throwHuge = (): never => {
  throw new NonRetryableError(HUGE);
};

test("a result or an error that is too large by itself fails its step, which says so", async () => {
  const { workflow, end } = await start(async (step) => {
    const messages: string[] = [];
    const keep = (error: Error) => void messages.push(`${error.name}: ${error.message}`);
    await step.do("result", () => HUGE).catch(keep);
    await step.do("error", throwHuge).catch(keep);
    return messages;
  }, ENOUGH);
  const instance = await workflow.create();

  const { output } = await end(instance);

  expect(output).toEqual([
    expect.stringContaining('WriteTooLargeError: What step "result-1" records is too large'),
    expect.stringContaining('WriteTooLargeError: What step "error-1" records is too large'),
  ]);
});

test.each([
  ["an output", async () => HUGE],
  ["an error", async () => throwHuge()],
] satisfies readonly (readonly [string, Body])[])(
  "%s that is too large ends the instance, which says so",
  async (_, body) => {
    const { workflow, end, refused } = await start(body, ENOUGH);
    const instance = await workflow.create();

    const { status, error } = await end(instance);

    expect(status).toBe("errored");
    expect(error?.message).toContain("The end of the instance is too large");
    expect(refused).toEqual(["finish"]);
  },
);

test("a rollback whose errors are too large is one, and over nevertheless", async () => {
  const statuses: unknown[] = [];
  const { workflow, end, history, store } = await start(async (step) => {
    const rollback = (): never => {
      statuses.push(store.partition.instances.get(instance.id)?.status);
      return throwHuge();
    };
    await step.do("a", () => 1, { rollback });
    throwHuge();
  }, ENOUGH);
  const instance = await workflow.create();

  const { status, error } = await end(instance);

  expect(status).toBe("errored");
  expect(error?.message).toContain('The entry "rollback_started" is too large');
  expect(statuses).toEqual(["rollingBack"]);
  expect((await history(instance)).map(({ type }) => type)).toContain("rollback_errored");
});

test("an error that set a rollback off and does not fit its end is over, too", async () => {
  // Twice as long as it is on record: this store counts the quotes of what an instance ends with once more.
  const message = '"'.repeat(ENOUGH / 5);
  const { workflow, end, refused } = await start(async (step) => {
    await step.do("a", () => 1, { rollback: () => undefined });
    throw new NonRetryableError(message);
  }, ENOUGH);
  const instance = await workflow.create();

  const { status, error } = await end(instance);

  expect(refused).toEqual(["finishRollback"]);
  expect(status).toBe("errored");
  expect(error?.message).toContain("The end of the instance is too large");
});
