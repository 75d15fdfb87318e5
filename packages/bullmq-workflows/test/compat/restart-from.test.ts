/** Cloudflare's rules for `restart({ from })`, one test per sentence. */
import { expect, test } from "vitest";
import type { WorkflowStep } from "../../src/model/workflow.ts";
import { describeOnBoth, startBody, workflowOf } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { drain } from "../support/subscriptions.ts";
import { readText, streamOf } from "../support/streams.ts";

/** What was executed, in order; the how-manieth execution of each name is its result. */
interface Log {
  readonly executed: string[];
  readonly work: (name: string) => () => Promise<string>;
}

function createLog(): Log {
  const executed: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    executed.push(name);
    return `${name}${executed.filter((each) => each === name).length}`;
  };
  return { executed, work };
}

describeOnBoth(({ start, isRealTime }) => {
  test("the step and everything that began after it run again, what began before is cached", async () => {
    const { executed, work } = createLog();
    const engine = await start(
      workflowOf(async (step) => [
        await step.do("a", work("a")),
        await step.do("b", work("b")),
        await step.do("c", work("c")),
      ]),
    );
    const instance = await engine.workflow.create();
    await engine.end(instance);

    await instance.restart({ from: { name: "b" } });

    expect((await engine.end(instance)).output).toEqual(["a1", "b2", "c2"]);
    expect(executed).toEqual(["a", "b", "c", "b", "c"]);
  });

  test("a running instance is taken from whoever runs it", async () => {
    const { executed, work } = createLog();
    const isRunning = createLatch();
    let signal: AbortSignal | undefined;
    const engine = await start(
      workflowOf(async (step) => {
        await step.do("a", work("a"));
        await step.do("b", work("b"));
        return await step.do("c", async (context) => {
          if (signal) return "second";
          signal = context.signal;
          isRunning.open();
          return await new Promise<string>(() => {});
        });
      }),
    );
    const instance = await engine.workflow.create();
    if (!isRealTime) void engine.end(instance);
    await isRunning.opened;

    await instance.restart({ from: { name: "b" } });

    expect((await engine.end(instance)).output).toBe("second");
    expect(signal?.aborted).toBe(true);
    expect(executed).toEqual(["a", "b", "b"]);
  });
});

/** Runs a body to its end, restarts it, runs it to its end again. */
async function restart(
  body: Body,
  from: {
    readonly name: string;
    readonly count?: number;
    readonly type?: "sleep" | "waitForEvent";
  },
): Promise<unknown> {
  const { instance, end } = await startBody(body);
  await end(instance);
  await instance.restart({ from });
  return (await end(instance)).output;
}

test("count is 1 and type is do unless said otherwise", async () => {
  const { executed, work } = createLog();

  await restart(
    async (step) => {
      await step.sleep("a", 10);
      await step.do("b", work("b1"));
      await step.do("a", work("a1"));
      await step.do("a", work("a2"));
    },
    { name: "a" },
  );

  expect(executed).toEqual(["b1", "a1", "a2", "a1", "a2"]);
});

test("the count-th step of that name is looked for", async () => {
  const { executed, work } = createLog();

  await restart(
    async (step) => {
      for (const name of ["x1", "x2", "x3"]) await step.do("x", work(name));
    },
    { name: "x", count: 3 },
  );

  expect(executed).toEqual(["x1", "x2", "x3", "x3"]);
});

test("sleeps and waits may be named, and their results stay cached when they came before", async () => {
  const { executed, work } = createLog();
  const { instance, end, clock, history } = await startBody(async (step) => {
    await step.sleep("nap", "1 hour");
    const event = await step.waitForEvent("w", { type: "go" });
    await step.do("a", work("a"));
    await step.sleep("nap", "2 hours");
    await step.do("b", work("b"));
    return event.payload;
  });
  await instance.sendEvent({ type: "go", payload: 7 });
  await end(instance);

  const before = clock.now();
  await instance.restart({ from: { name: "nap", type: "sleep", count: 2 } });
  expect((await end(instance)).output).toBe(7);
  expect(clock.now() - before).toBe(2 * 3_600_000);
  expect(executed).toEqual(["a", "b", "b"]);

  await instance.restart({ from: { name: "w", type: "waitForEvent" } });
  await clock.settle();
  expect((await instance.status()).status).toBe("waiting");
  expect((await history(instance)).map(({ type }) => type)).toEqual([
    "sleep_started",
    "sleep_completed",
    "workflow_restarted",
    "wait_started",
  ]);
});

test("with parallel steps, earlier means started earlier: one that ended later keeps its result", async () => {
  const { executed, work } = createLog();
  const body = async (step: WorkflowStep): Promise<unknown> =>
    await Promise.all([
      step.do("slow", async () => {
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        return await work("slow")();
      }),
      step.do("fast", work("fast")),
    ]);

  expect(await restart(body, { name: "fast" })).toEqual(["slow1", "fast2"]);
  expect(executed).toEqual(["fast", "slow", "fast"]);
});

