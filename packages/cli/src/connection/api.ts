/** Calls of the REST API, over HTTP or in this process: both are a `fetch`. */
import { setTimeout as wait } from "node:timers/promises";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { explain, explainUnreachable } from "./api-failure.ts";
import type { Envelope } from "./api-failure.ts";
import { OPERATIONS } from "./operations.ts";
import type { OperationId } from "./operations.ts";

type Fetch = (request: Request) => Promise<Response>;

export interface ApiParts {
  readonly fetch: Fetch;
  /** What the paths begin with, up to the account's own. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For people: where this is. */
  readonly place: string;
  /** What went wrong last behind it, where that is known. */
  readonly lastError?: () => unknown;
}

/** What fills in an operation's path, its query and its body. */
export interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<
    Record<string, string | number | boolean | readonly string[] | undefined>
  >;
  readonly body?: unknown;
}

export interface CallOptions {
  /** What kind of answer is wanted. @defaultValue JSON */
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

interface Sending {
  readonly operation: OperationId;
  readonly parts: Parts;
  readonly options: CallOptions;
}

interface ResultInfo {
  readonly count: number;
  readonly per_page: number;
  readonly total_count: number;
  readonly page?: number;
  readonly total_pages?: number;
  readonly cursor?: string;
}

export interface Answer<T> {
  readonly result: T;
  readonly info: ResultInfo | undefined;
}

/** Attempts of a call that only reads, as wrangler makes them. */
const ATTEMPTS = 3;

const RETRY_AFTER_LIMIT_MS = 60_000;

const ANSWER_TIMEOUT_MS = 60_000;

export class Api {
  readonly place: string;
  readonly #parts: ApiParts;

  constructor(parts: ApiParts) {
    this.#parts = parts;
    this.place = parts.place;
  }

  /** @throws {@link CommandError} saying what was refused, and what to do. */
  async call<T>(operation: OperationId, parts: Parts = {}): Promise<T> {
    return (await this.ask<T>(operation, parts)).result;
  }

  /** The same with what is said about the page. @throws {@link CommandError} */
  async ask<T>(operation: OperationId, parts: Parts = {}): Promise<Answer<T>> {
    const options = { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
    const response = await this.#send({ operation, parts, options });
    const envelope = await readEnvelope(response, this.place);
    if (!envelope.success) throw this.#explain(response, envelope, parts);
    return { result: envelope.result as T, info: envelope.result_info as ResultInfo | undefined };
  }

  /** An answer that comes piece by piece. @throws {@link CommandError} when it is refused. */
  async open(operation: OperationId, parts: Parts, options: CallOptions): Promise<Response> {
    const response = await this.#send({ operation, parts, options });
    if (response.ok) return response;
    throw this.#explain(response, await readEnvelope(response, this.place), parts);
  }

  #explain({ status }: Response, envelope: Envelope, { path = {} }: Parts): CommandError {
    const cause = status >= 500 ? this.#parts.lastError?.() : undefined;
    return explain({ status, envelope, path, place: this.place, cause });
  }

  async #send(sending: Sending): Promise<Response> {
    const { signal } = sending.options;
    const isRead = OPERATIONS[sending.operation].method === "GET";
    for (let attempt = 1; ; attempt++) {
      const isLast = !isRead || attempt === ATTEMPTS;
      try {
        const response = await this.#parts.fetch(toRequest(sending, this.#parts));
        if (isLast || !(response.status === 429 || response.status >= 500)) return response;
        await response.body?.cancel();
        await wait(retryDelay(attempt, response.headers.get("retry-after")));
      } catch (error) {
        if (error instanceof CommandError) throw error;
        if (signal?.aborted || isLast) throw explainUnreachable(error, this.place);
        await wait(retryDelay(attempt, null));
      }
    }
  }
}

/** @throws {@link CommandError} when a name or an id would lead elsewhere. */
function toRequest(
  { operation, parts, options }: Sending,
  { baseUrl, headers }: ApiParts,
): Request {
  const { method, path: template } = OPERATIONS[operation];
  const { path = {}, query = {}, body } = parts;
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(path[name] ?? ""));
  const url = new URL(`${baseUrl}${filled}`);
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) {
      if (each !== undefined) url.searchParams.append(name, String(each));
    }
  }
  const { accept = "application/json", signal } = options;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  return new Request(url, {
    method,
    headers: { ...headers, accept, ...type },
    ...sent,
    ...(signal && { signal }),
    // A server that sends elsewhere would have the token sent elsewhere.
    redirect: "error",
  });
}

/** URLs with these as a segment, encoded or not, are those of what is above it. */
function encode(segment: string): string {
  if (!/^\.{0,2}$/.test(segment)) return encodeURIComponent(segment);
  throw new CommandError(`Nothing can have the name or id "${segment}".`, EXIT.usage);
}

/** At once, then after a second, unless the server says when. */
function retryDelay(attempt: number, retryAfter: string | null): number {
  const asked = Number(retryAfter ?? Number.NaN) * 1_000;
  if (asked >= 0) return Math.min(asked, RETRY_AFTER_LIMIT_MS);
  return (attempt - 1) * 1_000;
}

async function readEnvelope(response: Response, place: string): Promise<Envelope> {
  const text = await response.text();
  try {
    const found = JSON.parse(text) as Partial<Envelope> | null;
    if (typeof found?.success === "boolean")
      return { errors: [], result: null, ...found } as Envelope;
  } catch {
    // Said below: whatever answers there is not our server.
  }
  throw new CommandError(
    `What answers at ${place} is no server of BullMQ Workflows (HTTP ${response.status}). Check the URL.`,
    response.status === 502 || response.status === 503 ? EXIT.unavailable : EXIT.failed,
  );
}
