import { expect, test } from "vitest";
import { startBody, workflowOf } from "../../test/support/harness.ts";
import type { Body } from "../../test/support/harness.ts";
import { createLatch } from "../../test/support/latch.ts";
import { startMemoryEngine } from "../../test/support/memory-engine.ts";
import type { MemoryEngineOptions } from "../../test/support/memory-engine.ts";
import { toNewInstance } from "../client/create-options.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { VirtualClock } from "../memory/virtual-clock.ts";
import { toDefinition } from "../wiring/workflow-options.ts";
import { Activation } from "./activation.ts";

const SHORT: MemoryEngineOptions = { leaseMs: 10_000, sweepIntervalMs: 1_000 };

/** Two steps and a sleep, and how often each step ran. */
function counted() {
  const ran: string[] = [];
  const workflow = workflowOf(async (step) => {
    await step.do("a", () => void ran.push("a"));
    await step.sleep("nap", "1 minute");
    await step.do("b", () => void ran.push("b"));
    return ran;
  });
  return { ran, workflow };
}

test.each(["commit", "suspend", "finish"] as const)(
  "a %s that finds the fence stale ends the activation, and another goes on",
  async (verb) => {
    const { workflow } = counted();
    const engine = await startMemoryEngine(workflow, SHORT);
    const { activations } = engine.store;
    const original = activations[verb];
    Object.assign(activations, {
      [verb]: async () => {
        Object.assign(activations, { [verb]: original });
        return { type: "stale" };
      },
    });
    const instance = await engine.workflow.create();

    const { status, output } = await engine.end(instance);

    expect(status).toBe("complete");
    // What was not recorded ran again; what was, did not.
    expect((output as string[]).at(-1)).toBe("b");
  },
);

test("a pause that was taken back at the last moment lets the activation go on", async () => {
  const first = createLatch();
  const engine = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    return await step.do("second", () => "second");
  });
  const settlePause = engine.store.activations.settlePause.bind(engine.store);
  engine.store.activations.settlePause = async (write) => {
    engine.store.activations.settlePause = settlePause;
    await engine.store.commands.resume(engine.instance.id);
    return await settlePause(write);
  };
  await engine.instance.pause();

  first.open();

  expect((await engine.end(engine.instance)).output).toBe("second");
});

test("a pause whose claim was lost meanwhile is left to others", async () => {
  const first = createLatch();
  const engine = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => 1);
  }, SHORT);
  engine.store.activations.settlePause = async () => ({ type: "stale" });
  await engine.instance.pause();

  first.open();
  await engine.clock.advance(20_000);

  expect((await engine.instance.status()).status).toBe("paused");
});

test("a suspension is refused when an event arrived meanwhile, and the event is taken at once", async () => {
  const engine = await startBody(async (step) => await step.waitForEvent("w", { type: "go" }), {
    workers: 0,
  });
  const suspend = engine.store.activations.suspend.bind(engine.store);
  let suspensions = 0;
  engine.store.activations.suspend = async (write) => {
    suspensions++;
    await engine.store.commands.sendEvent(engine.instance.id, { type: "go" });
    return await suspend(write);
  };

  await engine.addWorker();
  await engine.clock.settle();

  expect((await engine.instance.status()).status).toBe("complete");
  expect(suspensions).toBe(1);
});

test("a suspension whose answer comes after a renewal found the claim gone is replayed later", async () => {
  const answer = createLatch();
  const { ran, workflow } = counted();
  const engine = await startMemoryEngine(workflow, SHORT);
  const suspend = engine.store.activations.suspend.bind(engine.store);
  engine.store.activations.suspend = async (write) => {
    engine.store.activations.suspend = suspend;
    const outcome = await suspend(write);
    await answer.opened;
    return outcome;
  };
  const instance = await engine.workflow.create();
  await engine.clock.advance(5_000);

  answer.open();
  await engine.end(instance);

  expect(ran).toEqual(["a", "b"]);
});

test("a worker that is closed while an instance is parked loses nothing", async () => {
  const { ran, workflow } = counted();
  const engine = await startMemoryEngine(workflow);
  const instance = await engine.workflow.create();
  await engine.clock.settle();

  await engine.workers[0]?.close();
  await engine.addWorker();
  await engine.end(instance);

  expect(ran).toEqual(["a", "b"]);
});

test("a release that finds the fence stale ends the activation all the same", async () => {
  const first = createLatch();
  const engine = await startBody(async (step) => {
    await step.do("first", async () => await first.opened);
    await step.do("second", () => 1);
  });
  engine.store.activations.release = async () => ({ type: "stale" });
  const closing = engine.workers[0]?.close();

  first.open();

  await expect(closing).resolves.toBeUndefined();
});

