/** Webhooks from their making to their end, against somebody who really receives them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../bullmq-workflows/test/support/eventually.ts";
import { startRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { TestRedis } from "../../bullmq-workflows/test/support/redis.ts";
import type { WebhookOptions } from "../src/index.ts";
import { verifyWebhook } from "../src/webhooks.ts";
import { startReceiver } from "./support/receiver.ts";
import { Echo } from "./support/webhook-stage.ts";
import { json } from "./support/stage.ts";
import { create, LOCAL, receive, setWebhookStage } from "./support/webhook-stage.ts";

let redis: TestRedis;

beforeAll(async () => void (redis = await startRedis()));

afterAll(async () => await redis.stop());

const setup = async (webhooks: WebhookOptions = LOCAL) => await setWebhookStage(redis, webhooks);

test("the end of an instance is told, signed, with what it ended with", async () => {
  const stage = await setup();
  const { echo, receiver } = stage;
  const webhook = await create(stage, { url: receiver.url });

  await echo.create({ id: "a", params: { n: 1 } });
  await receive(receiver, 1);
  await echo.create({ id: "b", params: "fail" });
  await receive(receiver, 2);

  const [first, second] = receiver.received.map((received) =>
    verifyWebhook(received, String(webhook["secret"])),
  );
  expect(first).toEqual({
    id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
    type: "workflow_completed",
    timestamp: expect.stringMatching(/Z$/),
    data: {
      account_id: "default",
      workflow_name: "echo",
      instance_id: "a",
      status: "complete",
      timestamp: first?.timestamp,
      created_on: expect.stringMatching(/Z$/),
      started_on: expect.stringMatching(/Z$/),
      ended_on: first?.timestamp,
      trigger_source: "binding",
      output: { n: 1 },
    },
  });
  expect(second).toMatchObject({
    type: "workflow_errored",
    data: { instance_id: "b", error: { name: "RangeError", message: "too far" } },
  });
  expect(first?.id).not.toBe(second?.id);
});

test("a webhook is told of what it is about, and of nothing else", async () => {
  const stage = await setup();
  const { engine, echo, receiver } = stage;
  const other = engine.register(Echo, { name: "other" });
  await engine.ready();
  const event_types = ["workflow_waiting", "workflow_terminated"];
  await create(stage, { url: receiver.url, workflow_name: "echo", event_types });

  await (await other.create({ params: "wait" })).terminate();
  await (await echo.create({ params: 1 })).result();
  const instance = await echo.create({ id: "a", params: "wait" });
  await receive(receiver, 1);
  await instance.terminate();

  const told = await receive(receiver, 2);
  expect(told).toMatchObject([
    { type: "workflow_waiting", data: { instance_id: "a" } },
    { type: "workflow_terminated", data: { instance_id: "a" } },
  ]);
});

test("what fails is tried again under the same id, and what became of it is on record", async () => {
  const stage = await setup();
  const { call, echo, receiver } = stage;
  const { id } = await create(stage, { url: receiver.url });
  receiver.answer = { status: 500 };
  await echo.create({ id: "a" });
  await receive(receiver, 2);

  receiver.answer = { status: 204 };
  const notesOf = async () =>
    (await call(`/webhooks/${id}/deliveries`)).body.result as unknown as Record<string, unknown>[];
  await eventually(async () => expect((await notesOf())[0]?.["outcome"]).toBe("delivered"));

  const notes = await notesOf();
  expect(notes.length).toBe(receiver.received.length);
  expect(notes.at(-1)).toEqual({
    message_id: receiver.received[0]?.headers["webhook-id"],
    type: "workflow_completed",
    workflow_name: "echo",
    instance_id: "a",
    attempt: 1,
    attempted_on: expect.stringMatching(/Z$/),
    outcome: "failed",
    response_status: 500,
    error: null,
    duration_ms: expect.any(Number),
  });
  expect(new Set(notes.map((note) => note["message_id"])).size).toBe(1);
  expect(notes.map((note) => note["attempt"])).toEqual(
    notes.map((_, index) => notes.length - index),
  );
  expect((await call(`/webhooks/${id}`)).body.result).toMatchObject({ failing_since: null });
});

test("a delivery is given up after eleven attempts, and the webhook goes on", async () => {
  const stage = await setup();
  const { call, echo, receiver } = stage;
  const { id } = await create(stage, { url: receiver.url });
  receiver.answer = { status: 302, headers: { location: "/elsewhere" } };
  await echo.create({ id: "a" });

  await receive(receiver, 11);
  await eventually(async () => {
    const { result } = (await call(`/webhooks/${id}/deliveries`)).body;
    expect((result as unknown as object[])[0]).toMatchObject({
      outcome: "dead",
      attempt: 11,
      response_status: 302,
      error: "redirects are not followed",
    });
  });

  expect((await call(`/webhooks/${id}`)).body.result).toMatchObject({
    status: "enabled",
    failing_since: expect.stringMatching(/Z$/),
  });
  receiver.answer = { status: 200 };
  await echo.create({ id: "b" });
  await receive(receiver, 12);
});

test("a receiver that is gone for good is told nothing more, until it is enabled again", async () => {
  const stage = await setup();
  const { call, echo, receiver } = stage;
  const { id } = await create(stage, { url: receiver.url });
  receiver.answer = { status: 410 };
  await echo.create({ id: "a" });
  await receive(receiver, 1);
  await eventually(async () =>
    expect((await call(`/webhooks/${id}`)).body.result).toMatchObject({
      status: "disabled",
      disabled_reason: "gone",
    }),
  );
  receiver.answer = { status: 200 };
  await (await echo.create({ id: "b" })).result();

  const enabled = await call(`/webhooks/${id}`, json("PATCH", { status: "enabled" }));
  await echo.create({ id: "c" });

  expect(enabled.body.result).toMatchObject({ status: "enabled", disabled_on: null });
  const told = await receive(receiver, 2);
  expect(told[1]).toMatchObject({ data: { instance_id: "c" } });
});

test("after a rotation both secrets are good for a while, and the new one is told once", async () => {
  const stage = await setup();
  const { call, receiver } = stage;
  const { id, secret: before = "" } = await create(stage, { url: receiver.url });

  const rotated = await call(`/webhooks/${id}/secret`, { method: "POST" });
  const tested = await call(`/webhooks/${id}/test`, { method: "POST" });

  const after = String(rotated.body.result["secret"]);
  expect(after).not.toBe(before);
  expect(tested.body.result).toMatchObject({ delivered: true, response_status: 200, error: null });
  const [received] = receiver.received;
  if (!received) throw new Error("Nothing was received");
  expect(verifyWebhook(received, before).type).toBe("webhook_test");
  expect(verifyWebhook(received, after)).toMatchObject({ data: { webhook_id: id } });
  const shown = JSON.stringify((await call(`/webhooks/${id}`)).body);
  expect(shown).not.toContain("whsec_");
});

test("a webhook is changed and deleted, and then told nothing more", async () => {
  const stage = await setup();
  const { call, echo, receiver, prefix } = stage;
  const { id } = await create(stage, { url: receiver.url });
  const other = await startReceiver();

  const changed = await call(
    `/webhooks/${id}`,
    json("PATCH", { url: other.url, description: "new", event_types: ["workflow_queued"] }),
  );
  await echo.create({ id: "a" });
  await receive(other, 1);
  await call(`/webhooks/${id}`, { method: "DELETE" });
  await (await echo.create({ id: "b" })).result();

  expect(changed.body.result).toMatchObject({ url: other.url, description: "new" });
  expect(receiver.received).toEqual([]);
  expect((await call(`/webhooks/${id}`)).status).toBe(404);
  expect((await call("/webhooks")).body.result).toEqual([]);
  expect(await redis.connect().hget(`{${prefix}:echo:0}:settings`, "mark")).toMatch(/^\d+ $/);
});

test("addresses that are not of the public internet are refused, unless the host allows them", async () => {
  const { call } = await setup({});

  for (const url of [
    "http://example.com/",
    "ftp://example.com/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00::1]/",
    "https://user:password@example.com/",
    "nothing",
  ]) {
    const { status, body } = await call("/webhooks", json("POST", { url }));
    expect({ url, status }).toEqual({ url, status: 400 });
    expect(body.errors[0]?.message).toContain("`url`: it ");
  }
});

test("a name that leads to a private address is not called", async () => {
  const stage = await setup({});
  const { call, echo, startServer } = stage;
  const open = await startServer({ webhooks: { ...LOCAL, deliver: false } });
  const receiver = await startReceiver();
  const url = receiver.url.replace("http://127.0.0.1", "https://localhost");
  const accounts = `${open.url}/client/v4/accounts/default`;
  const made = await fetch(`${accounts}/webhooks`, json("POST", { url }));
  const { id } = ((await made.json()) as { result: { id: string } }).result;

  await echo.create({ id: "a" });

  await eventually(async () => {
    const { result } = (await call(`/webhooks/${id}/deliveries`)).body;
    expect((result as unknown as object[])[0]).toMatchObject({
      outcome: "failed",
      response_status: null,
      error: "it leads to the server's own machine",
    });
  });
  expect(receiver.received).toEqual([]);
});

test("only an admin has to do with webhooks, and only with those of workflows that are his", async () => {
  const stage = await setup();
  const { server, url, receiver } = stage;
  const made = await create(stage, { url: receiver.url });
  const own = await create(stage, { url: receiver.url, workflow_name: "echo" });
  const accounts = `${url}/client/v4/accounts/default`;
  const tokenOf = async (options: object) =>
    (await server.tokens.create({ name: "a", role: "admin", ...options })).token;
  const callAs = async (token: string, path: string, init: RequestInit = {}) =>
    await fetch(`${accounts}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
    });
  const operator = await tokenOf({ role: "operate" });
  const admin = await tokenOf({ workflows: ["echo"] });

  expect((await callAs(operator, "/webhooks")).status).toBe(403);
  const listed = (await (await callAs(admin, "/webhooks")).json()) as { result: { id: string }[] };
  expect(listed.result.map(({ id }) => id)).toEqual([own["id"]]);
  expect((await callAs(admin, `/webhooks/${made["id"]}`)).status).toBe(404);
  expect((await callAs(admin, `/webhooks/${made["id"]}`, { method: "DELETE" })).status).toBe(404);
  for (const workflow_name of [undefined, "other"]) {
    const body = json("POST", { url: receiver.url, workflow_name });
    expect((await callAs(admin, "/webhooks", body)).status).toBe(403);
  }
});
