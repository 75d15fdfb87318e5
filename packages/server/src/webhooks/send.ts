/** Sends one message, once: no redirects, no second address, no more of an answer than its status. */
import { request as requestPlainly } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as requestSecurely } from "node:https";
import { bareHost, guardedLookup, whyUrlRefused } from "./address-guard.ts";
import type { AddressRules } from "./address-guard.ts";
import { sign } from "./signature.ts";

export interface SendRequest {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly id: string;
  readonly body: string;
}

export interface SendRules extends AddressRules {
  /** For the whole of it, in ms. */
  readonly timeoutMs: number;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

export interface SendResult {
  /** Whether it was answered with a status of 200 to 299. */
  readonly isDelivered: boolean;
  readonly status?: number;
  /** What went wrong, for people. */
  readonly error?: string;
  readonly durationMs: number;
}

export async function send(message: SendRequest, rules: SendRules): Promise<SendResult> {
  const startedAt = performance.now();
  const outcome = await post(message, rules).catch((error: unknown) => ({
    error: describe(error, rules),
  }));
  const durationMs = Math.round(performance.now() - startedAt);
  if ("error" in outcome) return { isDelivered: false, ...outcome, durationMs };
  const { status } = outcome;
  const isDelivered = status >= 200 && status < 300;
  const error = status >= 300 && status < 400 ? { error: "redirects are not followed" } : {};
  return { isDelivered, status, ...error, durationMs };
}

async function post(
  { url, secrets, id, body }: SendRequest,
  rules: SendRules,
): Promise<{ readonly status: number }> {
  const refusal = whyUrlRefused(url, rules);
  if (refusal !== undefined) throw new Error(refusal);
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const timestamp = Math.floor(Date.now() / 1_000);
  const options: RequestOptions = {
    method: "POST",
    host: bareHost(hostname),
    port,
    path: `${pathname}${search}`,
    lookup: guardedLookup(rules),
    // A connection of its own: one that is kept may lead elsewhere than the name does by now.
    agent: false,
    signal: AbortSignal.timeout(rules.timeoutMs),
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "user-agent": "bullmq-workflows",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign({ id, timestamp, body }, secrets),
    },
  };
  return await new Promise((resolve, reject) => {
    const request = protocol === "https:" ? requestSecurely : requestPlainly;
    const onAnswer = (answer: IncomingMessage): void => {
      resolve({ status: answer.statusCode ?? 0 });
      // Whatever else it says, nobody reads it.
      answer.destroy();
    };
    const sent = request(options, onAnswer);
    const cutOff = (): void => void sent.destroy(new Error("it was cut off"));
    // One for all that is under way: `AbortSignal.any` would keep something of each for as long as it lives.
    rules.signal?.addEventListener("abort", cutOff);
    if (rules.signal?.aborted) cutOff();
    sent
      .on("error", reject)
      .on("close", () => {
        rules.signal?.removeEventListener("abort", cutOff);
        // Who switches to another protocol has not answered, and Node ends that without a word.
        reject(new Error("the connection was closed without an answer"));
      })
      .end(body);
  });
}

function describe(error: unknown, { timeoutMs, signal }: SendRules): string {
  if (signal?.aborted) return "the server closed";
  const { name, message, code } = error as Error & { readonly code?: string };
  if (name === "TimeoutError" || name === "AbortError") return `no answer within ${timeoutMs} ms`;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}
