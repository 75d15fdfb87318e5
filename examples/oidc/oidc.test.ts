/** The example against a provider's keys on this machine, and tokens as attackers make them. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WorkflowEngine } from "bullmq-workflows";
import { createServer } from "@bullmq-workflows/server";
import type { Role } from "@bullmq-workflows/server";
import { createRemoteJWKSet, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import type { JWK, CryptoKey } from "jose";
import { startRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../packages/bullmq-workflows/test/support/redis.ts";
import { authenticateByOidc } from "./src/oidc.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const ISSUER = "https://login.example.com/";
const AUDIENCE = "https://workflows.example.com";

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

async function makeKey(kid: string): Promise<Key> {
  return { kid, ...(await generateKeyPair("RS256", { extractable: true })) };
}

/** Keys over HTTP, as a provider has them. */
async function startProvider(first: Key) {
  let published: JWK[] = [await toJwk(first)];
  let asked = 0;
  let isAway = false;
  const http = createHttpServer((_, response) => {
    asked += 1;
    if (isAway) response.writeHead(500).end();
    else response.end(JSON.stringify({ keys: published }));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => void http.close());
  return {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/jwks.json`),
    publish: async (...keys: Key[]) => void (published = await Promise.all(keys.map(toJwk))),
    goAway: () => void (isAway = true),
    timesAsked: () => asked,
  };
}

async function toJwk({ kid, publicKey }: Key): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
}

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
  readonly subject?: string;
  readonly roles?: unknown;
}

async function sign({ kid, privateKey }: Key, claims: Claims = {}): Promise<string> {
  const { issuer = ISSUER, audience = AUDIENCE, expires = "1 minute", subject = "ann" } = claims;
  return await new SignJWT({ roles: claims.roles ?? ["workflows-operator"] })
    .setProtectedHeader({ alg: "RS256", kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(privateKey);
}

async function setup(cooldownDuration = 0) {
  const key = await makeKey("first");
  const provider = await startProvider(key);
  const logged: unknown[] = [];
  const engine = new WorkflowEngine({
    connection: `redis://127.0.0.1:${redis.port}`,
    prefix: `oidc-${key.kid}-${Math.random().toString(36).slice(2)}`,
    mode: "client",
  });
  const server = createServer({
    engine,
    authenticate: authenticateByOidc({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: createRemoteJWKSet(provider.url, { cooldownDuration }),
      roles: {
        "workflows-viewer": "view",
        "workflows-operator": "operate",
        "workflows-admin": "admin",
      },
    }),
    logger: (...entry) => void logged.push(entry),
  });
  onTestFinished(async () => {
    await server.close();
    await engine.close();
  });
  /** The status with which a call is answered. */
  const call = async (token: string | undefined, method = "GET", path = "workflows") => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const body = JSON.stringify({ class_name: "W", script_name: "s" });
    const url = `http://localhost/client/v4/accounts/default/${path}`;
    const init = { method, headers, ...(method === "PUT" && { body }) };
    const request = new Request(url, init);
    return (await server.fetch(request, { remoteAddress: "127.0.0.1" })).status;
  };
  return { key, provider, server, call, logged };
}

test("whoever the provider vouches for is let in, and nobody else on this machine", async () => {
  const { key, call } = await setup();

  expect(await call(await sign(key))).toBe(200);
  expect(await call(undefined)).toBe(401);
});

test.each<[unknown, Role | "nothing"]>([
  [["workflows-viewer"], "view"],
  [["workflows-viewer", "workflows-operator", "another"], "operate"],
  ["workflows-admin", "admin"],
  [["workflows-admin", "workflows-viewer"], "admin"],
  [[], "nothing"],
  [["constructor", "__proto__", 7], "nothing"],
  [{ "workflows-admin": true }, "nothing"],
])("the roles %j open %s", async (roles, expected) => {
  const { key, call } = await setup();
  const token = await sign(key, { roles });
  const all = ["nothing", "view", "operate", "admin"] as const;
  const may = [
    await call(token),
    await call(token, "DELETE", "workflows/w/instances/i"),
    await call(token, "PUT", "workflows/w"),
  ].map((status) => status !== 403);

  expect(may).toEqual([1, 2, 3].map((needed) => all.indexOf(expected) >= needed));
});

test("a token of the server's own works beside it", async () => {
  const { server, call } = await setup();
  const { token } = await server.tokens.create({ name: "job", role: "view" });

  expect(await call(token)).toBe(200);
  expect(await call(`${token}x`)).toBe(401);
});

