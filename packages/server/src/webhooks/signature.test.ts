import { expect, test } from "vitest";
import { createSecret, sign, verifyWebhook, WebhookVerificationError } from "./signature.ts";

// The example of the Standard Webhooks specification's libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
};
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const now = new Date(MESSAGE.timestamp * 1_000);

function received(rest: Record<string, string> = {}) {
  return {
    body: MESSAGE.body,
    headers: {
      "webhook-id": MESSAGE.id,
      "webhook-timestamp": String(MESSAGE.timestamp),
      "webhook-signature": SIGNATURE,
      ...rest,
    },
  };
}

test("messages are signed as the specification has it", () => {
  expect(sign(MESSAGE, [SECRET])).toBe(SIGNATURE);
});

test("a message that is signed with one of the secrets is trusted, and read", () => {
  const other = createSecret();
  const expected = { id: MESSAGE.id, test: 2_432_232_314 };

  expect(verifyWebhook(received(), SECRET, { now })).toEqual(expected);
  expect(verifyWebhook(received(), [other, SECRET], { now })).toEqual(expected);
  const both = { "webhook-signature": sign(MESSAGE, [other, SECRET]) };
  expect(verifyWebhook(received(both), other, { now })).toEqual(expected);
  const { headers } = received();
  const bytes = new TextEncoder().encode(MESSAGE.body);
  expect(verifyWebhook({ headers: new Headers(headers), body: bytes }, SECRET, { now })).toEqual(
    expected,
  );
});

test.each([
  ["another body", { ...received(), body: '{"test": 1}' }, SECRET, now],
  ["another id", received({ "webhook-id": "msg_2" }), SECRET, now],
  ["another time", received({ "webhook-timestamp": "1614265331" }), SECRET, now],
  ["no time", received({ "webhook-timestamp": "x" }), SECRET, now],
  ["another secret", received(), createSecret(), now],
  [
    "another version",
    received({ "webhook-signature": SIGNATURE.replace("v1", "v2") }),
    SECRET,
    now,
  ],
  ["no signature", received({ "webhook-signature": "" }), SECRET, now],
  [
    "a signature that is cut",
    received({ "webhook-signature": SIGNATURE.slice(0, 20) }),
    SECRET,
    now,
  ],
  ["an old message", received(), SECRET, new Date(now.getTime() + 301_000)],
  ["one from the future", received(), SECRET, new Date(now.getTime() - 301_000)],
])("%s is not trusted", (_, message, secret, at) => {
  expect(() => verifyWebhook(message, secret, { now: at })).toThrow(WebhookVerificationError);
});
