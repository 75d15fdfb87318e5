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

/** A schema that is not of any library. */
function schemaOf(validate: Schema["~standard"]["validate"]): Schema {
  return { "~standard": { version: 1, vendor: "nobody", validate } };
}

const positive = schemaOf((value) =>
  Number(value) > 0 ? { value: Number(value) } : { issues: [{ message: "must be positive" }] },
);

describe("a batch", () => {
  test("in its object form creates what is accepted, and says why the rest was not", async () => {
    const engine = await start({ params: positive });

    const { created, errors } = await engine.workflow.createBatch({
      instances: [
        { id: "a", params: "1" },
        { id: "b", params: -1 },
        { id: "b", params: 2 },
      ],
    });

    expect(created.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(errors).toEqual([
      {
        index: 1,
        id: "b",
        code: 10_422,
        message:
          '(params.invalid) Invalid params of workflow "test" (entry 1 of the batch): must be positive',
      },
    ]);
    expect((await engine.store.instances.get("b"))?.params).toBe("2");
  });

  test("in its array form creates nothing when one is refused", async () => {
    const engine = await start({ params: positive });

    const batch = [{ params: 1 }, { params: 0 }];

    expect((await refusalOf(engine.workflow.createBatch(batch))).message).toContain("(entry 1 of");
    expect(await countOf(engine)).toBe(0);
  });

  test("of instances that are all alike checks them once", async () => {
    let checkCount = 0;
    const engine = await start({
      params: schemaOf((value) => (++checkCount > 0 && value === 1 ? { value } : { issues: [] })),
    });

    await engine.workflow.createBatch({ count: 3, params: 1 });
    const error = await refusalOf(engine.workflow.createBatch({ count: 3, params: 2 }));

    expect(checkCount).toBe(2);
    expect(error.message).toContain("the schema refused it and did not say why");
    expect(await countOf(engine)).toBe(3);
  });

  test("with a bad id creates nothing, whatever its params", async () => {
    const engine = await start({ params: positive });
    const batch = { instances: [{ params: 1 }, { id: "-bad", params: 0 }] };

    await expect(engine.workflow.createBatch(batch)).rejects.toThrow("instance.invalid_id");
    expect(await countOf(engine)).toBe(0);
  });
});

describe("what a schema is given", () => {
  test("is {} when there are no params, and nothing when an event has no payload", async () => {
    const seen: unknown[] = [];
    const noting = schemaOf((value) => {
      seen.push(value);
      return { value };
    });
    const engine = await start({ params: noting, events: { approval: noting } });
    const instance = await engine.workflow.create();

    await instance.sendEvent({ type: "approval" });
    await engine.workflow.create({ params: null });

    expect(seen).toEqual([{}, undefined, null]);
    expect((await engine.end(instance)).output).toEqual([{}, undefined]);
  });

  test("an event of a type without a schema is not checked", async () => {
    const engine = await start({ events: { approval: positive } });
    const instance = await engine.workflow.create();

    await expect(instance.sendEvent({ type: "other", payload: -1 })).resolves.toBeUndefined();
    await expect(instance.sendEvent({ type: "toString" })).resolves.toBeUndefined();
  });
});

describe("a schema that", () => {
  test("is asynchronous is waited for", async () => {
    const engine = await start({
      params: z.object({}).refine(async () => await Promise.resolve(false)),
    });

    expect((await refusalOf(engine.workflow.create())).code).toBe("params.invalid");
  });

  test("never answers is given up after five seconds", async () => {
    const engine = await start({ params: schemaOf(async () => await new Promise(() => {})) });
    const refusal = refusalOf(engine.workflow.create());

    await engine.clock.advance(5_000);

    expect((await refusal).message).toContain("the schema did not answer within 5 seconds");
  });

  test("throws is told of, with what it threw as the cause", async () => {
    const cause = new TypeError("oops");
    const engine = await start({
      params: schemaOf(() => {
        throw cause;
      }),
    });

    const error = await refusalOf(engine.workflow.create());

    expect(error.message).toContain("the schema threw an error: oops");
    expect([error.cause, error.issues]).toEqual([cause, []]);
  });

  test("has much to say is cut short", async () => {
    const long = "x".repeat(1_000_000);
    const issues = Array.from({ length: 1_000 }, (_, index) => {
      return { message: long, path: ["lines", { key: index }, Symbol("s"), long] };
    });
    const engine = await start({ params: schemaOf(() => ({ issues })) });

    const error = await refusalOf(engine.workflow.create());

    expect(error.message.length).toBeLessThan(10_000);
    expect(error.message).toContain("; and 90 more");
    expect(error.issues).toHaveLength(100);
    expect(JSON.stringify(error.issues).length).toBeLessThan(200_000);
    expect(error.issues[0]?.path.slice(0, 3)).toEqual(["lines", 0, "Symbol(s)"]);
  });

  test.each([[[null]], [[7, { path: 3 }]], ["text"], [true]])(
    "answers nonsense for issues is not believed to accept: %j",
    async (issues) => {
      const answer = { issues } as unknown as { issues: [] };
      const engine = await start({ params: schemaOf(() => answer) });

      expect((await refusalOf(engine.workflow.create())).code).toBe("params.invalid");
    },
  );

  test("makes what cannot be stored is refused as such", async () => {
    const engine = await start({ params: schemaOf(() => ({ value: () => {} })) });

    await expect(engine.workflow.create()).rejects.toThrow("Cannot store this value");
  });
});
