import { expect, test } from "vitest";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { ClaimWriter } from "./claim-writer.ts";
import { insist } from "./insist.ts";
import type { ActivationStore, FencedWrite } from "./ports/activations.ts";

const UNAVAILABLE = new StoreUnavailableError(new Error("ECONNREFUSED"));

/** A call that fails so often before it answers, and the times of its calls. */
function failing(times: number, error: unknown = UNAVAILABLE) {
  const clock = new VirtualClock(0);
  const calledAt: number[] = [];
  const call = async (): Promise<string> => {
    if (calledAt.push(clock.now()) <= times) throw error;
    return "answer";
  };
  return { clock, calledAt, call };
}

test("a call that the store could not take is repeated until it is answered", async () => {
  const { clock, calledAt, call } = failing(3);
  const answer = insist(call, { clock, mayRetry: () => true });

  await clock.advance(10_000);

  expect([await answer, calledAt.length]).toEqual(["answer", 4]);
});

test("the pauses double from 50 ms up to a second", async () => {
  const { clock, calledAt, call } = failing(7);
  const answer = insist(call, { clock, mayRetry: () => true });

  await clock.advance(10_000);
  await answer;

  const pauses = calledAt.slice(1).map((at, index) => at - (calledAt[index] ?? 0));
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
});

test("each failure is told before the next try", async () => {
  const failures: unknown[] = [];
  const { clock, call } = failing(2);
  const onFailure = (error: unknown): void => void failures.push(error);
  const answer = insist(call, { clock, mayRetry: () => true, onFailure });

  await clock.advance(10_000);
  await answer;

  expect(failures).toEqual([UNAVAILABLE, UNAVAILABLE]);
});

test("another error is thrown at once", async () => {
  const { clock, calledAt, call } = failing(1, new Error("a bug"));

  const answer = insist(call, { clock, mayRetry: () => true });

  await expect(answer).rejects.toThrow("a bug");
  expect(calledAt).toHaveLength(1);
});

test("a failure is thrown when there is no reason to go on", async () => {
  const { clock, call } = failing(1);

  const answer = insist(call, { clock, mayRetry: () => false });

  await expect(answer).rejects.toBe(UNAVAILABLE);
});

function writerOn(activations: Partial<ActivationStore>) {
  const clock = new VirtualClock(0);
  const logs: string[] = [];
  const telemetry = {
    log: (_: string, message: string) => void logs.push(message),
    count: () => {},
  };
  const parts = {
    store: { activations: activations as ActivationStore },
    clock,
    telemetry,
    compared: () => undefined,
  };
  const claim = { instanceId: "a", fence: 7, onAnswer: () => {} };
  return { writer: new ClaimWriter(parts, claim), clock, logs };
}

const BATCH = { entries: ["{}"], consumed: [] };

test("writes are numbered from 1, and a repeat keeps its number", async () => {
  const numbers: number[] = [];
  const { writer, clock, logs } = writerOn({});
  const verb = async (_: ActivationStore, write: FencedWrite): Promise<{ type: "committed" }> => {
    if (numbers.push(write.commit) === 1) throw UNAVAILABLE;
    return { type: "committed" };
  };

  const first = writer.send(BATCH, 0, verb);
  await clock.advance(1_000);
  await first;
  await writer.send(BATCH, 0, verb);

  expect(numbers).toEqual([1, 1, 2]);
  expect(logs).toEqual(["the store did not answer, trying again"]);
});

test("a write says which one before it the store has on record", async () => {
  const after: number[] = [];
  const { writer } = writerOn({});
  const answering = (type: string) => async (_: ActivationStore, write: FencedWrite) => {
    after.push(write.after);
    return { type };
  };

  await writer.send(BATCH, 0, answering("committed"));
  await writer.send({ entries: [], consumed: [] }, 0, answering("committed"));
  await writer.send(BATCH, 0, answering("arrived"));
  await writer.send(BATCH, 0, answering("resumed"));
  await writer.send(BATCH, 0, answering("committed"));

  expect(after).toEqual([0, 1, 1, 1, 4]);
});

test("a write whose claim ended meanwhile is given up", async () => {
  const { writer, clock } = writerOn({});
  const sent = writer.send(BATCH, 0, async () => await Promise.reject(UNAVAILABLE));
  await clock.settle();

  writer.end();
  await clock.advance(1_000);

  expect(await sent).toBeUndefined();
});

test("an error that is no unavailability is thrown to who wrote", async () => {
  const { writer } = writerOn({});

  const sent = writer.send(BATCH, 0, async () => await Promise.reject(new Error("a bug")));

  await expect(sent).rejects.toThrow("a bug");
});
