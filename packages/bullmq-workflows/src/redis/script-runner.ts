/** Runs scripts by their hash; sends the text only when Redis does not know it (any more). */
import type { Cluster, Redis } from "ioredis";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { UnsupportedFormatError } from "../model/unsupported-format-error.ts";
import { whenConnected } from "./connection-wait.ts";
import type { Reply, Script, ScriptValue } from "./script.ts";

export type RedisClient = Redis | Cluster;

/** Answers of Redis that are about its state. Any other is an error in a script. */
const UNAVAILABLE =
  /\b(OOM|READONLY|MISCONF|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE|NOAUTH|NOPERM|WRONGPASS|max number of clients reached)\b/;

/** The errors of ioredis about a connection, as far as they have a class. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  "AbortError",
  "ClusterAllFailedError",
  "MaxRetriesPerRequestError",
  "ParserError",
]);

/** Those that have not, and those of the store itself. */
const CONNECTION_MESSAGE =
  /^(Connection is closed|Command timed out|timeout$|Socket timeout|Stream isn't writeable|Cluster isn't ready|Cluster is disconnect|None of startup nodes|Node is disconnected|No node of the cluster|Too many Cluster redirections|All sentinels are unreachable|Unknown RESP type|Protocol error)/;

/** Codes that Node gives to what goes wrong on a socket, besides those of system calls. */
const CONNECTION_CODE =
  /^(ECONN\w+|ETIMEDOUT|EPIPE|EHOST\w+|ENET\w+|ENOTFOUND|EAI_\w+|ERR_(STREAM|SOCKET|TLS|SSL)_\w+|UNABLE_TO_\w+|\w*CERT\w*)$/;

const NEWER_FORMAT = /\bNEWER_FORMAT (\S+) (\S+)/;

export class ScriptRunner {
  readonly #client: RedisClient;
  readonly #tag: string;
  readonly #loading = new Map<string, Promise<unknown>>();

  constructor(client: RedisClient, tag: string) {
    this.#client = client;
    this.#tag = tag;
  }

  /** @throws {@link StoreUnavailableError} | {@link UnsupportedFormatError} */
  async run<Args>(script: Script<Args>, args: Args): Promise<readonly Reply[]> {
    const values = script.encode(args);
    if (this.#client.status !== "ready") await whenConnected(this.#client);
    try {
      return await this.#call("evalsha", script.sha1, values);
    } catch (error) {
      if (!isUnknownScript(error)) throw toStoreError(error);
    }
    // A restart of Redis, or a failover, leaves its script cache empty. One call brings the text;
    // those that come meanwhile wait for it, so that thousands at once do not send it each.
    const loading = this.#loading.get(script.sha1);
    if (loading === undefined) return await this.#load(script, values);
    await loading.catch(() => undefined);
    return await this.run(script, args);
  }

  async #load(script: Script<never>, values: readonly ScriptValue[]): Promise<readonly Reply[]> {
    const reply = this.#call("eval", script.lua, values);
    this.#loading.set(script.sha1, reply);
    try {
      return await reply;
    } catch (error) {
      throw toStoreError(error);
    } finally {
      this.#loading.delete(script.sha1);
    }
  }

  /** The values go as one array: as arguments, those of a large batch would exhaust the call stack. */
  async #call(
    command: "eval" | "evalsha",
    script: string,
    values: readonly ScriptValue[],
  ): Promise<readonly Reply[]> {
    const reply = await this.#client.call(command, [script, 1, this.#tag, ...values]);
    return reply as readonly Reply[];
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/**
 * Only what is known to be about Redis or the way to it is worth repeating. Anything else is a mistake of
 * somebody's, would fail for ever, and is left as it is.
 */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isReply = error.name === "ReplyError";
  if (isReply ? UNAVAILABLE.test(error.message) : isConnectionError(error)) {
    return new StoreUnavailableError(error);
  }
  if (!isReply) return error;
  const [, found, supported] = NEWER_FORMAT.exec(error.message) ?? [];
  return found && supported ? new UnsupportedFormatError(found, supported) : error;
}

function isConnectionError(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  return (
    CONNECTION_ERRORS.has(error.name) ||
    CONNECTION_MESSAGE.test(error.message) ||
    typeof error.syscall === "string" ||
    (typeof error.code === "string" && CONNECTION_CODE.test(error.code))
  );
}
