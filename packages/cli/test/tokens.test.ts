/** Tokens are made at Redis, and are what a server takes. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { callCli, setStage } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => await redis.stop());

test("a token is shown once, alone, does what its role lets it, and nothing once it is revoked", async () => {
  const stage = setStage(redis);
  const { url } = await stage.startServer();
  const create = ["tokens", "create", "reader", "--role", "view", "--expires", "90 days"];
  const { code, said: token, warned } = await callCli([...create, ...stage.redisFlags]);
  expect(code).toBe(0);
  expect(token).toMatch(/^bwt_[0-9a-f]{16}_[\w-]{43}$/);
  expect(warned).not.toContain(token);

  const asReader = ["--url", url, "--token", token];
  expect((await callCli(["workflows", "list", ...asReader])).code).toBe(0);
  expect(await callCli(["workflows", "trigger", "any", ...asReader])).toMatchObject({
    code: 4,
    warned: expect.stringContaining('needs the role "operate", not "view"'),
  });

  const { said: listed } = await callCli(["tokens", "list", ...stage.redisFlags]);
  expect(listed).toMatch(/reader +view +default +all +\d{4}-/);
  expect(listed).not.toContain(token.slice(25));
  const revoke = ["tokens", "revoke", token, ...stage.redisFlags];
  expect(await callCli(revoke, { answer: "no" })).toMatchObject({ code: 1 });
  expect((await callCli(["workflows", "list", ...asReader])).code).toBe(0);
  expect(await callCli(revoke, { answer: "yes" })).toMatchObject({ code: 0 });
  expect((await callCli(["workflows", "list", ...asReader])).code).toBe(4);
  expect(await callCli(revoke)).toMatchObject({ code: 3 });
});

test("a token is for the namespaces and workflows that are named, as JSON has it", async () => {
  const { redisFlags } = setStage(redis);
  const scope = ["--namespaces", "all", "--workflows", "orders, bills", "--json"];
  const create = ["tokens", "create", "shop", "--role", "operate", ...scope, ...redisFlags];
  const { said } = await callCli(create);

  expect(JSON.parse(said)).toMatchObject({
    token: expect.stringMatching(/^bwt_/),
    name: "shop",
    role: "operate",
    namespaces: "all",
    workflows: ["orders", "bills"],
  });
  const listed = JSON.parse((await callCli(["tokens", "list", "--json", ...redisFlags])).said);
  expect(listed).toMatchObject([{ name: "shop" }]);
  expect(JSON.stringify(listed)).not.toMatch(/bwt_|hash/);
});

test("with no tokens it is said who is let in", async () => {
  const { redisFlags } = setStage(redis);

  expect((await callCli(["tokens", "list", ...redisFlags])).said).toContain(
    "on its own machine alone",
  );
});

test.each([
  ["no role", [], "--role is missing"],
  ["a role that is none", ["--role", "root"], "one of view, operate, admin"],
  ["a time that is past", ["--role", "view", "--expires", "2020-01-01"], "a date to come"],
  ["a time that is none", ["--role", "view", "--expires", "soon"], "a date to come"],
])("%s: no token", async (_, flags, text) => {
  const { redisFlags } = setStage(redis);

  expect(await callCli(["tokens", "create", "x", ...flags, ...redisFlags])).toMatchObject({
    code: 2,
    said: "",
    warned: expect.stringContaining(text),
  });
  expect(JSON.parse((await callCli(["tokens", "list", "--json", ...redisFlags])).said)).toEqual([]);
});

test("a name that cannot be one is refused in words", async () => {
  const { redisFlags } = setStage(redis);
  const create = ["tokens", "create", "x", "--role", "view", "--workflows", "no good"];
  const { code, warned } = await callCli([...create, ...redisFlags]);

  expect(code).toBe(2);
  expect(warned).toMatch(/^Expected `workflows` to be names, or "all"/);
});

test("a server makes no tokens", async () => {
  vi.stubEnv("BULLMQ_WORKFLOWS_URL", "http://localhost:9");
  onTestFinished(() => void vi.unstubAllEnvs());

  expect(await callCli(["tokens", "list"])).toMatchObject({
    code: 2,
    warned: expect.stringContaining("say where it is with --redis"),
  });
});
