/** What a server must withstand on the wire: slow and broken clients, requests that two readers read differently. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import { listen } from "../src/node.ts";
import type { ListenOptions } from "../src/node.ts";
import { call, json, setStage, workflowOf } from "./support/stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const ROOT = "/client/v4/accounts/default";

async function setup(options: ListenOptions = {}) {
  const logged: unknown[] = [];
  const stage = await setStage(redis, { logger: (...entry) => void logged.push(entry) });
  const workflow = stage.engine.register(
    workflowOf(async (_, { payload }) => payload),
    { name: "w" },
  );
  await stage.engine.ready();
  const listener = await listen(stage.server, { port: 0, ...options });
  onTestFinished(async () => await listener.close({ graceMs: 0 }));
  return { ...stage, url: listener.url, workflow, logged };
}

function open(
  url: string,
  text: string,
): { readonly socket: Socket; readonly heard: () => string } {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let heard = "";
  socket.on("data", (chunk) => (heard += String(chunk)));
  socket.on("error", () => undefined);
  socket.write(text);
  return { socket, heard: () => heard };
}

/** All that a server says to this before it hangs up. */
async function say(url: string, text: string): Promise<string> {
  const { socket, heard } = open(url, text);
  await once(socket, "close");
  return heard();
}

const HOST = "Host: localhost\r\nConnection: close\r\n";

const POST = `POST ${ROOT}/workflows/w/instances HTTP/1.1\r\n`;

test("a body that drips is cut off, and nothing of it is done", async () => {
  const { url, workflow, logged } = await setup({ requestTimeout: 200 });
  const { socket, heard } = open(url, `${POST}${HOST}Content-Length: 1000\r\n\r\n{"params":`);
  const drip = setInterval(() => socket.write(" "), 20);
  onTestFinished(() => clearInterval(drip));

  await once(socket, "close");

  expect(heard()).toContain("408");
  expect(await workflow.list({ limit: 1 })).toEqual({ ids: [] });
  expect(logged).toEqual([]);
});

test("a body that breaks off is nobody's error but the client's", async () => {
  const { url, workflow, logged, call: ask } = await setup();
  const { socket } = open(url, `${POST}${HOST}Content-Length: 1000\r\n\r\n{"params":`);
  await once(socket, "connect");

  socket.destroy();

  expect((await ask("/workflows")).status).toBe(200);
  expect(await workflow.list({ limit: 1 })).toEqual({ ids: [] });
  expect(logged).toEqual([]);
});

