/** Whether the process lives, and whether it can do its work: for who restarts it or sends it calls. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { Readiness } from "../src/readiness.ts";
import { setStage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

interface Health {
  readonly status: number;
  readonly body: unknown;
}

async function ask(url: string, path: string): Promise<Health> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: await response.json() };
}

const unready = (code: string) => ({
  status: 503,
  body: { status: "unready", reasons: [{ code, message: expect.any(String) }] },
});

test("both are told to anybody, at the root and under the base path", async () => {
  const { server, url } = await setStage(redis);
  await server.tokens.create({ name: "any", role: "view" });

  for (const base of ["", "/client/v4"]) {
    expect(await ask(url, `${base}/healthz`)).toEqual({ status: 200, body: { status: "ok" } });
    expect(await ask(url, `${base}/readyz`)).toEqual({ status: 200, body: { status: "ready" } });
  }
});

test("while Redis is away the process lives, and is not ready", async () => {
  const own = await startRedis();
  const { url } = await setStage(own);
  expect((await ask(url, "/readyz")).status).toBe(200);

  await own.stop();

  await eventually(async () =>
    expect(await ask(url, "/readyz")).toEqual(unready("store.unavailable")),
  );
  expect(JSON.stringify(await ask(url, "/readyz"))).not.toContain(String(own.port));
  expect((await ask(url, "/healthz")).status).toBe(200);
});

test("a Redis that takes no writes is not ready, and is again once it does", async () => {
  const own = await startRedis();
  const { url } = await setStage(own);
  const client = own.connect();
  await client.config("SET", "min-replicas-to-write", "1");

  await eventually(async () =>
    expect(await ask(url, "/readyz")).toEqual(unready("store.unavailable")),
  );
  await client.config("SET", "min-replicas-to-write", "0");
  await eventually(async () => expect((await ask(url, "/readyz")).status).toBe(200));
  await own.stop();
});

test("a Redis that promises less than is demanded is not ready", async () => {
  const { startEngine, startServer } = await setStage(redis);
  const engine = startEngine({ mode: "client", durability: { minimum: "A" } });

  const { url } = await startServer({ engine });

  expect(await ask(url, "/readyz")).toEqual(unready("durability.too_low"));
});

test("a server that closes is not ready", async () => {
  const { startServer } = await setStage(redis);
  const { server, url } = await startServer();

  await server.close();

  expect(await ask(url, "/readyz")).toEqual(unready("server.closing"));
});

describe("Readiness", () => {
  test("those who ask at the same time, and shortly after, share an answer", async () => {
    let checks = 0;
    const check = async () => void checks++;
    const readiness = new Readiness({ check, onError: () => undefined, holdsMs: 60_000 });

    await Promise.all(Array.from({ length: 100 }, async () => await readiness.read()));
    await readiness.read();

    expect(checks).toBe(1);
  });

  test("asks again when an answer holds no more", async () => {
    let checks = 0;
    const check = async () => void checks++;
    const readiness = new Readiness({ check, onError: () => undefined, holdsMs: 0 });

    await readiness.read();
    await readiness.read();

    expect(checks).toBe(2);
  });

  test("a Redis that does not answer is not waited for", async () => {
    const check = async () => await new Promise<void>(() => undefined);
    const readiness = new Readiness({ check, onError: () => undefined, timeoutMs: 5 });

    expect(await readiness.read()).toMatchObject({
      isReady: false,
      reasons: [{ code: "store.unavailable" }],
    });
  });

  test("what nobody expected is for the log, not for who asks", async () => {
    const logged: unknown[] = [];
    const error = new Error("connect 10.1.2.3:6379");
    const check = async () => await Promise.reject<undefined>(error);
    const readiness = new Readiness({ check, onError: (each) => void logged.push(each) });

    const report = await readiness.read();

    expect(report.reasons).toMatchObject([{ code: "server.failed" }]);
    expect(JSON.stringify(report)).not.toContain("10.1.2.3");
    expect(logged).toEqual([error]);
  });
});
