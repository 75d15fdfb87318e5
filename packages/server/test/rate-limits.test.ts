/** How often anybody may call, and what is told to who calls too often. */
import Cloudflare from "cloudflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { ServerOptions, TokenOptions } from "../src/index.ts";
import { setStage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const LIST = "http://localhost/client/v4/accounts/default/workflows";

const ELSEWHERE = "203.0.113.9";

async function setup(options: Partial<ServerOptions> = {}) {
  const stage = await setStage(redis, options);
  const create = async (rest: Partial<TokenOptions> = {}) =>
    (await stage.server.tokens.create({ name: "test", role: "view", ...rest })).token;
  const ask = async (
    headers: Record<string, string> = {},
    remoteAddress: string = ELSEWHERE,
  ): Promise<Response> =>
    await stage.server.fetch(new Request(LIST, { headers }), { remoteAddress });
  return { ...stage, create, ask };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const GUESS = bearer(`bwt_${"0".repeat(16)}_${"A".repeat(43)}`);

describe("calls of a principal", () => {
  test("are counted, said in headers, and refused when there are too many", async () => {
    const { create, ask } = await setup({ rateLimit: { calls: 2, window: 60_000 } });
    const headers = bearer(await create());

    const [first, second, third] = [await ask(headers), await ask(headers), await ask(headers)];

    expect([first, second, third].map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(first.headers.get("ratelimit-policy")).toBe('"calls";q=2;w=60');
    expect(first.headers.get("ratelimit")).toBe('"calls";r=1;t=30');
    expect(third.headers.get("ratelimit")).toMatch(/^"calls";r=0;t=(59|60)$/);
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(25);
    expect(await third.json()).toMatchObject({
      success: false,
      errors: [{ code: 10_429, message: expect.stringContaining("rate limited") }],
    });
  });

  test("are counted for each token by itself, wherever they come from", async () => {
    const { create, ask } = await setup({ rateLimit: { calls: 1 } });
    const [one, other] = [bearer(await create()), bearer(await create())];

    expect((await ask(one)).status).toBe(200);
    expect((await ask(one, "203.0.113.10")).status).toBe(429);
    expect((await ask(other)).status).toBe(200);
  });

  test("are counted when they are refused or go wrong, too", async () => {
    const { create, server } = await setup({ rateLimit: { calls: 2 } });
    const headers = bearer(await create());
    const send = async (method: string) =>
      await server.fetch(new Request(`${LIST}/none`, { method, headers }), {});

    expect((await send("DELETE")).status).toBe(403);
    const missing = await send("GET");
    expect(missing.status).toBe(404);
    expect(missing.headers.get("ratelimit")).toContain("r=0");
    expect((await send("GET")).status).toBe(429);
  });

  test("are not counted for programs on this machine while there are no tokens", async () => {
    const { ask } = await setup({ rateLimit: { calls: 1 } });

    for (let n = 0; n < 3; n++) {
      const response = await ask({}, "127.0.0.1");
      expect(response.status).toBe(200);
      expect(response.headers.has("ratelimit")).toBe(false);
    }
  });

  test("come back: Cloudflare's SDK waits for as long as it is told to", async () => {
    const { create, url } = await setup({ rateLimit: { calls: 1, window: 1_000 } });
    const apiToken = await create();
    const sdk = new Cloudflare({ apiToken, baseURL: `${url}/client/v4`, maxRetries: 2 });
    const list = async () => await sdk.workflows.list({ account_id: "default" });

    const before = performance.now();
    await list();
    await list();

    expect(performance.now() - before).toBeGreaterThan(900);
  });

  test("are as many as anybody likes with `rateLimit: false`", async () => {
    const { create, ask } = await setup({ rateLimit: false });
    const headers = bearer(await create());

    for (let n = 0; n < 50; n++) expect((await ask(headers)).status).toBe(200);
    for (let n = 0; n < 100; n++) expect((await ask(GUESS)).status).toBe(401);
  });

  test.each([[{ calls: 0 }], [{ failures: 1.5 }], [{ window: Number.NaN }]])(
    "cannot be limited by %o",
    async (rateLimit) => {
      await expect(setup({ rateLimit })).rejects.toThrow(
        `\`rateLimit.${Object.keys(rateLimit)[0]}\``,
      );
    },
  );
});

describe("tokens that are tried", () => {
  test("are not looked up any more once an address had too many wrong ones", async () => {
    const { create, ask } = await setup({ rateLimit: { failures: 3 } });
    const right = bearer(await create());
    for (let n = 0; n < 3; n++) expect((await ask(GUESS)).status).toBe(401);

    const refused = await ask(right);

    // Even the right one: by the answer nobody can tell.
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ask(GUESS)).status).toBe(429);
    expect((await ask(right, "203.0.113.10")).status).toBe(200);
  });

  test("keep out nobody whose token was right before, as behind the same proxy", async () => {
    const { create, ask, server } = await setup({ rateLimit: { failures: 3 } });
    const { token, info } = await server.tokens.create({ name: "neighbor", role: "view" });
    await create();
    expect((await ask(bearer(token))).status).toBe(200);
    for (let n = 0; n < 5; n++) await ask(GUESS);

    expect((await ask(bearer(token))).status).toBe(200);
    await server.tokens.revoke(info.id);
    expect((await ask(bearer(token))).status).toBe(401);
  });

  test("count by the client's address behind a proxy that is trusted, and by no other", async () => {
    const { create, ask } = await setup({ rateLimit: { failures: 2 }, trustProxy: 1 });
    const right = bearer(await create());
    const from = (client: string) => ({ "x-forwarded-for": client });
    for (let n = 0; n < 2; n++) await ask({ ...GUESS, ...from(`9.9.9.${n}, 198.51.100.1`) });

    expect((await ask({ ...GUESS, ...from("198.51.100.1") })).status).toBe(429);
    expect((await ask({ ...right, ...from("198.51.100.2") })).status).toBe(200);
  });

  test("cannot be made to count for somebody else where no proxy is trusted", async () => {
    const { create, ask } = await setup({ rateLimit: { failures: 2 } });
    const [one, other] = [bearer(await create()), bearer(await create())];
    for (let n = 0; n < 3; n++) await ask({ ...GUESS, "x-forwarded-for": "198.51.100.1" });

    expect((await ask(one, "198.51.100.1")).status).toBe(200);
    expect((await ask(other)).status).toBe(429);
  });

  test("are refused without a word to Redis", async () => {
    const own = await startRedis();
    const stage = await setStage(own, { rateLimit: { failures: 1 } });
    await stage.server.tokens.create({ name: "any", role: "view" });
    const ask = async () =>
      await stage.server.fetch(new Request(LIST, { headers: GUESS }), { remoteAddress: ELSEWHERE });
    expect((await ask()).status).toBe(401);

    await own.stop();

    expect((await ask()).status).toBe(429);
  });
});

test("the audit log has the client's address where a proxy is trusted", async () => {
  const stage = await setStage(redis, { trustProxy: ["127.0.0.1", "10.0.0.0/8"] });
  const { token } = await stage.server.tokens.create({ name: "any", role: "admin" });

  await stage.call("/workflows/none", {
    method: "DELETE",
    headers: { ...bearer(token), "x-forwarded-for": "198.51.100.1, 10.0.0.7" },
  });

  const [, call] = await stage.server.audit.read({ limit: 2 });
  expect(call).toMatchObject({ remoteAddress: "127.0.0.1", clientAddress: "198.51.100.1" });
});
