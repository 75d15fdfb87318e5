import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WorkflowEntrypoint } from "../../src/index.ts";
import type { WorkflowEvent, WorkflowStep } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { createRedisEngines } from "../support/redis-engine.ts";
import type { RedisEngines } from "../support/redis-engine.ts";

class Sum extends WorkflowEntrypoint<unknown, { numbers: number[] }> {
  async run(event: WorkflowEvent<{ numbers: number[] }>, step: WorkflowStep) {
    let sum = 0;
    for (const n of event.payload.numbers) sum = await step.do("add", () => sum + n);
    return { sum, at: event.timestamp };
  }
}

class Approval extends WorkflowEntrypoint {
  async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
    const before = await step.do("before", () => process.pid);
    const { payload } = await step.waitForEvent<{ by: string }>("approval", { type: "approved" });
    await step.sleep("a moment", 120);
    return { before, by: payload.by };
  }
}

class Failing extends WorkflowEntrypoint {
  async run(_: WorkflowEvent<unknown>, step: WorkflowStep) {
    await step.do("fail", { retries: { limit: 2, delay: 10 } }, ({ attempt }) => {
      throw new RangeError(`attempt ${attempt}`);
    });
  }
}

describe.each(["native", "wasm"] as const)("on a %s server", (kind) => {
  let server: EmbeddedServer;
  let engines: RedisEngines;

  beforeAll(async () => {
    server = await startServer({ kind });
  });
  afterAll(async () => await server.close());
  beforeEach(() => {
    engines = createRedisEngines(server.url);
  });
  afterEach(async () => await engines.close());

  test("an instance runs to its result, types kept", async () => {
    const sums = engines.start().register(Sum, { name: "sums" });

    const instance = await sums.create({ params: { numbers: [1, 2, 3] } });

    const result = await instance.result({ timeout: "10 seconds" });
    expect(result).toEqual({ sum: 6, at: expect.any(Date) });
    expect(await sums.counts()).toMatchObject({ complete: 1, running: 0, queued: 0 });
  });

  test("a client without workers creates what a worker elsewhere runs", async () => {
    const client = engines.start({ mode: "client" }).register(Sum, { name: "sums" });
    engines.start({ mode: "worker" }).register(Sum, { name: "sums" });

    const instance = await client.create({ params: { numbers: [20, 22] } });

    expect(await instance.result({ timeout: "10 seconds" })).toMatchObject({ sum: 42 });
  });

  test("an instance waits for an event and a timer without a worker holding it", async () => {
    const approvals = engines.start().register(Approval, { name: "approvals" });
    const instance = await approvals.create();
    await eventually(async () => expect((await instance.status()).status).toBe("waiting"));

    await instance.sendEvent({ type: "approved", payload: { by: "ada" } });

    expect(await instance.result({ timeout: "10 seconds" })).toEqual({
      before: process.pid,
      by: "ada",
    });
  });

  test("an event sent before the wait is kept for it", async () => {
    const client = engines.start({ mode: "client" }).register(Approval, { name: "approvals" });
    const instance = await client.create();
    await instance.sendEvent({ type: "approved", payload: { by: "early" } });

    engines.start({ mode: "worker" }).register(Approval, { name: "approvals" });

    expect(await instance.result({ timeout: "10 seconds" })).toMatchObject({ by: "early" });
  });

  test("result rejects with the error the workflow failed with", async () => {
    const failing = engines.start().register(Failing, { name: "failing" });

    const instance = await failing.create();

    await expect(instance.result({ timeout: "10 seconds" })).rejects.toThrow(
      new RangeError("attempt 3"),
    );
    expect(await instance.status()).toMatchObject({
      status: "errored",
      error: { name: "RangeError", message: "attempt 3" },
    });
  });

  test("result times out, and the instance goes on", async () => {
    const approvals = engines.start().register(Approval, { name: "approvals" });
    const instance = await approvals.create();

    await expect(instance.result({ timeout: 50 })).rejects.toMatchObject({
      code: "result.timed_out",
    });

    await instance.sendEvent({ type: "approved", payload: { by: "late" } });
    expect(await instance.result({ timeout: "10 seconds" })).toMatchObject({ by: "late" });
  });

  test("a closed worker gives its instances to another one", async () => {
    const first = engines.start();
    const approvals = first.register(Approval, { name: "approvals" });
    const instance = await approvals.create();
    await eventually(async () => expect((await instance.status()).status).toBe("waiting"));

    await first.close();

    const second = engines.start().register(Approval, { name: "approvals" });
    const again = await second.get(instance.id);
    await again.sendEvent({ type: "approved", payload: { by: "grace" } });
    expect(await again.result({ timeout: "10 seconds" })).toMatchObject({ by: "grace" });
  });
});
