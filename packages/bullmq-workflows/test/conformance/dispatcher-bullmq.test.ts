import { randomUUID } from "node:crypto";
import { startServer } from "@bullmq-workflows/embedded";
import type { EmbeddedServer } from "@bullmq-workflows/embedded";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ActivationQueue } from "../../src/bullmq/activation-queue.ts";
import { eventually } from "../support/eventually.ts";
import { createLatch } from "../support/latch.ts";
import { describeDispatcher } from "./dispatcher.suite.ts";
import type { DispatcherSetup } from "./dispatcher.suite.ts";

const silence = { log: () => {}, count: () => {} };

describe.each(["native", "wasm"] as const)("on a %s server", (kind) => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startServer({ kind });
  });
  afterAll(async () => await server.close());

  describeDispatcher("ActivationQueue", async () => await openQueue(server.url));
});

test("what a dead worker took and never claimed is delivered again within 1.5 leases", async () => {
  await using server = await startServer({ kind: "native" });
  const leaseMs = 1_000;
  const { connect, dispose } = await openQueue(server.url, leaseMs);
  const [dispatcher, survivor, victim] = [await connect(), await connect(), await connect()];
  const request = (instanceId: string) => ({ instanceId, wakeUp: 1, rank: 0 });
  const hold = createLatch();
  const [held, taken, again] = [createLatch(), createLatch(), createLatch()];
  // It looks for what the dead left behind as it starts: what is taken a little later is not dead yet
  // when it looks a lease after that.
  await survivor.consume(async (instanceId) => {
    if (instanceId === "taken") return again.open();
    held.open();
    await hold.opened;
  }, 1);
  await dispatcher.dispatch([request("held")]);
  await held.opened;
  const doomed = await victim.consume(async () => {
    taken.open();
    await hold.opened;
  }, 1);
  await dispatcher.dispatch([request("taken")]);
  await taken.opened;
  const takenAt = performance.now();

  await doomed.stop({ force: true });
  hold.open();

  await again.opened;
  expect(performance.now() - takenAt).toBeLessThan(1.5 * leaseMs);
  for (const each of [dispatcher, survivor, victim]) await each.close();
  await dispose();
});

test("an alarm whose job was lost is set again once it is late", async () => {
  await using server = await startServer({ kind: "native" });
  const { connect, countAlarms, dispose, tag } = await openQueue(server.url);
  const dispatcher = await connect();
  const client = new Redis(server.url);
  const alarms = [{ key: "a", cron: "0 0 1 1 *", timezone: "UTC" }];
  await dispatcher.setAlarms(alarms);
  const jobs = await client.keys(`${tag}:activations:repeat:a:*`);
  await client.del(`${tag}:activations:delayed`, ...jobs);

  await dispatcher.setAlarms(alarms);
  const before = await client.zcard(`${tag}:activations:delayed`);
  await client.zadd(`${tag}:activations:repeat`, Date.now() - 60_000, "a");
  await dispatcher.setAlarms(alarms);

  expect([jobs.length, before]).toEqual([1, 0]);
  expect(await client.zcard(`${tag}:activations:delayed`)).toBe(1);
  expect(await countAlarms()).toBe(1);
  client.disconnect();
  await dispatcher.close();
  await dispose();
});

async function openQueue(
  url: string,
  leaseMs = 10_000,
): Promise<DispatcherSetup & { readonly tag: string }> {
  const tag = `{test-${randomUUID()}:workflow:0}`;
  const clients: Redis[] = [];
  const open = (options: { maxRetriesPerRequest?: null } = {}): Redis => {
    const client = new Redis(url, options);
    clients.push(client);
    return client;
  };
  let queue: Queue | undefined;
  const openOwnQueue = (): Queue =>
    (queue ??= new Queue("activations", { connection: open(), prefix: tag }));
  return {
    tag,
    passMinute: async () => await promoteAll(openOwnQueue()),
    countAlarms: async () => await openOwnQueue().getJobSchedulersCount(),
    connect: async () =>
      new ActivationQueue({
        tag,
        connection: open(),
        createBlockingConnection: () => open({ maxRetriesPerRequest: null }),
        telemetry: silence,
        leaseMs,
      }),
    dispose: async () => {
      await queue?.close();
      for (const client of clients) client.disconnect();
    },
  };
}

/** The next alarm is delayed as soon as the last one has rung, a little later than that is heard of. */
async function promoteAll(queue: Queue): Promise<void> {
  await eventually(async () => {
    const delayed = await queue.getDelayed();
    if (delayed.length < (await queue.getJobSchedulersCount())) throw new Error("Not all are set");
    for (const job of delayed) await job.promote();
  });
}
