/** Cloudflare's rules for step results that are streams, one test per sentence. */
import { createLatch } from "../support/latch.ts";
import { expect, test } from "vitest";
import type { StepEntry } from "../../src/model/history.ts";
import { STREAM_CHUNK_SIZE } from "../../src/model/limits.ts";
import { describeOnBoth, startBody } from "../support/harness.ts";
import {
  bytesOf,
  chunksOf,
  failingStream,
  readAll,
  readText,
  streamOf,
} from "../support/streams.ts";

const RETRY = { retries: { limit: 1, delay: 0 } };

/** The step's last entry. */
function entryOf(history: readonly { readonly type: string }[]): StepEntry {
  return history.findLast(({ type }) => type.startsWith("step_")) as StepEntry;
}

describeOnBoth(({ run }) => {
  test("a callback may return a stream of bytes; the step resolves with its bytes", async () => {
    const status = await run(
      async (step) => await readText(await step.do("a", async () => streamOf("hello ", "world"))),
    );

    expect(status).toMatchObject({ status: "complete", output: "hello world" });
  });

  test("the step resolves with a new stream, not with the one that was returned", async () => {
    const status = await run(async (step) => {
      const source = streamOf("x");
      const result = await step.do("a", async () => source);
      return [result instanceof ReadableStream, result === source, result.locked];
    });

    expect(status.output).toEqual([true, false, false]);
  });

  test("every replay gives a fresh stream", async () => {
    const status = await run(
      async (step) => {
        const stream = await step.do("a", async () => streamOf("once"));
        const text = await readText(stream);
        await step.sleep("s", 100);
        return text;
      },
      { isCold: true },
    );

    expect(status.output).toBe("once");
  });

  test("a stream may be read in another step, in every attempt of it", async () => {
    const status = await run(
      async (step) =>
        await step.do("outer", RETRY, async ({ attempt }) => {
          const text = await readText(await step.do("inner", async () => streamOf("again")));
          if (attempt === 1) throw new Error("once more");
          return text;
        }),
    );

    expect(status.output).toBe("again");
  });

  test("an empty stream is fine", async () => {
    const status = await run(
      async (step) => (await readAll(await step.do("a", async () => streamOf()))).length,
    );

    expect(status).toMatchObject({ status: "complete", output: 0 });
  });

  test("chunks of no bytes are skipped", async () => {
    const status = await run(async (step) => {
      const stream = await step.do("a", async () => streamOf("", "a", "", "b", ""));
      return (await chunksOf(stream)).map((chunk) => chunk.length);
    });

    expect(status.output).toEqual([2]);
  });

  test("chunks may be ArrayBuffers and typed arrays of any kind; they are read as Uint8Array", async () => {
    const status = await run(async (step) => {
      const source = [
        new Uint8Array([1, 2]).buffer,
        new Uint16Array([0x0403]),
        new Float32Array(1),
        new Uint8Array([0, 5, 6, 0]).subarray(1, 3),
        Buffer.of(7),
      ];
      const stream = await step.do(
        "a",
        async () =>
          new ReadableStream({
            start(controller) {
              for (const chunk of source) controller.enqueue(chunk);
              controller.close();
            },
          }),
      );
      const chunks = await chunksOf(stream);
      return [chunks.every((chunk) => chunk.constructor === Uint8Array), ...bytesOf(chunks)];
    });

    expect(status.output).toEqual([true, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7]);
  });

  test("it is stored in pieces of one size, whatever its chunks are", async () => {
    const lengths = [1, STREAM_CHUNK_SIZE - 2, 3, 2 * STREAM_CHUNK_SIZE, 5];
    const status = await run(async (step) => {
      const source = lengths.map((length, at) => new Uint8Array(length).fill(at));
      const stream = await step.do("a", async () => streamOf(...source));
      return (await chunksOf(stream)).map((chunk) => chunk.length);
    });

    expect(status.output).toEqual([STREAM_CHUNK_SIZE, STREAM_CHUNK_SIZE, STREAM_CHUNK_SIZE, 7]);
  });

  test("a stream may be larger than any other result", async () => {
    const status = await run(async (step) => {
      const part = new Uint8Array(300_000).fill(7);
      const stream = await step.do("a", async () =>
        streamOf(...Array.from({ length: 20 }, () => part)),
      );
      const bytes = await readAll(stream);
      return [bytes.length, bytes.every((byte) => byte === 7)];
    });

    expect(status.output).toEqual([6_000_000, true]);
  });

  test.each([
    ["a DataView", new DataView(new ArrayBuffer(1))],
    ["a string", "text"],
    ["a number", 1],
    ["null", null],
    ["an object", { length: 1 }],
  ])("a chunk that is %s ends the instance", async (_, chunk) => {
    const status = await run(async (step) => await step.do("a", async () => streamOf(chunk)));

    expect(status.error).toEqual({
      name: "WorkflowFatalError",
      message:
        'The execution of the Workflow instance was terminated, as the step "a" returned an invalid ReadableStream output. Step returned a ReadableStream with unsupported chunk type. Only ArrayBuffer and TypedArray chunks are supported.',
    });
  });

  test("a chunk of more than 16 MiB ends the instance", async () => {
    const status = await run(
      async (step) => await step.do("a", async () => streamOf(new Uint8Array(16_777_217))),
    );

    expect(status).toMatchObject({
      status: "errored",
      error: {
        name: "WorkflowFatalError",
        message:
          'The execution of the Workflow instance was terminated, as the step "a" returned an invalid ReadableStream output. Step returned a ReadableStream chunk larger than the maximum allowed size of 16777216 bytes. Return smaller chunks from step.do().',
      },
    });
  });

  test("a chunk of 16 MiB is fine", async () => {
    const status = await run(
      async (step) =>
        (await readAll(await step.do("a", async () => streamOf(new Uint8Array(16_777_216)))))
          .length,
    );

    expect(status.output).toBe(16_777_216);
  });

  test.each([
    ["locked", (stream: ReadableStream) => void stream.getReader()],
    [
      "disturbed",
      async (stream: ReadableStream) => {
        const reader = stream.getReader();
        await reader.read();
        reader.releaseLock();
      },
    ],
  ])("a stream that is %s ends the instance", async (_, spoil) => {
    const status = await run(
      async (step) =>
        await step.do("a", async () => {
          const stream = streamOf("a", "b");
          await spoil(stream);
          return stream;
        }),
    );

    expect(status.error).toEqual({
      name: "WorkflowFatalError",
      message:
        'The execution of the Workflow instance was terminated, as the step "a" returned an invalid ReadableStream output. Step returned a ReadableStream that is already locked or otherwise unreadable. Return a fresh, unlocked ReadableStream from step.do().',
    });
  });

  test("a stream that ends the instance cannot be caught, and is not tried again", async () => {
    let attempts = 0;
    let caught: unknown;
    const status = await run(async (step) => {
      const callback = async (): Promise<ReadableStream> => {
        attempts++;
        return streamOf("text", 1);
      };
      try {
        await step.do("a", RETRY, callback);
      } catch (error) {
        caught = error;
      }
      await step.do("after", async () => {});
      return "went on";
    });

    expect(status).toMatchObject({ status: "errored", error: { name: "WorkflowFatalError" } });
    expect([attempts, caught]).toEqual([1, undefined]);
  });

  test("errors that are folded on their way to the code do not fold what ends it", async () => {
    const status = await run(async (step) => await step.do("a", async () => streamOf("text")), {
      errors: "cloudflare",
    });

    expect(status.error).toMatchObject({
      name: "WorkflowFatalError",
      message: expect.stringMatching(/^The execution of the Workflow instance was terminated/),
    });
  });

  test("when the source fails midway the attempt fails, and is retried", async () => {
    const status = await run(async (step) => {
      const stream = await step.do("a", RETRY, async ({ attempt }) =>
        attempt === 1 ? failingStream(new Error("torn"), "partial ") : streamOf("whole"),
      );
      return await readText(stream);
    });

    expect(status.output).toBe("whole");
  });

  test("the error of a source that fails every time is the step's", async () => {
    const status = await run(
      async (step) =>
        await step.do("a", { retries: { limit: 0, delay: 0 } }, async () =>
          failingStream(new RangeError("torn"), "partial"),
        ),
    );

    expect(status.error).toEqual({ name: "RangeError", message: "torn" });
  });

  test("the streams of parallel steps do not mix", async () => {
    const status = await run(async (step) => {
      const names = ["a", "b", "c"];
      const streams = await Promise.all(
        names.map(
          async (name) =>
            await step.do(name, async () =>
              streamOf(...Array.from({ length: 9 }, () => name.repeat(99_999))),
            ),
        ),
      );
      return await Promise.all(streams.map(async (stream) => new Set(await readText(stream))));
    });

    expect(status.output).toEqual([new Set("a"), new Set("b"), new Set("c")]);
  });

  test("a stream is never an output of run", async () => {
    const status = await run(async () => streamOf("x"));

    expect(status).toMatchObject({
      status: "errored",
      error: { name: "DataCloneError", message: "ReadableStream can only be serialized for RPC." },
    });
  });

  test("nor is one that came from a step", async () => {
    const status = await run(async (step) => await step.do("a", async () => streamOf("x")));

    expect(status.error).toMatchObject({ name: "DataCloneError" });
  });

  test("an instance whose streams take more than its limit ends", async () => {
    const body = async (step: {
      do: (name: string, callback: () => unknown) => Promise<unknown>;
    }) => {
      await step.do("a", () => streamOf(new Uint8Array(700_000)));
      await step.do("b", () => streamOf(new Uint8Array(400_000)));
    };
    const status = await run(body, { limits: { state: 1_048_576 } });

    expect(status.error).toEqual({
      name: "WorkflowFatalError",
      message: "The instance has exceeded the 1MiB storage limit",
    });
    expect((await run(body, { limits: { state: 1_100_000 } })).status).toBe("complete");
  });

  test("what a failed attempt had written leaves its room to the next one", async () => {
    const status = await run(
      async (step) =>
        await step
          .do("a", { retries: { limit: 3, delay: 0 } }, async ({ attempt }) => {
            const part = new Uint8Array(600_000);
            return attempt < 4 ? failingStream(new Error("torn"), part) : streamOf(part);
          })
          .then(async (stream) => (await readAll(stream)).length),
      { limits: { state: 1_048_576 } },
    );

    expect(status.output).toBe(600_000);
  });
});

