/** All that is on record of an instance, and the bytes of its streams. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { ACCOUNT, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const PATH = "/workflows/w/instances/a";

type Body = Parameters<typeof workflowOf>[0];

async function setup(body: Body) {
  const stage = await setStage(redis);
  const workflow = stage.engine.register(workflowOf(body), { name: "w" });
  await stage.engine.ready();
  const instance = await workflow.create({ id: "a" });
  const fetchPath = async (path: string): Promise<Response> =>
    await fetch(`${stage.url}/client/v4/accounts/${ACCOUNT}${path}`);
  return { ...stage, instance, fetchPath };
}

test("every entry is there once, in order, page by page, and nothing that is to be hidden", async () => {
  const { call, instance } = await setup(async (step) => {
    await step.do("plain", async () => ({ at: new Date(0), n: 1n }));
    await step.do("secret", { sensitive: "output" }, async () => "hidden");
    await step
      .do("failing", { retries: { limit: 1, delay: 1 } }, async () => {
        throw new RangeError("too far");
      })
      .catch(() => undefined);
    await step.sleep("nap", 1);
    return "done";
  });
  await instance.result();

  const entries: Record<string, unknown>[] = [];
  let cursor: unknown;
  do {
    const query = cursor === undefined ? "" : `&cursor=${String(cursor)}`;
    const { body } = await call(`${PATH}/history?per_page=2${query}`);
    entries.push(...(body.result as unknown as Record<string, unknown>[]));
    cursor = body.result_info?.["cursor"];
    expect(body.result_info).toMatchObject({ per_page: 2 });
  } while (cursor !== undefined);

  expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index + 1));
  expect(JSON.stringify(entries)).not.toContain("hidden");
  expect(entries.filter(({ step }) => step === "plain-1")).toEqual([
    expect.objectContaining({
      type: "step_completed",
      timestamp: expect.any(Number),
      call: 1,
      attempt: 1,
      output: { at: "1970-01-01T00:00:00.000Z", n: "[BigInt(1)]" },
    }),
  ]);
  expect(entries.find(({ step }) => step === "secret-1")).toMatchObject({
    output: "[REDACTED]",
    sensitive: "output",
  });
  expect(entries.find(({ type }) => type === "step_errored")).toMatchObject({
    error: { name: "RangeError", message: "too far" },
  });
  expect(entries.at(-1)).toMatchObject({ type: "workflow_completed", output: "done" });
});

test("a cursor of a history that was replaced is refused, and so is what is none", async () => {
  const { call, instance } = await setup(async (step) => {
    for (let n = 0; n < 5; n++) await step.do("a", async () => n);
    await step.waitForEvent("go", { type: "go" });
  });
  await expect.poll(async () => (await instance.status()).status).toBe("waiting");
  const { body } = await call(`${PATH}/history?per_page=2`);
  const cursor = String(body.result_info?.["cursor"]);
  expect((await call(`${PATH}/history?cursor=${cursor}`)).body.result).toHaveLength(4);

  await instance.restart();

  const refused = await call(`${PATH}/history?cursor=${cursor}`);
  expect(refused.status).toBe(400);
  expect(refused.body.errors[0]?.message).toContain("begin again");
  expect((await call(`${PATH}/history?cursor=x`)).status).toBe(400);
  expect((await call("/workflows/w/instances/none/history")).status).toBe(404);
});

function bytesOf(count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, (_, index) => index % 251);
}

test("a step's stream is answered with its bytes, whole, and nobody sees a sensitive one", async () => {
  const bytes = bytesOf(1_000_000);
  const { instance, fetchPath } = await setup(async (step) => {
    const stream = () => new Blob([bytes]).stream();
    await step.do("file", async () => stream());
    await step.do("secret", { sensitive: "output" }, async () => stream());
    await step.do("value", async () => 1);
    return 1;
  });
  await instance.result();

  const file = await fetchPath(`${PATH}/step?name=file-1&type=step`);
  const secret = await fetchPath(`${PATH}/step?name=secret-1&type=step`);
  const value = await fetchPath(`${PATH}/step?name=value-1&type=step`);
  const lastAttempt = await fetchPath(`${PATH}/step?name=file-1&type=step&attempt=1`);

  expect(file.headers.get("content-type")).toBe("application/octet-stream");
  expect(file.headers.get("content-length")).toBe("1000000");
  expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  expect(await secret.json()).toMatchObject({ result: { output: "[REDACTED]" } });
  expect(await value.json()).toMatchObject({ result: { output: 1 } });
  expect((await lastAttempt.arrayBuffer()).byteLength).toBe(1_000_000);
});

test("of a stream that is not all there nobody gets what passes for the whole", async () => {
  const { instance, fetchPath, prefix } = await setup(async (step) => {
    await step.do("file", async () => new Blob([bytesOf(2_000_000)]).stream());
    return 1;
  });
  await instance.result();
  const key = `{${prefix}:w:0}:s:a`;
  const client = redis.connect();
  const fields = await client.hkeys(key);
  const piece = String(fields.find((field) => field.endsWith("/5")));
  expect(await client.hdel(key, piece)).toBe(1);

  const response = await fetchPath(`${PATH}/step?name=file-1&type=step`);

  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow("terminated");
});
