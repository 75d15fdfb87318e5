/** Runs scripts by their hash; sends the text only when Redis does not know it (any more). */
import type { Cluster, Redis } from "ioredis";
import { defaultArgumentLimit, refuseTooLarge } from "./argument-limit.ts";
import type { ArgumentLimit } from "./argument-limit.ts";
import { whenConnected } from "./connection-wait.ts";
import { declareKeys } from "./declared-keys.ts";
import type { DeclaredKeys } from "./declared-keys.ts";
import { BYTES, TEXTS } from "./packing.ts";
import type { Packing } from "./packing.ts";
import type { Reply, Script } from "./script.ts";
import { ScriptBatches } from "./script-batches.ts";
import type { Decode, Items, Replies } from "./script-batches.ts";
import { toItemError, toStoreError } from "./store-error.ts";

export type RedisClient = Redis | Cluster;

export class ScriptRunner {
  readonly #client: RedisClient;
  /** How many keys a call declares, and the keys. */
  readonly #keys: DeclaredKeys;
  readonly #batches: ScriptBatches;
  readonly #limit: ArgumentLimit;
  readonly #loading = new Map<string, Promise<unknown>>();

  constructor(client: RedisClient, tag: string, limit: ArgumentLimit = defaultArgumentLimit) {
    this.#client = client;
    this.#limit = limit;
    this.#keys = declareKeys(client, tag);
    this.#batches = new ScriptBatches(async (script, items) => await this.#send(script, items));
  }

  /**
   * Runs a script at once, after all that was asked for before.
   *
   * @throws {@link StoreUnavailableError} | {@link UnsupportedFormatError}
   */
  run<Args>(script: Script<Args>, args: Args): Promise<readonly Reply[]> {
    const reply = this.#batches.add(script, script.encode(args), asItIs);
    this.#batches.flush();
    return reply;
  }

  /**
   * Runs a script together with all other calls of it in this turn of the event loop, in one command:
   * for what many instances ask for at the same time. Those of one script keep their order.
   *
   * @throws as {@link ScriptRunner.run}
   */
  gather<Args, Value>(script: Script<Args>, args: Args, decode: Decode<Value>): Promise<Value> {
    return this.#batches.add(script, script.encode(args), decode);
  }

  /**
   * Runs a script that takes or answers with bytes, by itself.
   *
   * @throws as {@link ScriptRunner.run}
   */
  async runBytes<Args>(script: Script<Args>, args: Args): Promise<readonly Reply[]> {
    const [reply = []] = await this.#send(script, [script.encode(args)], BYTES);
    if (reply[0] === "failed") throw toItemError(String(reply[1]));
    return reply;
  }

  async #send(script: Script<never>, items: Items, packing: Packing = TEXTS): Promise<Replies> {
    if (this.#client.status !== "ready") await whenConnected(this.#client);
    // Behind those that wait for the text: calls of a script keep their order.
    if (this.#loading.size > 0) await this.#loading.get(script.sha1)?.catch(() => undefined);
    try {
      return await this.#call("evalsha", script, items, packing);
    } catch (error) {
      if (!isUnknownScript(error)) throw toStoreError(error);
    }
    // A restart of Redis, or a failover, leaves its script cache empty. One call brings the text;
    // those that come meanwhile wait for it, so that thousands at once do not send it each.
    const loading = this.#loading.get(script.sha1);
    if (loading === undefined) return await this.#load(script, items, packing);
    await loading.catch(() => undefined);
    return await this.#send(script, items, packing);
  }

  async #load(script: Script<never>, items: Items, packing: Packing): Promise<Replies> {
    const reply = this.#call("eval", script, items, packing);
    this.#loading.set(script.sha1, reply);
    try {
      return await reply;
    } catch (error) {
      throw toStoreError(error);
    } finally {
      this.#loading.delete(script.sha1);
    }
  }

  async #call(
    command: "eval" | "evalsha",
    script: Script<never>,
    items: Items,
    packing: Packing,
  ): Promise<Replies> {
    const packed = packing.pack(items);
    const limit = this.#limit();
    if (packed.length > limit) {
      if (items.length > 1) return await this.#callEach(command, script, items, packing);
      return [["failed", refuseTooLarge(script.name, packed.length, limit)]];
    }
    const text = command === "eval" ? script.lua : script.sha1;
    return packing.unpack(await this.#client.callBuffer(command, text, ...this.#keys, packed));
  }

  /** Too large together: one by one, in the same order. */
  async #callEach(
    command: "eval" | "evalsha",
    script: Script<never>,
    items: Items,
    packing: Packing,
  ): Promise<Replies> {
    const calls = items.map((item) => this.#call(command, script, [item], packing));
    return (await Promise.all(calls)).flat();
  }
}

function asItIs(reply: readonly Reply[]): readonly Reply[] {
  return reply;
}

export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