test("buffered events are wiped", async () => {
  const { instance, end, clock } = await startBody(async (step) => {
    await step.do("a", () => 1);
    await step.do("b", () => 2);
    await step.sleep("s", "1 hour");
    return await step
      .waitForEvent("w", { type: "go", timeout: "1 minute" })
      .then(({ payload }) => payload)
      .catch(() => "nothing came");
  });
  await instance.sendEvent({ type: "go", payload: "early" });

  await instance.restart({ from: { name: "b" } });
  await clock.settle();

  expect((await end(instance)).output).toBe("nothing came");
});

test("timers are wiped: a sleep that began before and was not over begins anew", async () => {
  const { instance, end, clock } = await startBody(async (step) => {
    await Promise.all([step.sleep("s", "1 hour"), step.do("a", () => 1)]);
  });
  await clock.advance(1_800_000);
  const before = clock.now();

  await instance.restart({ from: { name: "a" } });

  expect((await end(instance)).status).toBe("complete");
  expect(clock.now() - before).toBe(3_600_000);
});

test("a retry that was waited for comes at once, and counts on", async () => {
  const attempts: number[] = [];
  const { instance, end, clock } = await startBody(async (step) => {
    const flaky = step.do("flaky", { retries: { limit: 5, delay: "1 hour" } }, ({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error("no");
    });
    await Promise.all([flaky, step.do("a", () => 1)]);
  });
  const before = clock.now();

  await instance.restart({ from: { name: "a" } });
  await end(instance);

  expect(attempts).toEqual([1, 2]);
  expect(clock.now()).toBe(before);
});

test("an attempt that was called off by the restart counts for nothing", async () => {
  const attempts: number[] = [];
  const { instance, end, clock } = await startBody(async (step) => {
    const long = step.do("long", { retries: { limit: 0, delay: 0 } }, async ({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length === 1) await new Promise(() => {});
    });
    await Promise.all([long, step.do("a", () => 1)]);
  });
  // Long enough to be on record.
  await clock.advance(5_000);

  await instance.restart({ from: { name: "a" } });

  expect((await end(instance)).status).toBe("complete");
  expect(attempts).toEqual([1, 1]);
});

test("a step that failed may be tried anew, with all of its retries", async () => {
  let isBroken = true;
  const { instance, end } = await startBody(async (step) => {
    await step.do("a", () => 1);
    return await step.do("b", { retries: { limit: 1, delay: 0 } }, ({ attempt }) => {
      if (isBroken) throw new Error("broken");
      return attempt;
    });
  });
  expect((await end(instance)).status).toBe("errored");
  isBroken = false;

  await instance.restart({ from: { name: "b" } });

  expect(await end(instance)).toMatchObject({ status: "complete", output: 1 });
});

test("steps inside a step are steps like any other", async () => {
  const { executed, work } = createLog();
  const body = async (step: WorkflowStep): Promise<unknown> => [
    await step.do("outer", async () => [
      await step.do("in", work("in")),
      await step.do("in", work("in")),
    ]),
    await step.do("after", work("after")),
  ];

  expect(await restart(body, { name: "outer" })).toEqual([["in3", "in4"], "after2"]);
  // The step around it began before, and keeps its result.
  expect(await restart(body, { name: "in", count: 2 })).toEqual([["in5", "in6"], "after4"]);
  expect(executed.slice(-4)).toEqual(["in", "in", "after", "after"]);
});

test("streams that came before are read again, those after are made anew", async () => {
  const { work } = createLog();
  const body = async (step: WorkflowStep): Promise<unknown> => {
    const make = (name: string) => async () => streamOf(await work(name)());
    const streams = [await step.do("a", make("a")), await step.do("b", make("b"))];
    return await Promise.all(streams.map(readText));
  };

  expect(await restart(body, { name: "b" })).toEqual(["a1", "b2"]);
});

test("an instance that was terminated, paused or is queued may be restarted from a step", async () => {
  const { instance, end, clock } = await startBody(async (step) => {
    await step.do("a", () => 1);
    await step.sleep("s", "1 hour");
    return "done";
  });

  await instance.terminate();
  await instance.restart({ from: { name: "s", type: "sleep" } });
  await clock.settle();
  await instance.pause();
  expect((await instance.status()).status).toBe("paused");
  await instance.restart({ from: { name: "s", type: "sleep" } });
  await instance.restart({ from: { name: "a" } });

  expect((await end(instance)).output).toBe("done");
});

test("a step that is not in the history is refused, and nothing happens", async () => {
  const { instance, end } = await startBody(async (step) => await step.do("a", () => 1));
  await end(instance);

  for (const from of [
    { name: "b" },
    { name: "a", count: 2 },
    { name: "a", type: "sleep" as const },
  ]) {
    await expect(instance.restart({ from })).rejects.toMatchObject({
      code: "instance.cannot_restart",
      message: `(instance.cannot_restart) Step "${from.name}" not found in execution history`,
    });
  }
  expect((await instance.status()).status).toBe("complete");
});

test("an instance that is not there is not found", async () => {
  const { instance } = await startBody(async (step) => await step.do("a", () => 1));
  await instance.delete();

  await expect(instance.restart({ from: { name: "a" } })).rejects.toMatchObject({
    code: "instance.not_found",
  });
});

test.each([
  [null],
  ["a"],
  [{}],
  [{ name: 1 }],
  [{ name: "a", count: 0 }],
  [{ name: "a", count: 1.5 }],
  [{ name: "a", count: "1" }],
  [{ name: "a", type: "race" }],
])("from of %j is refused", async (from) => {
  const { instance } = await startBody(async (step) => await step.do("a", () => 1));

  await expect(instance.restart({ from: from as never })).rejects.toMatchObject({
    code: "instance.invalid_restart",
  });
});

test("without from, or with undefined, everything begins anew", async () => {
  const { executed, work } = createLog();
  const { instance, end } = await startBody(async (step) => await step.do("a", work("a")));
  await end(instance);

  await instance.restart({});
  await end(instance);
  await instance.restart({ from: undefined as never });
  await end(instance);

  expect(executed).toEqual(["a", "a", "a"]);
});

test("an instance that records without a pause for breath is restarted as well", async () => {
  const { instance, end, store, clock } = await startBody(
    async (step) => {
      for (let n = 0; n < 300; n++) await step.do("a", () => n);
      return "done";
    },
    { workers: 0 },
  );
  await clock.settle();
  // Each look at the history is followed by another entry.
  const claimed = await store.activations.claim({
    instanceId: instance.id,
    workerId: "w",
    leaseMs: 60_000,
    nonce: "n",
  });
  const fence = claimed.type === "claimed" ? claimed.claim.fence : 0;
  let commit = 0;
  const history = store.instances.history.bind(store);
  store.instances.history = async (id) => {
    const before = await history(id);
    const entry = {
      type: "step_completed",
      step: `a-${++commit}`,
      call: commit,
      attempt: 1,
      output: 1,
    };
    const news = await store.activations.commit({
      instanceId: id,
      fence,
      commit,
      after: commit - 1,
      consumed: [],
      seenEvent: 0,
      entries: [JSON.stringify(entry)],
    });
    // It stops when it is told to pause.
    if (news.type === "committed" && news.news.isPauseRequested) store.instances.history = history;
    return commit === 1 ? await history(id) : before;
  };

  await instance.restart({ from: { name: "a" } });

  expect((await instance.status()).status).toBe("queued");
  expect(end).toBeDefined();
});

test("terminate with a rollback right after it undoes the steps that it has kept", async () => {
  const { executed, work } = createLog();
  const engine = await startBody(async (step) => {
    await step.do("charge", work("charge"), { rollback: () => void executed.push("refund") });
    await step.do("ship", work("ship"));
    await step.sleep("nap", "1 hour");
  });
  for (const worker of engine.workers) await worker.close();
  await engine.instance.restart({ from: { name: "ship" } });

  await engine.instance.terminate({ rollback: true });
  await engine.addWorker();

  expect((await engine.end(engine.instance)).status).toBe("terminated");
  expect(executed).toEqual(["charge", "ship", "refund"]);
});

test("a step that was undone runs again, with what began after it", async () => {
  const { executed, work } = createLog();
  const { instance, end } = await startBody(async (step) => {
    await step.do("order", work("order"));
    await step.do("charge", work("charge"), { rollback: () => void executed.push("refund") });
    await step.do("mail", work("mail"));
    await step.do("ship", { retries: { limit: 0, delay: 1 } }, async () => {
      if ((await work("ship")()) === "ship1") throw new Error("no");
    });
  });
  await end(instance);
  expect(executed).toEqual(["order", "charge", "mail", "ship", "refund"]);

  await instance.restart({ from: { name: "ship" } });

  expect((await end(instance)).status).toBe("complete");
  expect(executed.slice(5)).toEqual(["charge", "mail", "ship"]);
});

test("no event gets the id of another one", async () => {
  const { instance, end } = await startBody(async (step) => {
    await Promise.all([
      step.do("slow", async () => {
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      }),
      step.do("fast", () => 1),
    ]);
  });
  await end(instance);
  const before = await drain(await instance.subscribe());

  await instance.restart({ from: { name: "fast" } });
  await end(instance);
  const after = await drain(await instance.subscribe());

  const toId = ({ eventId }: { readonly eventId: number }): number => eventId;
  const known = new Map(before.map((event) => [event.eventId, event]));
  const again = after.filter((event) => known.has(event.eventId));
  expect(again.map(({ type }) => type)).toEqual(
    again.map(({ eventId }) => known.get(eventId)?.type),
  );
  expect(again.filter((event) => "stepName" in event)).toEqual([]);
  expect(after.map(toId)).toEqual(after.map(toId).toSorted((a, b) => a - b));
});
