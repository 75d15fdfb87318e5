/** Who is let in: tokens and what they open, the host's own check, and nobody else but this machine. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { openAuditLog, openTokens } from "../src/index.ts";
import type { FetchContext, TokenOptions, WorkflowServer } from "../src/index.ts";
import { listen } from "../src/node.ts";
import { call, json, setStage, workflowOf } from "./support/stage.ts";
import type { Reply } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const BASE = "http://localhost/client/v4/accounts";

async function setup() {
  const stage = await setStage(redis, { namespaces: ["default", "acme"] });
  stage.engine.register(
    workflowOf(async () => "done"),
    { name: "w" },
  );
  await stage.engine.ready();
  const create = async (options: Partial<TokenOptions> = {}) =>
    (await stage.server.tokens.create({ name: "test", role: "admin", ...options })).token;
  return { ...stage, create };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A call from elsewhere, unless said otherwise. */
async function ask(
  server: WorkflowServer,
  path: string,
  init: RequestInit = {},
  context: FetchContext = { remoteAddress: "203.0.113.9" },
): Promise<Pick<Reply, "status" | "body">> {
  const response = await server.fetch(new Request(`${BASE}${path}`, init), context);
  return { status: response.status, body: (await response.json()) as Reply["body"] };
}

describe("without tokens", () => {
  test.each([
    ["127.0.0.1", {}, 200],
    ["127.8.9.1", {}, 200],
    ["::1", {}, 200],
    ["::ffff:127.0.0.1", {}, 200],
    ["127.0.0.1", { authorization: "Bearer anything" }, 200],
    ["127.0.0.1", { origin: "http://localhost:3000" }, 200],
    ["10.0.0.1", {}, 401],
    ["::ffff:10.0.0.1", {}, 401],
    [undefined, {}, 401],
    ["127.0.0.1", { "x-forwarded-for": "127.0.0.1" }, 401],
    ["127.0.0.1", { forwarded: "for=1.2.3.4" }, 401],
    ["127.0.0.1", { origin: "https://evil.example" }, 401],
    ["127.0.0.1", { origin: "null" }, 401],
    ["127.0.0.1", { "sec-fetch-site": "cross-site" }, 401],
  ])(
    "a call from %s with %o is answered with %i by who serves",
    async (from, headers, expected) => {
      const { server } = await setup();

      const context = from === undefined ? {} : { remoteAddress: from };
      const { status, body } = await ask(server, "/default/workflows", { headers }, context);

      expect(status).toBe(expected);
      if (status === 401) expect(body.errors[0]?.message).toContain("no API tokens are configured");
    },
  );

  test("a page that lets its own name point to this machine gets nothing", async () => {
    const { server } = await setup();
    const request = new Request("http://evil.example/client/v4/accounts/default/workflows");

    expect((await server.fetch(request, { remoteAddress: "127.0.0.1" })).status).toBe(401);
  });

  test("a listener says that it serves this machine alone, and listens only there", async () => {
    const { server, create } = await setup();
    const said: string[] = [];
    const start = async () => {
      const listener = await listen(server, {
        port: 0,
        onListening: (text) => void said.push(text),
      });
      onTestFinished(async () => await listener.close({ graceMs: 0 }));
      return listener.url;
    };

    expect(await start()).toMatch(/^http:\/\/127\.0\.0\.1:/);
    await create();
    await start();

    expect(said[0]).toContain("only programs on this machine are served");
    expect(said[1]).not.toContain("only");
  });
});

