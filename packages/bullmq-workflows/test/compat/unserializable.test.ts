import { expect, test } from "vitest";
import { describeOnBoth, startBody } from "../support/harness.ts";

class Money {
  readonly cents = 5;
}

const TWICE = { retries: { limit: 1, delay: 1 } } as const;

/** What crosses at Cloudflare and cannot be cloned. */
const ENDING: readonly (readonly [string, () => unknown])[] = [
  ["a function", () => () => 1],
  ["an object with a function", () => ({ a: { b: () => 1 } })],
  ["a Response", () => new Response("text")],
];

/** What cannot even cross. */
const FAILING: readonly (readonly [string, () => unknown, string])[] = [
  [
    "a class instance",
    () => new Money(),
    'Could not serialize object of type "Money". This type does not support serialization.',
  ],
  [
    "an object with a class instance",
    () => ({ price: new Money() }),
    'Could not serialize object of type "Money". This type does not support serialization.',
  ],
  ["a symbol", () => Symbol("x"), "Symbol(x) could not be cloned."],
];

describeOnBoth(({ run }) => {
  test.each(ENDING)(
    "with errors: cloudflare, a step that returns %s ends the instance, and nothing can catch it",
    async (_, make) => {
      let attempts = 0;
      const after: string[] = [];
      const status = await run(
        async (step) => {
          const give = (): unknown => {
            attempts++;
            return make();
          };
          try {
            await step.do("a", TWICE, give);
          } catch {
            after.push("caught");
          } finally {
            after.push("finally");
          }
        },
        { errors: "cloudflare" },
      );

      expect(status).toMatchObject({
        status: "errored",
        error: {
          name: "WorkflowFatalError",
          message:
            'The execution of the Workflow instance was terminated, as the step "a" returned a value which is not serialisable',
        },
      });
      expect([attempts, after]).toEqual([1, []]);
    },
  );
});

test("with errors: cloudflare, the step that ended its instance is on record as failed", async () => {
  const { end, history, instance } = await startBody(
    async (step) => await step.do("a", () => (): number => 1),
    { errors: "cloudflare" },
  );
  await end(instance);

  expect(await history(instance)).toEqual([
    expect.objectContaining({
      type: "step_errored",
      step: "a-1",
      error: expect.objectContaining({}) as unknown,
    }),
    { type: "workflow_errored" },
  ]);
});

test.each(FAILING)(
  "with errors: cloudflare, a step that returns %s fails, is retried, and can be caught",
  async (_, make, message) => {
    let attempts = 0;
    const { end, instance } = await startBody(
      async (step) => {
        const give = (): unknown => {
          attempts++;
          return make();
        };
        const caught = await step.do("a", TWICE, give).catch((error: unknown) => error);
        return [caught instanceof DOMException, (caught as Error).name, (caught as Error).message];
      },
      { errors: "cloudflare" },
    );

    expect((await end(instance)).output).toEqual([true, "DataCloneError", message]);
    expect(attempts).toBe(2);
  },
);

test.each<[string, () => unknown, string]>([
  ...ENDING.slice(0, 2).map(
    ([what, make]) => [what, make, "RpcStub cannot be serialized in this context."] as const,
  ),
  ["a Response", () => new Response("text"), "ReadableStream can only be serialized for RPC."],
  ...FAILING,
] as never)(
  "with errors: cloudflare, %s as the output fails the instance with a DataCloneError",
  async (_, make, message) => {
    const { end, instance } = await startBody(async () => make(), { errors: "cloudflare" });

    expect(await end(instance)).toMatchObject({
      status: "errored",
      error: { name: "DataCloneError", message },
    });
  },
);