test("a stream is drained within the attempt's timeout", async () => {
  const { instance, end, history } = await startBody(
    async (step) =>
      await step.do(
        "a",
        { retries: { limit: 0, delay: 0 }, timeout: 5_000 },
        async () =>
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(400_000)),
          }),
      ),
  );

  expect((await end(instance)).error).toEqual({
    name: "WorkflowTimeoutError",
    message: "Execution timed out after 5000ms",
  });
  expect(entryOf(await history(instance))).toMatchObject({ type: "step_errored" });
});

test("what had been written when the time was over is discarded, the source is cancelled, and the step retried", async () => {
  let reason: unknown;
  const { instance, end, store } = await startBody(async (step) => {
    const config = { retries: { limit: 1, delay: 1_000 }, timeout: 5_000 };
    const stream = await step.do("a", config, async ({ attempt }) =>
      attempt === 2
        ? streamOf("whole")
        : new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(400_000)),
            cancel: (given) => void (reason = given),
          }),
    );
    return await readText(stream);
  });

  expect((await end(instance)).output).toBe("whole");
  expect(reason).toMatchObject({ name: "WorkflowTimeoutError" });
  expect(store.partition.openStreams.size).toBe(0);
  expect(store.partition.instances.get(instance.id)?.streams.size).toBe(1);
});