describe("with tokens", () => {
  test("one token ends the time in which this machine is enough", async () => {
    const { server, create } = await setup();
    const local = { remoteAddress: "127.0.0.1" };
    expect((await ask(server, "/default/workflows", {}, local)).status).toBe(200);

    await create();

    expect(await ask(server, "/default/workflows", {}, local)).toMatchObject({
      status: 401,
      body: { success: false, errors: [{ code: 10_000 }], result: null },
    });
  });

  test("a token opens as Bearer and as X-Auth-Key, which is what Cloudflare's clients send", async () => {
    const { server, create } = await setup();
    const token = await create();
    const key = { "x-auth-key": token, "x-auth-email": "a@example.com" };

    expect((await ask(server, "/default/workflows", { headers: bearer(token) })).status).toBe(200);
    expect((await ask(server, "/default/workflows", { headers: key })).status).toBe(200);
  });

  test("whatever is not a token that was created opens nothing", async () => {
    const { server, create } = await setup();
    const token = await create();
    const [, id = "", secret = ""] = /^bwt_(\w{16})_(.*)$/.exec(token) ?? [];
    const wrong = [
      "",
      "x",
      id,
      secret,
      `bwt_${id}`,
      `bwt_${id}_${"A".repeat(43)}`,
      `bwt_${"0".repeat(16)}_${secret}`,
      `${token}x`,
      token.slice(0, -1),
      token.toUpperCase(),
      `bwt_${id}_${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`,
    ];

    for (const each of wrong) {
      const { status } = await ask(server, "/default/workflows", { headers: bearer(each) });
      expect({ each, status }).toEqual({ each, status: 401 });
    }
  });

  test("an expired token and a revoked one open nothing any more", async () => {
    const { server, create } = await setup();
    await create();
    const soon = await create({ expiresAt: new Date(Date.now() + 30) });
    const { token, info } = await server.tokens.create({ name: "revoked", role: "view" });
    expect((await ask(server, "/default/workflows", { headers: bearer(token) })).status).toBe(200);

    expect(await server.tokens.revoke(info.id)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 40));

    for (const gone of [soon, token]) {
      const { status } = await ask(server, "/default/workflows", { headers: bearer(gone) });
      expect(status).toBe(401);
    }
    expect(await server.tokens.revoke(info.id)).toBe(false);
  });

  test("a role opens what it is for and what is less, and no more", async () => {
    const { server, create } = await setup();
    const view = bearer(await create({ role: "view" }));
    const operate = bearer(await create({ role: "operate" }));
    const admin = bearer(await create({ role: "admin" }));
    const reading = ["/default/workflows", "/default/workflows/w/instances"];
    const operating: readonly (readonly [string, string, unknown?])[] = [
      ["POST", "/default/workflows/w/instances", {}],
      ["POST", "/default/workflows/w/instances/batch", [{}]],
      ["POST", "/default/workflows/w/instances/batch/delete", { instances: ["a"] }],
      ["PUT", "/default/workflows/w/instances/terminate"],
      ["DELETE", "/default/workflows/w/instances/a"],
      ["PATCH", "/default/workflows/w/instances/a/status", { status: "pause" }],
      ["POST", "/default/workflows/w/instances/a/events/go", {}],
    ];
    const administering: typeof operating = [
      ["PUT", "/default/workflows/w", { class_name: "W", script_name: "s" }],
      ["DELETE", "/default/workflows/w"],
    ];
    const isRefused = async (
      [method, path, body]: (typeof operating)[number],
      headers: Record<string, string>,
    ) => (await ask(server, path, { ...json(method, body), headers })).status === 403;

    for (const path of reading) {
      for (const headers of [view, operate, admin]) {
        expect((await ask(server, path, { headers })).status).toBe(200);
      }
    }
    for (const each of operating) {
      const refusals = [];
      for (const headers of [view, operate, admin]) refusals.push(await isRefused(each, headers));
      expect({ each, refusals }).toEqual({ each, refusals: [true, false, false] });
    }
    for (const each of administering) {
      const refusals = [];
      for (const headers of [view, operate, admin]) refusals.push(await isRefused(each, headers));
      expect({ each, refusals }).toEqual({ each, refusals: [true, true, false] });
    }
  });

  test("a namespace and a workflow that a token does not name stay closed to it", async () => {
    const { server, engine, create } = await setup();
    engine.register(
      workflowOf(async () => 1),
      { name: "other" },
    );
    await engine.ready();
    const headers = bearer(await create({ workflows: ["w"] }));
    const acme = bearer(await create({ namespaces: ["acme"] }));
    const status = async (path: string, given: Record<string, string>) =>
      (await ask(server, path, { headers: given })).status;

    expect(await status("/default/workflows/w", headers)).toBe(200);
    expect(await status("/default/workflows/other", headers)).toBe(403);
    expect(await status("/default/workflows/other/instances", headers)).toBe(403);
    expect(await status("/acme/workflows", headers)).toBe(403);
    // Whether there is such a namespace is not told either.
    expect(await status("/none/workflows", headers)).toBe(403);
    expect(await status("/acme/workflows", acme)).toBe(200);
    expect(await status("/default/workflows", acme)).toBe(403);
    const list = await ask(server, "/default/workflows", { headers });
    expect(list.body.result).toMatchObject([{ name: "w" }]);
  });

  test("a token's secret is nowhere: not in Redis, not in a list, not in the audit log", async () => {
    const { server, create, engine } = await setup();
    const token = await create();
    const secret = token.split("_").slice(2).join("_");
    await ask(server, "/default/workflows/w/instances", {
      ...json("POST", {}),
      headers: bearer(token),
    });

    const client = redis.connect();
    const values = [];
    for (const key of await client.keys("*")) {
      const type = await client.type(key);
      if (type === "hash") values.push(await client.hgetall(key));
      if (type === "stream") values.push(await client.xrange(key, "-", "+"));
    }
    const all = JSON.stringify([
      values,
      await openTokens(engine).list(),
      await openAuditLog(engine).read({ limit: 100 }),
    ]);
    expect(all).toContain(token.split("_")[1]);
    expect(all).not.toContain(secret);
  });

  test.each([
    [{ name: "" }, "name"],
    [{ role: "root" }, "role"],
    [{ namespaces: ["a b"] }, "namespaces"],
    [{ namespaces: [] }, "namespaces"],
    [{ workflows: ["-"] }, "workflows"],
    [{ expiresAt: new Date(0) }, "expiresAt"],
  ])("a token with %o is not created", async (options, named) => {
    const { create } = await setup();

    await expect(create(options as object)).rejects.toThrow(`\`${named}\``);
  });
});

