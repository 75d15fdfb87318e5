/** Cloudflare's rules for `sensitive: "output"`, one test per sentence. */
import { expect, test } from "vitest";
import type { CompletedStep, HistoryEntry } from "../../src/model/history.ts";
import { observedOutput, observedStream } from "../../src/model/observed-output.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import { readText, streamOf } from "../support/streams.ts";

const SENSITIVE = { sensitive: "output" } as const;

function completed(history: readonly HistoryEntry[]): CompletedStep {
  return history.find(({ type }) => type === "step_completed") as CompletedStep;
}

describeOnBoth(({ run }) => {
  test("the real value is returned to the code, and in every replay", async () => {
    const status = await run(
      async (step) => {
        const secret = await step.do("a", SENSITIVE, () => ({ key: "s3cret" }));
        await step.sleep("s", 100);
        return secret.key.length;
      },
      { isCold: true },
    );

    expect(status.output).toBe(6);
  });

  test("so is a stream", async () => {
    const status = await run(
      async (step) => {
        const stream = await step.do("a", SENSITIVE, () => streamOf("s3cret"));
        await step.sleep("s", 100);
        return (await readText(stream)).length;
      },
      { isCold: true },
    );

    expect(status.output).toBe(6);
  });
});

test("everything observable shows [REDACTED]", async () => {
  const { instance, history } = await startBody(async (step) => {
    await step.do("a", SENSITIVE, () => "s3cret");
  });

  const entry = completed(await history(instance));

  expect(entry.sensitive).toBe("output");
  expect(observedOutput(entry)).toBe("[REDACTED]");
});

test("stream outputs are redacted too: they leave no preview, and are not to be read", async () => {
  const { instance, history, store } = await startBody(async (step) => {
    await step.do("a", SENSITIVE, () => streamOf("s3cret"));
  });

  const entry = completed(await history(instance));

  expect(observedOutput(entry)).toBe("[REDACTED]");
  expect(observedStream(entry)).toBeUndefined();
  const texts = (await store.instances.history(instance.id)).map(({ text }) => text);
  expect(texts.join()).not.toContain("s3cret");
});

test("an output that is not sensitive is shown", async () => {
  const { instance, history } = await startBody(async (step) => {
    await step.do("a", () => "public");
  });

  expect(observedOutput(completed(await history(instance)))).toBe("public");
});

test("errors are not redacted", async () => {
  const { instance, end, history } = await startBody(async (step) => {
    await step.do("a", { ...SENSITIVE, retries: { limit: 0, delay: 0 } }, () => {
      throw new Error("it was s3cret");
    });
  });

  expect((await end(instance)).error).toMatchObject({ message: "it was s3cret" });
  expect(await history(instance)).toMatchObject([
    { type: "step_errored", error: expect.anything() },
    { type: "workflow_errored" },
  ]);
});

test("nothing that is logged has the value", async () => {
  const { instance, end, logs } = await startBody(
    async (step) => {
      await step.do("a", { ...SENSITIVE, retries: { limit: 1, delay: 0 } }, ({ attempt }) => {
        if (attempt === 1) throw new Error("no");
        return "s3cret";
      });
      await step.sleep("s", "1 hour");
    },
    { warmLimit: 0 },
  );
  await end(instance);

  expect(JSON.stringify(logs)).not.toContain("s3cret");
});

test("what the code asks for when the step begins is what holds, also for a later version of it", async () => {
  let isSensitive = true;
  const { instance, end, history } = await startBody(
    async (step) => {
      const retries = { limit: 1, delay: "1 hour" } as const;
      const config = { retries, ...(isSensitive && SENSITIVE) };
      await step.do("a", config, ({ attempt }) => {
        if (attempt === 1) throw new Error("no");
        return "s3cret";
      });
    },
    { warmLimit: 0 },
  );
  isSensitive = false;
  await end(instance);

  expect(completed(await history(instance)).sensitive).toBe("output");
});
