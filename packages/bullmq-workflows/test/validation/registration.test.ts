import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ValidationError, WorkflowEngine } from "../../src/index.ts";
import type { Schema, WorkflowOptions } from "../../src/index.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import { toDefinition } from "../../src/wiring/workflow-options.ts";

const nothing = workflowOf(async () => {});

function define(options: Partial<WorkflowOptions>): unknown {
  return toDefinition(nothing, { name: "orders", ...options }, {});
}

describe("register refuses", () => {
  test.each([
    [{ params: { parse: () => 1 } }, "Expected `params` to be a Standard Schema, version 1"],
    [{ params: z.object }, "Expected `params` to be a Standard Schema"],
    [{ params: null }, "Expected `params` to be a Standard Schema"],
    [{ params: { "~standard": { version: 2, validate: () => 1 } } }, "Expected `params`"],
    [{ events: { approval: 7 } }, "Expected `events.approval` to be a Standard Schema"],
    [{ events: { "order.paid": z.string() } }, "got `order.paid`"],
    [{ events: z.string }, "Expected `events"],
  ])("%j", (options, message) => {
    expect(() => define(options as unknown as Partial<WorkflowOptions>)).toThrow(message);
  });
});

describe("the params of a schedule", () => {
  const schedules = [{ cron: "0 * * * *", params: { n: "1" } }];

  test("are what their schema makes of them", async () => {
    const params = z.object({ n: z.coerce.number() });
    const engine = await startMemoryEngine(nothing, { schedules, schemas: { params } });

    await engine.clock.advance(3_600_000);

    const [{ id } = { id: "" }] = engine.store.snapshot();
    expect((await engine.store.instances.get(id))?.params).toBe('{"n":1}');
  });

  test("that it refuses are refused by register", () => {
    const params = z.object({ n: z.number() });

    expect(() => define({ schedules, params })).toThrow(ValidationError);
    expect(() => define({ schedules, params })).toThrow(
      'Invalid schedules[0].params of workflow "orders": $.n: ',
    );
  });

  test("that a schedule does not have are checked as {}", () => {
    const params = z.object({ n: z.number() });

    expect(() => define({ schedules: "0 * * * *", params })).toThrow("$.n: ");
  });

  test("that an asynchronous schema refuses keep the worker from starting", async () => {
    const params: Schema = z
      .object({ n: z.string() })
      .refine(async () => await Promise.resolve(false));
    const engine = new WorkflowEngine({ connection: "redis://127.0.0.1:1" });
    engine.register(nothing, { name: "orders", schedules, params });

    await expect(engine.ready()).rejects.toThrow(ValidationError);
    await engine.close({ force: true });
  });
});
