import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import { createLatch } from "../support/latch.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { startSilenceableProxy } from "../support/silenceable-proxy.ts";
import type { SilenceableProxy } from "../support/silenceable-proxy.ts";

/**
 * A proxy to a Redis that says for a while that it is loading its data, and that this will take long.
 * What is replaced is as long as what replaces it, for the reply begins with its length.
 */
async function startLoadingProxy(targetPort: number): Promise<{
  port: number;
  /** Resolves when somebody has been told that it is loading. */
  told: Promise<void>;
  finish(): void;
}> {
  let isLoading = true;
  const told = createLatch();
  const server = createServer((inner) => {
    const outer = connect(targetPort, "127.0.0.1");
    inner.on("data", (data) => outer.write(data));
    outer.on("data", (data) => {
      const answer = data.toString("latin1");
      const changed = answer
        .replace("\nloading:0", "\nloading:1")
        .replace("rdb_last_bgsave_status:ok", "loading_eta_seconds:99999");
      inner.write(isLoading ? changed : answer, "latin1");
      if (changed !== answer) told.open();
    });
    for (const socket of [inner, outer]) {
      socket.on("error", () => undefined);
      socket.on("close", () => (socket === inner ? outer : inner).destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    told: told.opened,
    finish: () => void (isLoading = false),
  };
}

class Greeter extends WorkflowEntrypoint {
  override async run(): Promise<string> {
    return "hello";
  }
}

async function setup(): Promise<{
  redis: TestRedis;
  successor: TestRedis;
  proxy: SilenceableProxy;
  greeter: Workflow<unknown, string>;
}> {
  const redis = await startRedis();
  onTestFinished(async () => await redis.stop());
  const successor = await startRedis();
  onTestFinished(async () => await successor.stop());
  const proxy = await startSilenceableProxy(redis.port);
  onTestFinished(() => proxy.stop());
  const engine = new WorkflowEngine({
    connection: `redis://127.0.0.1:${proxy.port}`,
    logger: () => undefined,
  });
  onTestFinished(async () => await engine.close());
  const greeter = engine.register(Greeter, { name: "greeter" });
  await engine.ready();
  return { redis, successor, proxy, greeter };
}

test("connections that all went silent are replaced, and workflows run again", async () => {
  const { proxy, greeter } = await setup();

  proxy.silence();
  const instance = await greeter.create();

  await expect(instance.result({ timeout: "30 seconds" })).resolves.toBe("hello");
}, 45_000);

test("after the primary was demoted, its successor is found under the same address", async () => {
  const { redis, successor, proxy, greeter } = await setup();

  proxy.leadTo(successor.port);
  await redis.connect().replicaof("127.0.0.1", successor.port);
  const instance = await greeter.create();

  await expect(instance.result({ timeout: "30 seconds" })).resolves.toBe("hello");
}, 45_000);

test("a Redis that was loading its data is used as soon as it has, however long it said that would take", async () => {
  const redis = await startRedis();
  onTestFinished(async () => await redis.stop());
  const proxy = await startLoadingProxy(redis.port);
  const engine = new WorkflowEngine({ connection: `redis://127.0.0.1:${proxy.port}` });
  onTestFinished(async () => await engine.close({ force: true }));
  const greeter = engine.register(Greeter, { name: "greeter" });
  const created = greeter.create();
  await proxy.told;

  proxy.finish();

  const instance = await created;
  await expect(instance.result({ timeout: "3 seconds" })).resolves.toBe("hello");
});
