/**
 * Signatures of webhooks, as the Standard Webhooks specification has them: whoever has the secret can tell
 * that a message comes from here, and when it was sent.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const PREFIX = "whsec_";

const SECRET_BYTES = 32;

/** How far the sender's clock may be off, in ms. An older message may be one that somebody has recorded. */
const TOLERANCE_MS = 300_000;

export function createSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
}

export interface SignedMessage {
  readonly id: string;
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** One signature for each secret, so that a receiver may have either of two while they are exchanged. */
export function sign(message: SignedMessage, secrets: readonly string[]): string {
  return secrets.map((secret) => `v1,${digest(message, secret).toString("base64")}`).join(" ");
}

/** A message that is not what it should be. */
export class WebhookVerificationError extends Error {
  constructor(reason: string) {
    super(`The webhook cannot be trusted: ${reason}`);
    this.name = "WebhookVerificationError";
  }
}

/** What comes in: the body exactly as it was sent, before anything has parsed it. */
export interface ReceivedWebhook {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string | Uint8Array;
}

/** What a webhook says. */
export interface WebhookMessage {
  /** The same each time a message is delivered again. */
  readonly id: string;
  readonly type: string;
  /** ISO 8601, when it happened. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Checks that a webhook was sent by who has the secret, and lately; answers what it says.
 *
 * @example
 * ```ts
 * const message = verifyWebhook({ headers: request.headers, body: await request.text() }, secret);
 * ```
 * @param secret as it was shown when the webhook was created; or several of which any will do.
 * @throws {@link WebhookVerificationError} when it is not to be trusted. Answer with 400 then.
 */
export function verifyWebhook(
  received: ReceivedWebhook,
  secret: string | readonly string[],
  options: { readonly now?: Date } = {},
): WebhookMessage {
  const id = headerOf(received, "webhook-id");
  const timestamp = Number(headerOf(received, "webhook-timestamp"));
  const signatures = headerOf(received, "webhook-signature");
  const now = (options.now ?? new Date()).getTime();
  if (!Number.isSafeInteger(timestamp)) throw new WebhookVerificationError("its time is none");
  if (Math.abs(now - timestamp * 1_000) > TOLERANCE_MS) {
    throw new WebhookVerificationError("it was not sent in the last five minutes");
  }
  const body =
    typeof received.body === "string" ? received.body : new TextDecoder().decode(received.body);
  const isRight = [secret]
    .flat()
    .some((each) => isSignedWith({ id, timestamp, body }, each, signatures));
  if (!isRight) throw new WebhookVerificationError("no signature is right");
  return { id, ...(JSON.parse(body) as Omit<WebhookMessage, "id">) };
}

function isSignedWith(message: SignedMessage, secret: string, signatures: string): boolean {
  const expected = digest(message, secret);
  return signatures.split(" ").some((signature) => {
    const [version, text = ""] = signature.split(",");
    const given = Buffer.from(text, "base64");
    const isComparable = version === "v1" && given.length === expected.length;
    return isComparable && timingSafeEqual(given, expected);
  });
}

function headerOf({ headers }: ReceivedWebhook, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : [headers[name]].flat()[0];
  if (typeof value === "string" && value !== "") return value;
  throw new WebhookVerificationError(`the header \`${name}\` is missing`);
}

function digest({ id, timestamp, body }: SignedMessage, secret: string): Buffer {
  const key = Buffer.from(
    secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret,
    "base64",
  );
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
}
