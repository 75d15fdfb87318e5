import { expect, test } from "vitest";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import { MemoryDispatcher } from "./memory-dispatcher.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { VirtualClock } from "./virtual-clock.ts";

interface Bundle {
  readonly clock: VirtualClock;
  readonly queue: MemoryQueue;
  readonly dispatcher: MemoryDispatcher;
  readonly seen: string[];
  readonly see: (instanceId: string) => Promise<void>;
}

function setup(): Bundle {
  const clock = new VirtualClock();
  const queue = new MemoryQueue(clock);
  const seen: string[] = [];
  const see = async (instanceId: string): Promise<void> => void seen.push(instanceId);
  return { clock, queue, dispatcher: new MemoryDispatcher(queue), seen, see };
}

function request(instanceId: string): ActivationRequest {
  return { instanceId, wakeUp: 1, rank: 0 };
}

const never = async (): Promise<void> => await new Promise(() => undefined);

test("a test can lose, double and delay what is dispatched", async () => {
  const { clock, queue, dispatcher, seen, see } = setup();
  queue.interfere(({ instanceId }) => {
    switch (instanceId) {
      case "lost":
        return { copies: 0 };
      case "double":
        return { copies: 2 };
      default:
        return instanceId === "late" ? { delayMs: 50 } : undefined;
    }
  });
  await dispatcher.consume(see, 1);

  await dispatcher.dispatch(["lost", "late", "double", "usual"].map(request));
  await clock.advance(49);

  expect(seen).toEqual(["double", "double", "usual"]);
  await clock.advance(1);
  expect(seen).toEqual(["double", "double", "usual", "late"]);
});

test("delaying needs a clock", async () => {
  const queue = new MemoryQueue();
  queue.interfere(() => ({ delayMs: 1 }));

  await expect(new MemoryDispatcher(queue).dispatch([request("a")])).rejects.toThrow("clock");
});

test("what a killed process had taken can be asked for again", async () => {
  const { clock, queue, dispatcher, seen, see } = setup();
  await dispatcher.consume(never, 1);
  await dispatcher.dispatch([request("a")]);
  await clock.settle();

  dispatcher.kill();
  const other = new MemoryDispatcher(queue);
  await other.dispatch([request("a")]);
  await other.consume(see, 1);
  await clock.settle();

  expect(seen).toEqual(["a"]);
});

test("a killed process neither dispatches nor takes anything more", async () => {
  const { clock, queue, dispatcher, seen, see } = setup();
  await dispatcher.consume(see, 1);

  dispatcher.kill();
  void dispatcher.dispatch([request("a")]);
  await new MemoryDispatcher(queue).dispatch([request("b")]);
  await clock.settle();

  expect(seen).toEqual([]);
  expect(queue.size).toBe(1);
});

test("a closed dispatcher says so", async () => {
  const { dispatcher, see } = setup();
  await dispatcher.close();

  await expect(dispatcher.dispatch([])).rejects.toThrow("closed");
  await expect(dispatcher.consume(see, 1)).rejects.toThrow("closed");
});
