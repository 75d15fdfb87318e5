/** Streams on a real Redis: how much of one is on its way at once, and what crashes and restarts leave of it. */
import { createHash, randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { Workflow } from "../../src/client/workflow.ts";
import type { Probe } from "../../src/engine/probes.ts";
import { STREAM_CHUNK_SIZE } from "../../src/model/limits.ts";
import { probedBackend } from "../../src/wiring/probed-backend.ts";
import { RedisBackend } from "../../src/wiring/redis-backend.ts";
import { WorkflowEngine } from "../../src/wiring/workflow-engine.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/harness.ts";
import type { Body } from "../support/harness.ts";
import { createLatch } from "../support/latch.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";

const SOURCE_CHUNK_SIZE = 1_048_576;
const NAME = "streams";

interface Source {
  readonly stream: () => ReadableStream<Uint8Array>;
  /** Bytes that were asked for. */
  readonly taken: () => number;
  readonly digest: string;
}

/** So many MiB, no two of them alike, made as they are asked for. */
function createSource(chunkCount: number): Source {
  let taken = 0;
  const chunkAt = (index: number): Uint8Array => {
    const chunk = Buffer.alloc(SOURCE_CHUNK_SIZE, index % 251);
    chunk.writeUInt32BE(index);
    return chunk;
  };
  const hash = createHash("sha256");
  for (let index = 0; index < chunkCount; index++) hash.update(chunkAt(index));
  return {
    digest: hash.digest("hex"),
    taken: () => taken,
    stream() {
      let index = 0;
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
        if (index === chunkCount) return controller.close();
        taken += SOURCE_CHUNK_SIZE;
        controller.enqueue(chunkAt(index++));
      };
      return new ReadableStream({ pull }, { highWaterMark: 0 });
    },
  };
}

async function digestOf(stream: unknown): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}

interface Setup {
  readonly redis: TestRedis;
  readonly tag: string;
  /** An engine as in a process of its own. */
  readonly start: (
    body: Body,
    probe?: Probe,
  ) => { readonly workflow: Workflow; readonly engine: WorkflowEngine };
}

async function setup(config: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const redis = await startRedis(config);
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const engines: WorkflowEngine[] = [];
  onTestFinished(async () => {
    await Promise.all(engines.map(async (engine) => await engine.close({ force: true })));
    await redis.stop();
  });
  return {
    redis,
    tag: `{${prefix}:${NAME}:0}`,
    start(body, probe = () => {}) {
      const connection = `redis://127.0.0.1:${redis.port}`;
      const times = { lease: 600, sweepInterval: 50 };
      const engine = new WorkflowEngine({ connection, prefix, ...times }, (...parameters) =>
        probedBackend(new RedisBackend(...parameters), probe),
      );
      engines.push(engine);
      return { workflow: engine.register(workflowOf(body), { name: NAME }), engine };
    },
  };
}

test(
  "200 MiB go through a worker a few chunks at a time, and another one reads them",
  { timeout: 120_000 },
  async () => {
    const { start } = await setup();
    const source = createSource(200);
    let [sent, kept, mostChunks, mostBytes] = [0, 0, 0, 0];
    const count: Probe = ({ name }) => {
      if (name === "before:writeChunk") sent++;
      if (name === "after:writeChunk") kept++;
      mostChunks = Math.max(mostChunks, sent - kept);
      mostBytes = Math.max(mostBytes, source.taken() - kept * STREAM_CHUNK_SIZE);
    };
    const body: Body = async (step) => {
      const stream = await step.do("make", async () => source.stream());
      await step.waitForEvent("go", { type: "go" });
      return await step.do("digest", async () => await digestOf(stream));
    };
    const first = start(body, count);
    const instance = await first.workflow.create();
    await eventually(async () => expect((await instance.status()).status).toBe("waiting"), 60_000);
    await first.engine.close();

    const there = await start(body).workflow.get(instance.id);
    await there.sendEvent({ type: "go" });

    expect(await there.result({ timeout: "60 seconds" })).toBe(source.digest);
    expect(source.taken()).toBe(200 * SOURCE_CHUNK_SIZE);
    expect(kept).toBe(Math.ceil((200 * SOURCE_CHUNK_SIZE) / STREAM_CHUNK_SIZE));
    expect(mostChunks).toBeLessThanOrEqual(4);
    // Those on their way, the one that is being filled, and what the source has handed over last.
    expect(mostBytes).toBeLessThanOrEqual(5 * STREAM_CHUNK_SIZE + SOURCE_CHUNK_SIZE);
  },
);

test(
  "Redis may restart while a stream is written, and while it is read",
  { timeout: 60_000 },
  async () => {
    const { redis, start } = await setup({ appendonly: "yes" });
    const source = createSource(20);
    let written = 0;
    const restart = async (): Promise<void> => await redis.restart({ keepsFiles: true });
    const { workflow } = start(
      async (step) => {
        const stream = await step.do("make", async () => source.stream());
        return await step.do("digest", async () => {
          const [reader, hash] = [stream.getReader(), createHash("sha256")];
          for (let index = 0; ; index++) {
            if (index === 30) await restart();
            const { done, value } = await reader.read();
            if (done) return hash.digest("hex");
            hash.update(value);
          }
        });
      },
      async ({ name }) => {
        if (name === "before:writeChunk" && ++written === 40) await restart();
      },
    );

    const instance = await workflow.create();

    expect(await instance.result({ timeout: "40 seconds" })).toBe(source.digest);
    // In one attempt: nobody noticed.
    expect(source.taken()).toBe(20 * SOURCE_CHUNK_SIZE);
  },
);

test("a stream whose worker vanishes midway is made anew by the next one", async () => {
  const { start } = await setup();
  const source = createSource(5);
  const isMidway = createLatch();
  let written = 0;
  const body: Body = async (step) =>
    await digestOf(await step.do("make", async () => source.stream()));
  const first = start(body, async ({ name }) => {
    if (name !== "before:writeChunk" || ++written < 10) return;
    isMidway.open();
    await new Promise(() => {});
  });
  const instance = await first.workflow.create();
  await isMidway.opened;
  await first.engine.close({ force: true });

  const there = await start(body).workflow.get(instance.id);

  expect(await there.result({ timeout: "20 seconds" })).toBe(source.digest);
});

test.each(["terminate", "restart", "delete"] as const)(
  "after a %s midway nothing of the stream is written or left",
  async (verb) => {
    const { redis, tag, start } = await setup();
    const isMidway = createLatch();
    const goOn = createLatch();
    let runs = 0;
    let written = 0;
    let isCancelled = false;
    const { workflow } = start(
      async (step) => {
        if (++runs > 1) return "again";
        const source = createSource(5).stream().getReader();
        const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
          const { value } = await source.read();
          controller.enqueue(value);
        };
        const cancel = (): void => void (isCancelled = true);
        return await step.do("make", async () => new ReadableStream({ pull, cancel }));
      },
      async ({ name }) => {
        if (name !== "before:writeChunk" || ++written !== 3) return;
        isMidway.open();
        await goOn.opened;
      },
    );
    const instance = await workflow.create({ id: "one" });
    await isMidway.opened;

    await instance[verb]();
    goOn.open();

    await eventually(() => expect(isCancelled).toBe(true));
    const client = redis.connect();
    await eventually(async () => {
      expect(await client.zcard(`${tag}:streams`)).toBe(0);
      const fields = await client.hkeys(`${tag}:s:one`);
      expect(fields.filter((field) => /\d/.test(field))).toEqual([]);
    });
  },
);
