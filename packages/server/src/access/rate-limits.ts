/**
 * How often anybody may call: each principal, and each address from which calls come that nobody could be
 * identified by, such as those of somebody who tries tokens.
 *
 * Counted by each process for itself. What is refused here must not cost Redis anything, and has to be
 * refused just as well when Redis is slow or away.
 */
import { createHash } from "node:crypto";
import { tooMany } from "../api-error.ts";
import { toNetwork } from "./client-address.ts";
import { Meter } from "./meter.ts";
import type { Reading } from "./meter.ts";

export interface RateLimitOptions {
  /** Calls of one principal in a window. Programs on the same machine, while there are no tokens, are free. @defaultValue 6,000 */
  readonly calls?: number;
  /** Calls from one address in a window that fail to say who is calling. @defaultValue 60 */
  readonly failures?: number;
  /** In ms. @defaultValue 1 minute */
  readonly window?: number;
}

/** Headers for the answer to a call. */
type LimitHeaders = Readonly<Record<string, string>>;

const KEY_LIMIT = 10_000;

/** For how long who was identified by a token is not kept out by others at his address. */
const TRUSTED_MS = 600_000;

export class RateLimits {
  readonly #calls: Meter;
  readonly #failures: Meter;
  readonly #policy: string;
  /** Digests of tokens that were right, by when that is forgotten; the oldest comes first. */
  readonly #trusted = new Map<string, number>();
  readonly #now: () => number;

  /** @throws TypeError when an option breaks its rule. */
  constructor(options: RateLimitOptions = {}, now: () => number = () => performance.now()) {
    const { calls = 6_000, failures = 60, window = 60_000 } = options;
    for (const [name, value] of Object.entries({ calls, failures, window }))
      checkCount(name, value);
    const common = { windowMs: window, keyLimit: KEY_LIMIT, now };
    this.#calls = new Meter({ ...common, quota: calls });
    this.#failures = new Meter({ ...common, quota: failures });
    this.#policy = `"calls";q=${calls};w=${toSeconds(window)}`;
    this.#now = now;
  }

  /** Counts a call. @throws {@link ApiError} 429 when it is one too many. */
  take(principalName: string): LimitHeaders {
    const reading = this.#calls.take(principalName);
    const headers = {
      "ratelimit-policy": this.#policy,
      ratelimit: `"calls";r=${reading.remaining};t=${toSeconds(reading.resetMs)}`,
    };
    if (!reading.isExhausted) return headers;
    throw tooMany("too many calls", { ...headers, ...retryAfter(reading) });
  }

  /**
   * Keeps out who comes from an address with too many failures, before anything is looked up for him;
   * unless his token was right a while ago, so that nobody is kept out by what his neighbors do.
   *
   * @throws {@link ApiError} 429
   */
  checkFailures(address: string | undefined, token: string | undefined): void {
    if (address === undefined) return;
    const reading = this.#failures.read(toNetwork(address));
    if (!reading.isExhausted || this.#isTrusted(token)) return;
    throw tooMany("too many calls by nobody known", retryAfter(reading));
  }

  /** Counts a call by which nobody could be identified. */
  fail(address: string | undefined): void {
    if (address !== undefined) this.#failures.take(toNetwork(address));
  }

  /** Remembers that this was the token of somebody. */
  trust(token: string): void {
    const digest = digestOf(token);
    this.#trusted.delete(digest);
    this.#trusted.set(digest, this.#now() + TRUSTED_MS);
    if (this.#trusted.size <= KEY_LIMIT) return;
    const [oldest] = this.#trusted.keys();
    if (oldest !== undefined) this.#trusted.delete(oldest);
  }

  #isTrusted(token: string | undefined): boolean {
    return token !== undefined && (this.#trusted.get(digestOf(token)) ?? 0) > this.#now();
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new TypeError(`Expected \`rateLimit.${name}\` to be an integer >= 1, got \`${value}\``);
}

function retryAfter({ retryMs }: Reading): LimitHeaders {
  return { "retry-after": String(Math.max(1, toSeconds(retryMs))) };
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