test("a stream that comes when its attempt has timed out is cancelled", async () => {
  let isCancelled = false;
  const late = createLatch();
  const { instance, end, clock } = await startBody(async (step) => {
    const config = { retries: { limit: 0, delay: 0 }, timeout: 1_000 };
    await step
      .do("a", config, async () => {
        await late.opened;
        return new ReadableStream({ cancel: () => void (isCancelled = true) });
      })
      .catch(() => {});
    await step.sleep("s", 5_000);
  });

  await clock.advance(1_500);
  late.open();

  expect((await end(instance)).status).toBe("complete");
  expect(isCancelled).toBe(true);
});

test("a stored stream that is incomplete fails its step in the next replay", async () => {
  const { instance, end, store } = await startBody(
    async (step) => {
      await step.do("a", async () => streamOf(new Uint8Array(600_000)));
      await step.sleep("s", 1_000);
    },
    { warmLimit: 0 },
  );
  const streams = store.partition.instances.get(instance.id)?.streams;
  streams?.clear();

  expect((await end(instance)).error).toEqual({
    name: "WorkflowInternalError",
    message: "Stored output for a-1 is corrupt or incomplete.",
  });
});

test("a stored stream that is found incomplete while it is read fails whoever reads", async () => {
  const { instance, end, store } = await startBody(async (step) => {
    const stream = await step.do("a", async () => streamOf(new Uint8Array(600_000)));
    await step.sleep("s", 1_000);
    await readAll(stream);
  });
  store.partition.instances.get(instance.id)?.streams.clear();

  expect((await end(instance)).error).toMatchObject({
    name: "WorkflowInternalError",
    message: "Stored output for a-1 is corrupt or incomplete.",
  });
});

test.each([
  ["text", ["Grüße"], "Grüße"],
  ["text of 1,024 characters", ["x".repeat(1_024)], "x".repeat(1_024)],
  ["longer text", ["x".repeat(1_025)], `${"x".repeat(1_024)}[truncated output]`],
  ["very long text", ["€".repeat(9_999)], `${"€".repeat(1_024)}[truncated output]`],
  [
    "text that would be cut within a character",
    [`x${"😀".repeat(600)}`],
    `x${"😀".repeat(511)}[truncated output]`,
  ],
  ["no text", [new Uint8Array([0xff, 0xfe, 0])], "[ReadableStream (binary): 3 bytes]"],
  [
    "text cut off within a character",
    [new TextEncoder().encode("€").subarray(0, 2)],
    "[ReadableStream (binary): 2 bytes]",
  ],
  ["nothing", [], ""],
])(
  "in the history a stream of %s is seen by its beginning, or its length",
  async (_, chunks, preview) => {
    const { instance, history } = await startBody(async (step) => {
      await step.do("a", async () => streamOf(...chunks));
    });

    expect(entryOf(await history(instance))).toMatchObject({ stream: { preview } });
  },
);