test.each<[string, Claims]>([
  ["that has expired", { expires: Math.floor(Date.now() / 1_000) - 60 }],
  ["for another server", { audience: "https://other.example.com" }],
  ["of another provider", { issuer: "https://evil.example.com/" }],
])("a token %s opens nothing", async (_, claims) => {
  const { key, call } = await setup();

  expect(await call(await sign(key, claims))).toBe(401);
});

test("a token that never expires, or is nobody's, opens nothing", async () => {
  const { key, call } = await setup();
  const make = (claims: Record<string, unknown>) =>
    new SignJWT({ roles: ["workflows-admin"], iss: ISSUER, aud: AUDIENCE, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: key.kid })
      .sign(key.privateKey);

  expect(await call(await make({ sub: "ann" }))).toBe(401);
  expect(await call(await make({ exp: Math.floor(Date.now() / 1_000) + 60 }))).toBe(401);
});

test("a token that its bearer has changed opens nothing", async () => {
  const { key, call } = await setup();
  const [header, payload = "", signature] = (await sign(key)).split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  const better = encode({ ...claims, roles: ["workflows-admin"] });

  expect(await call([header, better, signature].join("."))).toBe(401);
  expect(await call([header, payload, ""].join("."))).toBe(401);
});

test("a token that says that it needs no signature opens nothing", async () => {
  const { call } = await setup();

  for (const alg of ["none", "None", "NONE"]) {
    expect(await call(`${encode({ alg, typ: "JWT" })}.${encode(claimsOf())}.`)).toBe(401);
  }
});

test("a token that was signed with the public key as a shared secret opens nothing", async () => {
  const { key, call } = await setup();
  const secrets = [await exportSPKI(key.publicKey), JSON.stringify(await exportJWK(key.publicKey))];

  for (const secret of secrets) {
    const signed = `${encode({ alg: "HS256", kid: key.kid })}.${encode(claimsOf())}`;
    const signature = createHmac("sha256", secret).update(signed).digest("base64url");
    expect(await call(`${signed}.${signature}`)).toBe(401);
  }
});

test("a token that brings its own key, or says where to get it, opens nothing", async () => {
  const { call, provider } = await setup();
  const own = await makeKey("own");
  const jwk = await toJwk(own);
  await call(await sign(own));
  const asked = provider.timesAsked();

  for (const header of [{ jwk }, { jku: String(provider.url) }, { x5u: String(provider.url) }]) {
    const token = await new SignJWT(claimsOf())
      .setProtectedHeader({ alg: "RS256", kid: "first", ...header })
      .sign(own.privateKey);
    expect(await call(token)).toBe(401);
  }
  expect(provider.timesAsked()).toBe(asked);
});

test("new keys of the provider are fetched, and keys that it has dropped open nothing", async () => {
  const { key, provider, call } = await setup();
  const next = await makeKey("second");
  expect(await call(await sign(key))).toBe(200);

  await provider.publish(key, next);
  expect(await call(await sign(next))).toBe(200);
  expect(await call(await sign(key))).toBe(200);
  const third = await makeKey("third");
  await provider.publish(next, third);
  expect(await call(await sign(third))).toBe(200);

  expect(await call(await sign(key))).toBe(401);
});

test("made-up keys make nobody ask the provider again and again", async () => {
  const { key, provider, call } = await setup(30_000);
  expect(await call(await sign(key))).toBe(200);
  const { privateKey, publicKey } = await makeKey("x");

  for (let n = 0; n < 20; n++) {
    expect(await call(await sign({ kid: `made-up-${n}`, privateKey, publicKey }))).toBe(401);
  }

  expect(provider.timesAsked()).toBe(1);
});

test("a provider that cannot be asked lets nobody in, and the log says why", async () => {
  const { key, provider, call, logged } = await setup();
  provider.goAway();

  expect(await call(await sign(key))).toBeGreaterThanOrEqual(401);

  expect(logged).toHaveLength(1);
});

test("what is no token at all opens nothing", async () => {
  const { call } = await setup();

  for (const text of ["x", "a.b.c", "..", `${encode({})}.${encode({})}.`]) {
    expect(await call(text)).toBe(401);
  }
});

function claimsOf(): Record<string, unknown> {
  const exp = Math.floor(Date.now() / 1_000) + 60;
  return { iss: ISSUER, aud: AUDIENCE, sub: "ann", exp, roles: ["workflows-admin"] };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