test("a pause that waits for a running step does not keep looking at timers that are due", async () => {
  const work = createLatch();
  const engine = await startBody(async (step) => {
    await Promise.all([
      step.do("work", { timeout: "5 days" }, async () => await work.opened),
      step.sleep("nap", "1 minute"),
    ]);
  });
  await engine.instance.pause();
  await engine.clock.settle();

  await engine.clock.advance(120_000);
  work.open();
  await engine.clock.settle();

  expect((await engine.instance.status()).status).toBe("paused");
});

test("a step that waited for its lease and lost a race meanwhile does not begin", async () => {
  const ran: string[] = [];
  const late = createLatch();
  const winner = createLatch();
  const renewals = createLatch();
  const engine = await startBody(
    async (step) => {
      const quick = step.do("quick", { timeout: "1 day" }, async () => await winner.opened);
      await late.opened;
      const slow = step.do("slow", () => ran.push("slow"));
      return (await step.race({ quick, slow })).winner;
    },
    { leaseMs: 10_000, sweepIntervalMs: 3_600_000 },
  );
  const renew = engine.store.activations.renew.bind(engine.store);
  engine.store.activations.renew = async (request) =>
    await renewals.opened.then(async () => await renew(request));
  await engine.clock.advance(11_000);
  late.open();
  await engine.clock.settle();
  winner.open();
  await engine.clock.settle();

  renewals.open();
  const { output } = await engine.end(engine.instance);

  expect([ran, output]).toEqual([[], "quick"]);
});

test("an early claim finds what is due though no alarm was set so far ahead", async () => {
  const engine = await startBody(
    async (step) => {
      await Promise.all([
        step.do("long", { timeout: "300 days" }, async () => {
          await new Promise<void>((resolve) => void engine.clock.after(2 * 86_400_000, resolve));
        }),
        step.sleep("nap", "30 hours"),
      ]);
      return "done";
    },
    { workers: 0 },
  );
  await engine.addWorker();
  await engine.clock.settle();

  const { output } = await engine.end(engine.instance);

  expect(output).toBe("done");
});

/** An activation by hand, outside any worker. */
async function activate(body: Body) {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const definition = toDefinition(workflowOf(body), { name: "test" }, {});
  await store.instances.create([toNewInstance({ id: "a" }, definition)]);
  const outcome = await store.activations.claim({
    instanceId: "a",
    workerId: "w",
    leaseMs: 10_000,
    nonce: "n",
  });
  if (outcome.type !== "claimed") throw new Error(outcome.reason);
  const letGo: string[] = [];
  const activation = new Activation(
    {
      definition,
      store,
      clock,
      telemetry: { log: () => {}, count: () => {} },
      onRequests: () => {},
      onReclaim: () => {},
      onStale: () => {},
      compared: () => undefined,
      onEnding: () => {},
      onLetGo: ({ state }) => void letGo.push(state),
      waitUntil: () => {},
    },
    "a",
    { ...outcome.claim, leaseEndsAt: clock.now() + 10_000 },
  );
  await clock.settle();
  return { activation, clock, letGo, store };
}

test("an activation that waits for nothing is due never", async () => {
  const { activation } = await activate(async () => await new Promise(() => {}));

  expect([activation.state, activation.wakesInMs]).toEqual(["active", Infinity]);
});

test("a parked activation knows in how long it is due", async () => {
  const { activation, letGo } = await activate(async (step) => await step.sleep("nap", "1 hour"));

  expect([activation.state, activation.wakesInMs, letGo]).toEqual([
    "parked",
    3_600_000,
    ["parked"],
  ]);
});

test("an activation is let go of once, however often it is dropped", async () => {
  const { activation, letGo } = await activate(async () => await new Promise(() => {}));

  activation.drop("first");
  activation.drop("second");

  expect(letGo).toEqual(["over"]);
});

test("news for an activation that is over are ignored", async () => {
  const { activation } = await activate(async () => await new Promise(() => {}));
  activation.drop("over");

  activation.receive({ isPauseRequested: true, events: [], lastEvent: 7 });
  activation.lookForNews();

  expect([activation.state, activation.seenEvent]).toEqual(["over", 0]);
});

test("a parked activation that is drained is over", async () => {
  const { activation, letGo } = await activate(async (step) => await step.sleep("nap", "1 hour"));

  activation.drain();

  expect([activation.state, letGo]).toEqual(["over", ["parked"]]);
});
