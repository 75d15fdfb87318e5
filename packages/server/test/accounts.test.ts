/** How wrangler finds out which account it is for when nobody has told it. */
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TokenOptions } from "../src/index.ts";
import { call, setStage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

async function setup() {
  const stage = await setStage(redis, { namespaces: ["default", "acme", "other"] });
  const baseURL = `${stage.url}/client/v4`;
  const sdkFor = async (options: Partial<TokenOptions>) => {
    const { token } = await stage.server.tokens.create({ name: "t", role: "view", ...options });
    return new Cloudflare({ apiToken: token, baseURL, maxRetries: 0 });
  };
  return { ...stage, baseURL, sdkFor };
}

test("a token sees the namespaces that it opens, as accounts and as memberships", async () => {
  const { sdkFor } = await setup();
  const sdk = await sdkFor({ namespaces: ["acme", "other", "elsewhere"], role: "operate" });

  const accounts = [];
  for await (const each of sdk.accounts.list()) accounts.push(each);
  const memberships = [];
  for await (const each of sdk.memberships.list()) memberships.push(each);

  expect(accounts).toEqual([
    { id: "acme", name: "acme" },
    { id: "other", name: "other" },
  ]);
  expect(memberships).toMatchObject([
    { id: "acme", status: "accepted", account: { id: "acme", name: "acme" }, roles: ["operate"] },
    { id: "other", account: { id: "other" } },
  ]);
});

test("one for all sees all that are served, page by page", async () => {
  const { sdkFor } = await setup();
  const sdk = await sdkFor({ namespaces: "all" });

  const page = await sdk.accounts.list({ per_page: 2, page: 2 });

  expect(page.result).toEqual([{ id: "other", name: "other" }]);
});

test("who is not known sees none", async () => {
  const { baseURL, sdkFor } = await setup();
  await sdkFor({});

  for (const path of ["/accounts", "/memberships"]) {
    expect((await call(`${baseURL}${path}`)).status).toBe(401);
  }
});
