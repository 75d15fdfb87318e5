import { expect, onTestFinished, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "../../src/index.ts";
import type { Workflow } from "../../src/index.ts";
import { startRedis } from "../support/redis.ts";
import type { TestRedis } from "../support/redis.ts";
import { startSilenceableProxy } from "../support/silenceable-proxy.ts";
import type { SilenceableProxy } from "../support/silenceable-proxy.ts";

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
