/** Schedules on the whole engine, in virtual time, which begins on a Sunday at 15:06:40 UTC. */
import { describe, expect, test } from "vitest";
import { VIRTUAL_EPOCH } from "../../src/memory/virtual-clock.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine, MemoryEngineOptions } from "../support/memory-engine.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The whole minute that comes first. */
const FIRST = Math.ceil(VIRTUAL_EPOCH / MINUTE) * MINUTE;

const echo = workflowOf(async (step, event) => await step.do("echo", () => event));

const napping = workflowOf(async (step) => await step.sleep("nap", "150 seconds"));

async function start(options: MemoryEngineOptions): Promise<MemoryEngine> {
  return await startMemoryEngine(echo, { schedules: "* * * * *", ...options });
}

/** The scheduled times for which there are instances, in minutes since the first whole one. */
async function minutesOf(engine: MemoryEngine): Promise<number[]> {
  const times = engine.store.snapshot().map(({ id }) => Number(/-(\d+)$/.exec(id)?.[1]));
  return times.map((time) => (time - FIRST) / MINUTE).toSorted((a, b) => a - b);
}

async function statusesOf(engine: MemoryEngine): Promise<string[]> {
  return engine.store.snapshot().map(({ status }) => status);
}

describe("a firing", () => {
  test("starts an instance at its time, with the schedule in its event", async () => {
    const engine = await start({ schedules: [{ cron: "*/5 * * * *", params: { n: 1 } }] });

    await engine.clock.advance(5 * MINUTE);

    const time = Math.ceil(VIRTUAL_EPOCH / (5 * MINUTE)) * 5 * MINUTE;
    const instance = await engine.workflow.get(`*/5 * * * *-${time}`);
    expect(await engine.end(instance)).toMatchObject({
      status: "complete",
      output: {
        timestamp: new Date(time),
        payload: { n: 1 },
        instanceId: instance.id,
        workflowName: "test",
        schedule: { cron: "*/5 * * * *", scheduledTime: time },
      },
    });
  });

  test("has the payload {} when the schedule has no params", async () => {
    const engine = await start({});

    await engine.clock.advance(MINUTE);

    const instance = await engine.workflow.get(`* * * * *-${FIRST}`);
    expect((await engine.end(instance)).output).toMatchObject({ payload: {} });
  });

  test("has params with errors of the workflow's own classes", async () => {
    class OrderError extends Error {
      override readonly name = "OrderError";
    }
    const params = new OrderError("late");
    const received: unknown[] = [];
    const keep = workflowOf(async (_, event) => void received.push(event.payload));
    const schedules = { cron: "* * * * *", params };
    const engine = await startMemoryEngine(keep, { schedules, errorClasses: [OrderError] });

    await engine.clock.advance(MINUTE);

    expect(received).toEqual([expect.any(OrderError)]);
  });

  test("comes once per time, however many workers there are and alarms ring", async () => {
    const engine = await start({ workers: 3 });
    engine.queue.alarms.interfere(() => 3);

    await engine.clock.advance(3 * MINUTE);

    expect(await minutesOf(engine)).toEqual([0, 1, 2]);
  });

  test("keeps its schedule in every replay and after a restart", async () => {
    const engine = await startMemoryEngine(
      workflowOf(async (step, event) => {
        await step.sleep("a", "10 seconds");
        return event.schedule;
      }),
      { schedules: "0 16 * * *", warmLimit: 0 },
    );
    await engine.clock.advance(HOUR);
    const [{ id } = { id: "" }] = engine.store.snapshot();
    const instance = await engine.workflow.get(id);
    const first = await engine.end(instance);

    await instance.restart();
    const second = await engine.end(instance);

    const scheduledTime = Date.parse("2025-06-15T16:00:00Z");
    expect(first.output).toEqual({ cron: "0 16 * * *", scheduledTime });
    expect(second).toEqual(first);
  });

  test("is that of an id which can be looked up and deleted, but not created", async () => {
    const engine = await start({});
    await engine.clock.advance(MINUTE);
    const id = `* * * * *-${FIRST}`;

    await expect(engine.workflow.create({ id })).rejects.toThrow("instance.invalid_id");
    await (await engine.workflow.get(id)).delete();
    await engine.clock.advance(SECOND);

    await expect(engine.workflow.get(id)).rejects.toThrow("instance.not_found");
  });

  test("has no event.schedule when somebody created the instance", async () => {
    const engine = await start({});

    const { output } = await engine.end(await engine.workflow.create());

    expect(output).not.toHaveProperty("schedule");
  });
});

