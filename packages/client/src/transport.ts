/** Sends calls by `fetch`, again where that is worth it, and makes errors of answers that are no success. */
import { OPERATIONS } from "./api.generated.ts";
import type { ApiMessage, Operations } from "./api.generated.ts";
import { WorkflowsApiError, WorkflowsConnectionError } from "./errors.ts";
import { LinkedAbort } from "./linked-abort.ts";
import { delayBeforeRetry, readRetryAfter, wait } from "./retries.ts";
import type { Failure } from "./retries.ts";
import { toUrl } from "./url.ts";
import type { Parts } from "./url.ts";

export interface ClientOptions {
  /** Where the server is. Without a path, `/client/v4` is added. */
  readonly url: string;
  /** An API token. None is needed for a server on the same machine that has no tokens. */
  readonly token?: string;
  /** The namespace. @defaultValue "default" */
  readonly accountId?: string;
  /** How often a call is sent again that failed and may be repeated. @defaultValue 2 */
  readonly retries?: number;
  /** How long one attempt may take, in ms; of a stream, until it begins. @defaultValue 30 seconds */
  readonly timeout?: number;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue the global one */
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly retries?: number;
  /** In ms. */
  readonly timeout?: number;
  /** Whether doing it twice is the same as doing it once. @defaultValue for GET, PUT and DELETE */
  readonly isRepeatable?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Sending {
  readonly operation: keyof Operations;
  readonly parts: Parts;
  readonly options: CallOptions;
}

const REPEATABLE: ReadonlySet<string> = new Set(["GET", "PUT", "DELETE"]);

const OPTION_NAMES: Readonly<Record<keyof ClientOptions, true>> = {
  url: true,
  token: true,
  accountId: true,
  retries: true,
  timeout: true,
  headers: true,
  fetch: true,
};

/** A misspelled option must not be taken for the default. @throws TypeError */
function checkNames(options: ClientOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTION_NAMES, name));
  if (unknown === undefined) return;
  const known = Object.keys(OPTION_NAMES).join(", ");
  throw new TypeError(`\`${unknown}\` is no option of a client: there are ${known}`);
}

export class Transport {
  readonly #options: ClientOptions;
  readonly #base: string;

  /** @throws TypeError when an option breaks its rule. */
  constructor(options: ClientOptions) {
    checkNames(options);
    this.#options = options;
    this.#base = toBase(options.url);
  }

  /** Reads the whole answer as JSON, within the time that an attempt may take. */
  async json(sending: Sending): Promise<unknown> {
    const read = async (response: Response): Promise<unknown> => await response.json();
    return await this.#insist(sending, { read, isStream: false });
  }

  /** Answers as soon as the answer begins; only its status was looked at. */
  async response(sending: Sending): Promise<Response> {
    return await this.#insist(sending, { read: async (response) => response, isStream: true });
  }

  async #insist<T>(sending: Sending, reading: Reading<T>): Promise<T> {
    const { operation, parts, options } = sending;
    const { accountId = "default" } = this.#options;
    const { retries = this.#options.retries ?? 2, signal } = options;
    const { method, path } = OPERATIONS[operation];
    const url = `${this.#base}${toUrl(path, { ...parts, accountId })}`;
    const isRepeatable = options.isRepeatable ?? REPEATABLE.has(method);
    for (let attempts = 1; ; attempts++) {
      signal?.throwIfAborted();
      const outcome = await this.#attempt({ ...sending, url, attempts }, reading);
      if ("value" in outcome) return outcome.value;
      signal?.throwIfAborted();
      const failure: Failure = { ...outcome, isRepeatable, attempts };
      const delayMs = attempts > retries ? undefined : delayBeforeRetry(failure);
      if (delayMs === undefined) throw outcome.error;
      await wait(delayMs, signal);
    }
  }

  async #attempt<T>(attempt: Attempt, reading: Reading<T>): Promise<Outcome<T>> {
    const { operation, options, attempts } = attempt;
    const { timeout = this.#options.timeout ?? 30_000 } = options;
    const abort = new LinkedAbort(options.signal);
    let isTimeout = false;
    const timer = setTimeout(() => {
      isTimeout = true;
      abort.abort();
    }, timeout);
    try {
      const response = await this.#send(attempt, abort.signal);
      if (response.ok) return { value: await reading.read(response) };
      const retryAfterMs = readRetryAfter(response.headers);
      const errors = await readErrors(response);
      const { status } = response;
      const error = new WorkflowsApiError({ operation, status, errors, attempts, retryAfterMs });
      return { status, retryAfterMs, error };
    } catch (cause) {
      const what = isTimeout ? `did not answer in ${timeout} ms` : describe(cause);
      const message = `${operation}: the server at ${this.#base} ${what}`;
      return { error: new WorkflowsConnectionError(message, { isTimeout, attempts, cause }) };
    } finally {
      clearTimeout(timer);
      if (!reading.isStream) abort.unlink();
    }
  }

  async #send({ url, operation, parts, options }: Attempt, signal: AbortSignal): Promise<Response> {
    const { token, fetch = globalThis.fetch, headers } = this.#options;
    const hasBody = "body" in parts;
    return await fetch(url, {
      method: OPERATIONS[operation].method,
      signal,
      // A token is for the server that was named, and for nobody whom it names.
      redirect: "error",
      headers: {
        accept: "application/json",
        ...(hasBody && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
        ...options.headers,
      },
      ...(hasBody && { body: JSON.stringify(parts.body) ?? "null" }),
    });
  }
}

interface Attempt extends Sending {
  readonly url: string;
  /** Which one it is, from 1. */
  readonly attempts: number;
}

/** What is done with an answer that is a success. */
interface Reading<T> {
  readonly read: (response: Response) => Promise<T>;
  /** Whether there is more to be read afterwards. */
  readonly isStream: boolean;
}

type Outcome<T> =
  | { readonly value: T }
  | { readonly status?: number; readonly retryAfterMs?: number | undefined; readonly error: Error };

function describe(cause: unknown): string {
  if (cause instanceof SyntaxError) return "answered with something else than JSON";
  const reason = reasonOf(cause);
  return reason === "" ? "could not be reached" : `could not be reached: ${reason}`;
}

/** `fetch` of Node says no more than that it failed: why is in the cause, of which there may be several. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

const NO_URL = { origin: "", pathname: "", protocol: "" };

function toBase(url: string): string {
  const { origin, pathname, protocol } = URL.canParse(url) ? new URL(url) : NO_URL;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(`Expected \`url\` to begin with http: or https:, got \`${url}\``);
  }
  const path = pathname.replace(/\/+$/, "");
  return `${origin}${path === "" ? "/client/v4" : path}`;
}

/** Whoever answers with something else, such as a proxy, has no errors in Cloudflare's form. */
async function readErrors(response: Response): Promise<readonly ApiMessage[]> {
  try {
    const body = (await response.json()) as { readonly errors?: unknown };
    return Array.isArray(body.errors) ? (body.errors as ApiMessage[]) : [];
  } catch {
    return [];
  }
}
