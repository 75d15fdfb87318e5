/** A process that dies in the middle of a delivery loses none. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { startReceiver } from "./support/receiver.ts";
import { json, setStage, workflowOf } from "./support/stage.ts";

const SERVER = fileURLToPath(new URL("fixtures/delivering-server.ts", import.meta.url));

/** Short, so that the test is; real ones are longer. */
const TAKEOVER_MS = 1_000;

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

test("what a killed process was about to deliver another one delivers, under the same id", async () => {
  const webhooks = { allowLoopback: true, takeover: TAKEOVER_MS };
  const stage = await setStage(redis, { webhooks: { ...webhooks, deliver: false } });
  const workflow = stage.engine.register(
    workflowOf(async () => 1),
    { name: "w" },
  );
  await stage.engine.ready();
  const receiver = await startReceiver();
  receiver.answer = { status: 200, isSilent: true };
  await stage.call("/webhooks", json("POST", { url: receiver.url }));
  const parameters = [`redis://127.0.0.1:${redis.port}`, stage.prefix, String(TAKEOVER_MS)];
  const execArgv = ["--conditions=@bullmq-workflows/source", "--import", "tsx"];
  const child = fork(SERVER, parameters, { execArgv });
  onTestFinished(() => void child.kill("SIGKILL"));

  await workflow.create({ id: "a" });
  await eventually(async () => expect(receiver.received).toHaveLength(1), 30_000);
  child.kill("SIGKILL");
  await once(child, "exit");
  receiver.answer = { status: 200 };
  await stage.startServer({ webhooks });

  await eventually(async () => expect(receiver.received.length).toBeGreaterThanOrEqual(2));
  const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
  const bodies = receiver.received.map(({ body }) => body);
  expect(new Set(ids).size).toBe(1);
  expect(new Set(bodies).size).toBe(1);
});
