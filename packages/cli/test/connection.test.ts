/** Which server or Redis is asked, with which token, and what is said when it cannot be. */
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { explainUnreachable } from "../src/connection/api-failure.ts";
import { callCli } from "./support/stage.ts";

let config: string;

beforeEach(async () => {
  config = await mkdtemp(join(tmpdir(), "profiles-"));
  vi.stubEnv("XDG_CONFIG_HOME", config);
  for (const name of ["URL", "TOKEN", "PROFILE", "NAMESPACE"]) {
    vi.stubEnv(`BULLMQ_WORKFLOWS_${name}`, "");
  }
  vi.stubEnv("REDIS_URL", "");
});

afterEach(() => vi.unstubAllEnvs());

interface Asked {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Something that answers with an empty list, and remembers what it was asked. */
async function startPeer(
  answer: { readonly status?: number; readonly body?: string; readonly location?: string } = {},
): Promise<{ readonly url: string; readonly asked: readonly Asked[] }> {
  const { status = 200, body = '{"success":true,"result":[]}', location } = answer;
  const asked: Asked[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    asked.push({ url, headers });
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const LIST = ["workflows", "list"];

test("a profile is kept where nobody else can read it, used, and forgotten", async () => {
  const { url, asked } = await startPeer();
  const added = await callCli(["profile", "add", "live", "--url", url, "--token", "bwt_secret"]);
  expect(added).toMatchObject({ code: 0 });
  const file = join(config, "bullmq-workflows", "profiles.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  await callCli(LIST);
  expect(asked[0]?.headers.authorization).toBe("Bearer bwt_secret");
  expect(asked[0]?.url).toBe("/client/v4/accounts/default/workflows?page=1");
  const listed = await callCli(["profile", "list"]);
  expect(listed.said).toContain("live");
  const shown = added.said + listed.said + (await callCli(["profile", "list", "--json"])).said;
  expect(shown).not.toContain("bwt_secret");

  await callCli(["profile", "add", "other", "--redis", "redis://me:hush@localhost:1"]);
  await callCli(["profile", "add", "third", "--redis", "redis://localhost:1?password=hush&db=2"]);
  const others = (await callCli(["profile", "list"])).said;
  expect(others).toContain("redis://me:***@localhost:1");
  expect(others).toContain("redis://localhost:1?password=***&db=2");
  expect(await callCli(["profile", "use", "othr"])).toMatchObject({
    code: 3,
    warned: 'There is no profile "othr". Did you mean "other"?',
  });
  expect(await callCli(["profile", "use", "other"])).toMatchObject({ code: 0 });
  expect(await callCli(["profile", "remove", "live"])).toMatchObject({ code: 0 });
  expect(await readFile(file, "utf8")).not.toContain("bwt_secret");
  expect(await callCli([...LIST, "--profile", "live"])).toMatchObject({ code: 3 });
});

test("the command line goes before the environment, that before the profile", async () => {
  const [flag, variable, kept] = [await startPeer(), await startPeer(), await startPeer()];
  await callCli(["profile", "add", "kept", "--url", kept.url, "--token", "t-kept"]);
  const tokensAt = ({ asked }: typeof flag) => asked.map(({ headers }) => headers.authorization);

  await callCli(LIST);
  vi.stubEnv("BULLMQ_WORKFLOWS_URL", variable.url);
  vi.stubEnv("BULLMQ_WORKFLOWS_TOKEN", "t-variable");
  await callCli(LIST);
  await callCli([...LIST, "--url", flag.url, "--token", "t-flag"]);
  await callCli([...LIST, "--profile", "kept", "--account", "team"]);

  expect(tokensAt(kept)).toEqual(["Bearer t-kept", "Bearer t-kept"]);
  expect(kept.asked[1]?.url).toBe("/client/v4/accounts/team/workflows?page=1");
  expect(tokensAt(variable)).toEqual(["Bearer t-variable"]);
  expect(tokensAt(flag)).toEqual(["Bearer t-flag"]);
});

test("a token of a profile goes to no other URL, and follows no redirect", async () => {
  const elsewhere = await startPeer();
  const kept = await startPeer({ status: 302, location: `${elsewhere.url}/`, body: "" });
  await callCli(["profile", "add", "kept", "--url", kept.url, "--token", "t-kept"]);

  await callCli([...LIST, "--url", elsewhere.url]);
  expect(elsewhere.asked[0]?.headers.authorization).toBeUndefined();
  expect((await callCli(LIST)).code).not.toBe(0);
  expect(elsewhere.asked).toHaveLength(1);
});

test.each([
  ["two places", ["--url", "http://x", "--redis", "redis://x"], "exclude each other"],
  ["two namespaces", ["--account", "a", "--namespace", "b"], "the same"],
  ["a URL that is none", ["--url", "localhost"], "Expected --url to be such as"],
  ["a Redis that is none", ["--redis", "http://x"], "Expected --redis to be such as"],
  ["a namespace that cannot be one", ["--namespace", "a/b"], "Expected the namespace"],
  ["a token for Redis", ["--redis", "redis://x", "--token", "t"], "--token is for a server"],
])("%s: nothing is asked", async (_, flags, text) => {
  const { code, warned } = await callCli([...LIST, ...flags]);

  expect(code).toBe(2);
  expect(warned).toContain(text);
});

test.each([
  ["a server", "--url", "http://127.0.0.1:9"],
  ["Redis", "--redis", "redis://:hush@127.0.0.1:9"],
])("that %s is not there is said at once, without its password", async (_, flag, url) => {
  const called = await callCli([...LIST, flag, url]);

  expect(called.code).toBe(5);
  expect(called.warned).toMatch(/127\.0\.0\.1:9.* cannot be reached: .*--url/);
  expect(called.warned).not.toContain("hush");
});

test("whoever has begun with `dev` is told where that is", async () => {
  const elsewhere = await callCli([...LIST, "--url", "http://127.0.0.1:9"]);
  // Where a server is by default, whether or not one is there now.
  const refusal = explainUnreachable(new Error("refused"), 'http://localhost:8080, namespace "x"');

  expect(elsewhere.warned).not.toContain("8787");
  expect(refusal.message).toContain("`dev` and `run` are at --url http://localhost:8787.");
});

test.each([
  [200, 1, "Check the URL."],
  [502, 5, "(HTTP 502)"],
])("what answers %i and no JSON is told from a server of ours", async (status, code, text) => {
  const peer = await startPeer({ status, body: "<html>" });
  const called = await callCli([...LIST, "--url", peer.url]);

  expect(called.code).toBe(code);
  expect(called.warned).toContain("is no server of BullMQ Workflows");
  expect(called.warned).toContain(text);
});

test.each([
  [401, 10_000, 4, "Give a token"],
  [403, 10_000, 4, "more rights"],
  [404, 7003, 3, "Is the namespace right"],
  [400, 10_002, 1, "It was refused: so it is."],
  [418, 4_711, 1, "refused it: so it is (code 4711)"],
])("a refusal with %i and %i ends with %i", async (status, code, exitCode, text) => {
  const errors = [{ code, message: "so it is" }];
  const peer = await startPeer({ status, body: JSON.stringify({ success: false, errors }) });
  const called = await callCli([...LIST, "--url", peer.url]);

  expect(called.code).toBe(exitCode);
  expect(called.warned).toContain(text);
});

test("what only reads is tried three times while the server is too busy, what changes once", async () => {
  const busy = {
    status: 503,
    body: '{"success":false,"errors":[{"code":10001,"message":"busy"}]}',
  };
  const peer = await startPeer(busy);

  expect((await callCli([...LIST, "--url", peer.url])).code).toBe(5);
  expect(peer.asked).toHaveLength(3);
  expect((await callCli(["workflows", "trigger", "a", "--url", peer.url])).code).toBe(5);
  expect(peer.asked).toHaveLength(4);
});

test("a file of profiles that is none says which it is, and stands in nobody's way", async () => {
  await callCli(["profile", "add", "live", "--url", "http://localhost:1"]);
  const file = join(config, "bullmq-workflows", "profiles.json");
  const peer = await startPeer();

  for (const text of ["{", "[]", '{"profiles":{"live":{"url":7}}}']) {
    await writeFile(file, text);
    expect(await callCli(LIST)).toMatchObject({ code: 1, warned: expect.stringContaining(file) });
    expect(await callCli([...LIST, "--url", peer.url])).toMatchObject({ code: 0 });
  }
});

test("an unencrypted connection to another machine is warned of when a token goes with it", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ success: true, result: [] }));
  onTestFinished(() => void vi.unstubAllGlobals());
  const warningAt = async (url: string): Promise<string> =>
    (await callCli([...LIST, "--url", url, "--token", "t"])).warned;

  expect(await warningAt("http://workflows.example.com")).toBe(
    "Note: the token goes to workflows.example.com unencrypted. Use https.",
  );
  expect(await warningAt("https://workflows.example.com")).toBe("");
  expect(await warningAt("http://localhost:1")).toBe("");
});
