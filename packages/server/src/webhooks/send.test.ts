import { hostname } from "node:os";
import { expect, test } from "vitest";
import { startReceiver } from "../../test/support/receiver.ts";
import { createSecret, verifyWebhook } from "./signature.ts";
import { send } from "./send.ts";

const OPEN = { allowLoopback: true, allowPrivateNetworks: false, timeoutMs: 2_000 };

const secret = createSecret();

function messageTo(url: string) {
  return { url, secrets: [secret], id: "msg_1", body: '{"type":"a"}' };
}

test("a message is posted as it is, signed at that moment", async () => {
  const receiver = await startReceiver();

  const result = await send(messageTo(receiver.url), OPEN);

  expect(result).toEqual({ isDelivered: true, status: 200, durationMs: expect.any(Number) });
  const [received] = receiver.received;
  expect(received?.headers).toMatchObject({ "content-type": "application/json" });
  expect(received && verifyWebhook(received, secret)).toEqual({ id: "msg_1", type: "a" });
});

test("a name that leads where it may not is looked up, and not called", async () => {
  const receiver = await startReceiver();
  // A name of this machine of which nobody can tell where it leads, and that may lead nowhere.
  const url = receiver.url.replace("http://127.0.0.1", `https://${hostname()}`);

  const result = await send(messageTo(url), { ...OPEN, allowLoopback: false });

  expect(result).toMatchObject({ isDelivered: false });
  expect(result.error).toMatch(/^it leads to |ENOTFOUND|EAI_AGAIN/);
  expect(receiver.received).toEqual([]);
});

test("who does not answer in time is not waited for", async () => {
  const receiver = await startReceiver();
  receiver.answer = { status: 200, isSilent: true };

  const result = await send(messageTo(receiver.url), { ...OPEN, timeoutMs: 50 });

  expect(result).toMatchObject({ isDelivered: false, error: "no answer within 50 ms" });
});

test("who switches to another protocol is not waited for", async () => {
  const receiver = await startReceiver();
  receiver.answer = { status: 101, headers: { connection: "upgrade", upgrade: "other" } };

  const result = await send(messageTo(receiver.url), OPEN);

  expect(result).toMatchObject({
    isDelivered: false,
    error: "the connection was closed without an answer",
  });
});

test("where nobody listens is said as the system says it", async () => {
  const result = await send(messageTo("http://127.0.0.1:9/"), OPEN);

  expect(result).toMatchObject({
    isDelivered: false,
    error: expect.stringContaining("ECONNREFUSED"),
  });
});