test("clients that do not read hold up nobody else", async () => {
  const { url, workflow } = await setup();
  const long = "x".repeat(500_000);
  await (await workflow.create({ id: "long", params: long })).result();
  const request = `GET ${ROOT}/workflows/w/instances/long HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  for (let n = 0; n < 20; n++) {
    const { socket } = open(url, request.repeat(2));
    socket.pause();
  }

  const { status, body } = await call(`${url}${ROOT}/workflows/w`);

  expect({ status, name: body.result["name"] }).toEqual({ status: 200, name: "w" });
});

test("many who have not said all of their request hold up nobody else", async () => {
  const { url } = await setup();
  for (let n = 0; n < 200; n++) open(url, "GET / HTTP/1.1\r\nX-Slow: ");

  expect((await call(`${url}${ROOT}/workflows/w`)).status).toBe(200);
});

test.each([
  ["two lengths", `${POST}${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`],
  [
    "a length and chunks",
    `${POST}${HOST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["a length that is none", `${POST}${HOST}Content-Length: -1\r\n\r\n`],
  ["chunks that are none", `${POST}${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ["a header that is folded", `${POST}Host: localhost\r\nX-A: a\r\n b: c\r\n: d\r\n\r\n`],
  ["a header with a NUL", `${POST}${HOST}X-A: a\0b\r\n\r\n`],
  ["headers without end", `${POST}${HOST}${`X-A: ${"a".repeat(1_000)}\r\n`.repeat(100)}\r\n`],
  ["a path of a megabyte", `GET /${"a".repeat(1_000_000)} HTTP/1.1\r\n${HOST}\r\n`],
  ["no host", `GET ${ROOT}/workflows HTTP/1.1\r\nConnection: close\r\n\r\n`],
  [
    "a host that is none",
    `GET ${ROOT}/workflows HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`,
  ],
  [
    "a host with a path",
    `GET ${ROOT}/workflows HTTP/1.1\r\nHost: localhost/x?\r\nConnection: close\r\n\r\n`,
  ],
  ["another host in the line", `GET http://evil.example${ROOT}/workflows HTTP/1.1\r\n${HOST}\r\n`],
  ["another protocol", `GET ${ROOT}/workflows HTTP/9.9\r\n${HOST}\r\n`],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ["TRACE", `TRACE ${ROOT}/workflows HTTP/1.1\r\n${HOST}\r\n`],
])("%s is refused, and the server goes on", async (_, text) => {
  const { url, workflow, logged } = await setup();

  const answer = await say(url, text);

  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).not.toContain("200 OK");
  expect(await workflow.list({ limit: 1 })).toEqual({ ids: [] });
  expect((await call(`${url}${ROOT}/workflows/w`)).status).toBe(200);
  expect(logged).toEqual([]);
});

test("whatever bytes are sent, the server goes on", { timeout: 60_000 }, async () => {
  const { url, logged } = await setup({ requestTimeout: 200 });
  const piece = fc.oneof(
    fc.constantFrom(
      "GET ",
      `POST ${ROOT}/workflows/w/instances`,
      " HTTP/1.1",
      "\r\n",
      "\r\n\r\n",
      "\n",
    ),
    fc.constantFrom(
      "Host: localhost",
      "Content-Length: ",
      "Transfer-Encoding: chunked",
      "Expect: 100-continue",
    ),
    fc.constantFrom("0", "-1", "99999999999999999999", "{}", ": ", "\0", "%00", "//", "?", "#"),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const property = fc.asyncProperty(
    fc.array(texts, { minLength: 10, maxLength: 10 }),
    async (all) => {
      const answers = await Promise.all(all.map(async (text) => await say(url, text)));
      expect(answers.filter((answer) => answer.startsWith("HTTP/1.1 5"))).toEqual([]);
      expect((await call(`${url}${ROOT}/workflows/w`)).status).toBe(200);
    },
  );

  await fc.assert(property, { numRuns: 15 });

  expect(logged).toEqual([]);
});

test("CONNECT and upgrades lead nowhere", async () => {
  const { url } = await setup();

  expect(await say(url, "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n")).not.toContain("200");
  const upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const answer = await say(
    url,
    `GET ${ROOT}/workflows HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\n${upgrade}\r\n`,
  );
  expect(answer).not.toContain("101");
});

test("of several tokens that are sent, at most one is tried, and none is told to anybody", async () => {
  const { url, server, logged } = await setup();
  const { token, info } = await server.tokens.create({ name: "any", role: "admin" });
  const line = `GET ${ROOT}/workflows HTTP/1.1\r\n${HOST}`;

  const wrongFirst = await say(
    url,
    `${line}Authorization: Bearer x\r\nX-Auth-Key: ${token}\r\n\r\n`,
  );
  expect(wrongFirst).toContain("401");
  expect(wrongFirst).not.toContain(token);
  const twice = await say(
    url,
    `${line}Authorization: Bearer ${token}\r\nAuthorization: Bearer x\r\n\r\n`,
  );
  expect(twice).not.toContain(token);
  await call(`${url}${ROOT}/workflows/${token}?token=${token}`, {
    ...json("DELETE", {}),
    headers: { authorization: `Bearer ${token}`, "user-agent": "test" },
  });

  const records = JSON.stringify(await server.audit.read({ limit: 10 }));
  expect(records).toContain(info.id);
  // Whoever puts a token into a path has told it to every proxy on the way; a query is not kept.
  expect(records).not.toContain(`?token=`);
  expect(JSON.stringify(logged)).not.toContain(token);
});

test("an answer to HEAD has the headers of the one to GET, and no body", async () => {
  const { url } = await setup();

  const response = await fetch(`${url}${ROOT}/workflows`, { method: "HEAD" });

  expect(response.status).toBe(200);
  expect(await response.text()).toBe("");
});

test("a listener cuts slow clients off when it closes", async () => {
  const stage = await setStage(redis);
  const listener = await listen(stage.server, { port: 0 });
  const sockets = Array.from({ length: 5 }, () => open(listener.url, "GET / HTTP/1.1\r\nX-Slow: "));
  await Promise.all(sockets.map(async ({ socket }) => await once(socket, "connect")));

  await listener.close({ graceMs: 50 });

  await eventually(() => expect(sockets.every(({ socket }) => socket.destroyed)).toBe(true));
});
