/** Runs scripts by their hash; sends the text only when Redis does not know it (any more). */
import type { Cluster, Redis } from "ioredis";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { UnsupportedFormatError } from "../model/unsupported-format-error.ts";
import { whenConnected } from "./connection-wait.ts";
import type { Reply, Script, ScriptValue } from "./script.ts";

export type RedisClient = Redis | Cluster;

/** Answers of Redis that are about its state. Any other is an error in a script. */
const UNAVAILABLE =
  /\b(OOM|READONLY|MISCONF|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE|NOAUTH|NOPERM|WRONGPASS)\b/;

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
      return (await this.#client.evalsha(script.sha1, 1, this.#tag, ...values)) as readonly Reply[];
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
    const reply = this.#client.eval(script.lua, 1, this.#tag, ...values);
    this.#loading.set(script.sha1, reply);
    try {
      return (await reply) as readonly Reply[];
    } catch (error) {
      throw toStoreError(error);
    } finally {
      this.#loading.delete(script.sha1);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

/** What is neither an answer of Redis nor a mistake of ours is a matter of the connection. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TypeError) return error;
  if (error.name !== "ReplyError" || UNAVAILABLE.test(error.message)) {
    return new StoreUnavailableError(error);
  }
  const [, found, supported] = NEWER_FORMAT.exec(error.message) ?? [];
  return found && supported ? new UnsupportedFormatError(found, supported) : error;
}
