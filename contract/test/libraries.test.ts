/** Cloudflare's own libraries, as they come from npm. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../packages/bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import { startProject } from "../../packages/cli/test/support/cli.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

test("@cloudflare/dynamic-workflows wraps the binding, and hands step on to a tenant's workflow", async () => {
  const directory = fileURLToPath(new URL("fixtures/dynamic-workflows", import.meta.url));
  const project = await startProject(directory, `redis://127.0.0.1:${redis.port}`);

  const { body } = await project.call("/", { method: "POST" });
  const status = await eventually(async () => {
    const { body: found } = await project.call(`/?id=${(body as { id: string }).id}`);
    expect(found).toHaveProperty("status", "complete");
    return found;
  });

  expect(status).toMatchObject({
    output: { doubled: 42, more: 5, keys: ["payload", "timestamp", "instanceId"] },
  });
});
