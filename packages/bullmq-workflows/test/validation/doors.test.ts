import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as yup from "yup";
import { z } from "zod";
import { ValidationError } from "../../src/index.ts";
import type { Schema } from "../../src/index.ts";
import { workflowOf } from "../support/harness.ts";
import { startMemoryEngine } from "../support/memory-engine.ts";
import type { MemoryEngine } from "../support/memory-engine.ts";

/** One and the same schema in four libraries: lines with a count, which may be written as a text. */
const LIBRARIES: readonly (readonly [string, Schema])[] = [
  ["zod", z.object({ lines: z.array(z.object({ count: z.coerce.number().int() })) })],
  [
    "valibot",
    v.object({
      lines: v.array(
        v.object({
          count: v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.integer()),
        }),
      ),
    }),
  ],
  ["arktype", type({ lines: type({ count: "number.integer | string.integer.parse" }).array() })],
  [
    "yup",
    yup.object({
      lines: yup.array(yup.object({ count: yup.number().integer().required() })).required(),
    }),
  ],
];

const GOOD = { lines: [{ count: "2" }] };
const BAD = { lines: [{ count: 1 }, { count: "x" }] };

async function start(schemas: { params?: Schema; events?: Record<string, Schema> }) {
  return await startMemoryEngine(
    workflowOf(async (step, event) => {
      const approval = await step.waitForEvent("approval", { type: "approval" });
      return [event.payload, approval.payload];
    }),
    { schemas },
  );
}

async function countOf(engine: MemoryEngine): Promise<number> {
  const counts = await engine.workflow.counts();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function refusalOf(call: Promise<unknown>): Promise<ValidationError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ValidationError)) throw new Error(`Not refused: ${String(error)}`);
  return error;
}

describe.each(LIBRARIES)("a schema of %s", (_, schema) => {
  test("what it makes of the params is what run gets", async () => {
    const engine = await start({ params: schema });
    const instance = await engine.workflow.create({ params: GOOD });

    await instance.sendEvent({ type: "approval" });

    expect((await engine.end(instance)).output).toEqual([{ lines: [{ count: 2 }] }, undefined]);
  });

  test("params that it refuses create nothing, and it is told where and why", async () => {
    const engine = await start({ params: schema });

    const error = await refusalOf(engine.workflow.create({ params: BAD }));

    expect(error.code).toBe("params.invalid");
    expect(error.message).toContain('(params.invalid) Invalid params of workflow "test": ');
    expect(error.issues[0]?.path).toEqual(["lines", 1, "count"]);
    expect(await countOf(engine)).toBe(0);
  });

  test("what it makes of an event is what is delivered; one that it refuses is not", async () => {
    const engine = await start({ events: { approval: schema } });
    const instance = await engine.workflow.create();

    const error = await refusalOf(instance.sendEvent({ type: "approval", payload: BAD }));
    await instance.sendEvent({ type: "approval", payload: GOOD });

    expect(error.code).toBe("event.invalid");
    expect(error.message).toContain('payload of event "approval" to workflow "test": $.lines[1]');
    expect((await engine.end(instance)).output).toEqual([{}, { lines: [{ count: 2 }] }]);
  });
});