test("the host's own check decides, and who passes it needs no token", async () => {
  const stage = await setup();
  const { server } = await stage.startServer({
    authenticate: (request) => {
      if (request.headers.get("x-user") !== "ann") return undefined;
      return { name: "ann", role: "view", namespaces: "all", workflows: "all" };
    },
  });
  const local = { remoteAddress: "127.0.0.1" };
  const ann = { "x-user": "ann" };

  expect((await ask(server, "/default/workflows", { headers: ann })).status).toBe(200);
  const refused = await ask(server, "/default/workflows/w/instances", {
    method: "POST",
    body: "{}",
    headers: ann,
  });
  expect(refused.status).toBe(403);
  expect((await ask(server, "/default/workflows", {}, local)).status).toBe(401);
  const token = await stage.create();
  expect((await ask(server, "/default/workflows", { headers: bearer(token) })).status).toBe(200);
});

test("whom the host's own check throws at is refused, and the log hears why", async () => {
  const logged: unknown[] = [];
  const stage = await setStage(redis, {
    logger: (...entry) => void logged.push(entry),
    authenticate: () => {
      throw new Error("the token of ann@example.com has expired");
    },
  });

  const refused = await ask(stage.server, "/default/workflows");

  expect(refused.status).toBe(401);
  expect(JSON.stringify(refused.body)).not.toContain("ann");
  expect(logged).toEqual([
    ["warn", "the host's own check refused a call", { error: expect.any(Error) }],
  ]);
});

test("the host's own check is told where a call comes from", async () => {
  const peers: unknown[] = [];
  const stage = await setStage(redis, {
    trustProxy: 1,
    authenticate: (_, peer) => void peers.push(peer),
  });

  await ask(stage.server, "/default/workflows", {
    headers: { "x-forwarded-for": "198.51.100.1" },
  });

  expect(peers).toEqual([{ remoteAddress: "203.0.113.9", clientAddress: "198.51.100.1" }]);
});

test("what may change something is in the audit log: who, what, when, from where, and how it went", async () => {
  const { server, create, url } = await setup();
  const token = await create({ role: "operate" });
  const init = { ...json("POST", { instance_id: "a" }), headers: bearer(token) };
  await call(`${url}/client/v4/accounts/default/workflows/w/instances?x=secret`, init);
  await call(`${url}/client/v4/accounts/default/workflows/w/instances`, init);
  await call(`${url}/client/v4/accounts/default/workflows`, { headers: bearer(token) });

  const [answer, second, , first] = await server.audit.read({ limit: 10 });

  expect(first).toEqual({
    id: expect.any(String),
    type: "call",
    at: expect.stringMatching(/^\d{4}-/),
    principal: `token:${token.split("_")[1]}`,
    operation: "createInstance",
    namespace: "default",
    method: "POST",
    path: "/client/v4/accounts/default/workflows/w/instances",
    remoteAddress: "127.0.0.1",
    userAgent: expect.any(String),
  });
  expect(answer).toMatchObject({ type: "answer", call: second?.id, status: 400 });
  expect(await server.audit.read({ limit: 10 })).toHaveLength(4);
  const rest = await server.audit.read({ limit: 10, before: String(second?.id) });
  expect(rest).toHaveLength(2);
});