describe("when alarms are lost", () => {
  test("a beat finds what is overdue, and sets them again", async () => {
    const engine = await start({});
    engine.queue.alarms.forget();

    await engine.clock.advance(FIRST - VIRTUAL_EPOCH + 20 * SECOND);

    expect(await minutesOf(engine)).toEqual([0]);
    expect(engine.queue.alarms.count).toBe(1);
  });

  test("one that does not ring delays its firing by 20 seconds at most", async () => {
    const engine = await start({});
    engine.queue.alarms.interfere(() => 0);

    await engine.clock.advance(FIRST - VIRTUAL_EPOCH + 2 * MINUTE + 20 * SECOND);

    expect(await minutesOf(engine)).toEqual([0, 1, 2]);
  });

  test("one of a schedule that nobody has any more is taken away when it rings", async () => {
    const engine = await start({});
    engine.queue.alarms.set([
      { key: "* * * * *", cron: "* * * * *", timezone: "UTC" },
      { key: "1 * * * *", cron: "* * * * *", timezone: "UTC" },
    ]);

    await engine.clock.advance(2 * MINUTE);

    expect(engine.queue.alarms.count).toBe(1);
    expect(await minutesOf(engine)).toEqual([0, 1]);
  });
});

describe("while no worker runs", () => {
  /** Nobody is there for ten minutes and a half, and somebody for a while afterwards. */
  async function miss(catchUp: false | "latest" | "all"): Promise<MemoryEngine> {
    const engine = await start({ schedules: { cron: "* * * * *", catchUp } });
    await engine.clock.advance(FIRST - VIRTUAL_EPOCH + SECOND);
    await engine.workers[0]?.close();
    await engine.clock.advance(10 * MINUTE + 30 * SECOND);
    await engine.addWorker();
    await engine.clock.advance(10 * SECOND);
    return engine;
  }

  test("firings are missed, but for one of the last minute", async () => {
    const engine = await miss(false);

    expect(await minutesOf(engine)).toEqual([0, 10]);
    expect(engine.logs).toContainEqual(
      expect.objectContaining({
        message: "firings of a schedule were missed",
        facts: { workflow: "test", schedule: "* * * * *", missed: 9 },
      }),
    );
  });

  test("the latest is made up for", async () => {
    expect(await minutesOf(await miss("latest"))).toEqual([0, 10]);
  });

  test("all are made up for", async () => {
    expect(await minutesOf(await miss("all"))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("a schedule that is new has nothing to make up for", async () => {
    const engine = await start({ schedules: { cron: "* * * * *", catchUp: "all" }, workers: 0 });
    await engine.clock.advance(HOUR);

    await engine.addWorker();
    await engine.clock.advance(SECOND);

    expect(await minutesOf(engine)).toEqual([]);
  });
});

describe("while an earlier instance is unfinished", () => {
  async function overlap(how: "allow" | "skip" | "queue"): Promise<MemoryEngine> {
    const schedules = { cron: "* * * * *", overlap: how };
    const engine = await startMemoryEngine(napping, { schedules });
    await engine.clock.advance(FIRST - VIRTUAL_EPOCH + 4 * MINUTE + SECOND);
    return engine;
  }

  test("with allow the next ones start", async () => {
    const engine = await overlap("allow");

    expect(await statusesOf(engine)).toEqual([
      "complete",
      "complete",
      "waiting",
      "waiting",
      "waiting",
    ]);
  });

  test("with skip there are no next ones", async () => {
    const engine = await overlap("skip");

    expect(await minutesOf(engine)).toEqual([0, 3]);
    expect(await statusesOf(engine)).toEqual(["complete", "waiting"]);
  });

  test("with queue the next ones start one after the other", async () => {
    const engine = await overlap("queue");

    expect(await minutesOf(engine)).toEqual([0, 1, 2, 3, 4]);
    expect(await statusesOf(engine)).toEqual(["complete", "waiting", "queued", "queued", "queued"]);
    engine.store.checkInvariants();
  });
});
