/**
 * Writes that are acknowledged only when a barrier holds: they are on disk, or on replicas.
 *
 * `WAIT` and `WAITAOF` are about the last write of the connection that asks, and block it. So these
 * writes have a connection of their own, and go in groups: what has gathered while one group waited
 * leaves together as the next, in one pipeline that ends in one wait for all of it. A group begins with
 * nothing on the connection to rely on (it may be a new one, and all its writes repeats that write
 * nothing), so before the wait it writes a mark of its own.
 *
 * A barrier that is not reached in time, or of which nothing was heard, counts as a store that is
 * unavailable. The writes may have been made; whoever repeats them is answered as before, and waits again.
 */
import { Cluster } from "ioredis";
import {
  describeReplicas,
  REPLICA_ADVICE,
  waitsForDisk,
  waitsForReplicas,
} from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import { StoreUnavailableError } from "../model/store-errors.ts";
import { defaultArgumentLimit, refuseTooLarge } from "./argument-limit.ts";
import type { ArgumentLimit } from "./argument-limit.ts";
import { whenConnected } from "./connection-wait.ts";
import { packItems, unpackReplies } from "./packing.ts";
import { isUnknownScript } from "./script-runner.ts";
import { declareKeys } from "./declared-keys.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Reply, Script } from "./script.ts";
import { markBarrier } from "./scripts.generated.ts";
import { toItemError, toStoreError } from "./store-error.ts";

export interface BarrierLineParts {
  /** Nobody else uses it. On a Cluster all that goes through one line has one hash tag. */
  readonly client: RedisClient;
  readonly barrier: Barrier;
  /** How many replicas it waits for, if it waits for replicas. */
  readonly replicas: number;
  readonly timeoutMs: number;
  readonly argumentLimit?: ArgumentLimit;
}

/** A script that waits to be sent, or for its group's barrier. */
interface Member {
  readonly tag: string;
  readonly sha1: string;
  readonly lua: string;
  /** Its arguments. */
  readonly packed: Buffer;
  readonly resolve: (reply: readonly Reply[]) => void;
  readonly reject: (error: unknown) => void;
}

/** One of the commands that wait, and whether its answer says that it was reached. */
interface Wait {
  readonly command: readonly [name: string, ...parameters: number[]];
  readonly what: string;
  /** What to do when it is not reached. */
  readonly advice: string;
  readonly isReached: (reply: unknown) => boolean;
}

type Result = readonly [error: Error | null, reply: unknown];

/** What became of the one item of a batch: why it failed, or its answer. */
function itemOf(result: Result | undefined): readonly [error: unknown, reply: readonly Reply[]] {
  if (!result) return [new Error("Connection is closed."), []];
  const [error, replies] = result;
  if (error) return [error, []];
  const [reply = []] = unpackReplies(replies);
  return reply[0] === "failed" ? [toItemError(String(reply[1])), []] : [undefined, reply];
}

export class BarrierLine {
  readonly #parts: BarrierLineParts;
  readonly #waits: readonly Wait[];
  readonly #limit: ArgumentLimit;
  /** Scripts that were sent as text on this connection: an unknown one would cost a whole wait. */
  readonly #known = new Set<string>();
  #gathered: Member[] = [];
  #isSending = false;

  constructor(parts: BarrierLineParts) {
    this.#parts = parts;
    this.#waits = waitsOf(parts);
    this.#limit = parts.argumentLimit ?? defaultArgumentLimit;
    parts.client.on("close", () => this.#known.clear());
  }

  /** Resolves when what the script wrote, and all before it, is where the barrier wants it. */
  async run<Args>(tag: string, script: Script<Args>, args: Args): Promise<readonly Reply[]> {
    const { sha1, lua, name } = script;
    const packed = packItems([script.encode(args)]);
    const limit = this.#limit();
    if (packed.length > limit) throw toItemError(refuseTooLarge(name, packed.length, limit));
    return await new Promise((resolve, reject) => {
      this.#gathered.push({ tag, sha1, lua, packed, resolve, reject });
      void this.#send();
    });
  }

  /** Resolves when everything that is in Redis now is where the barrier wants it. */
  async hold(tag: string): Promise<void> {
    await this.run(tag, markBarrier, {});
  }

  close(): void {
    this.#parts.client.disconnect();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#gathered.length > 0) await this.#sendGroup(this.#gathered.splice(0));
    this.#isSending = false;
  }

  async #sendGroup(members: readonly Member[]): Promise<void> {
    try {
      const results = await this.#exec(members);
      const failure = this.#failureOf(results.slice(members.length));
      for (const [index, member] of members.entries())
        this.#settle(member, results[index], failure);
    } catch (error) {
      for (const { reject } of members) reject(toStoreError(error));
    }
  }

  async #exec(members: readonly Member[]): Promise<readonly Result[]> {
    const { client } = this.#parts;
    await whenConnected(client);
    const pipeline = client.pipeline();
    for (const member of members) {
      const [command, script] = this.#address(member);
      const keys = declareKeys(client, member.tag);
      pipeline.callBuffer(command, script, ...keys, member.packed);
    }
    const keys = declareKeys(client, members[0]?.tag ?? "");
    pipeline.callBuffer("eval", markBarrier.lua, ...keys, packItems([[]]));
    for (const { command } of this.#waits) pipeline.call(command[0], command.slice(1));
    return (await pipeline.exec()) ?? [];
  }

  /** By its hash, once the connection has brought the text. */
  #address({ sha1, lua }: Member): readonly ["eval" | "evalsha", string] {
    if (this.#known.has(sha1)) return ["evalsha", sha1];
    this.#known.add(sha1);
    return ["eval", lua];
  }

  /** Why the barrier does not hold, from the answers to the mark and the waits. */
  #failureOf([mark, ...waits]: readonly Result[]): unknown {
    const [error] = itemOf(mark);
    const failed = error ?? waits.find((result) => result[0])?.[0];
    if (failed) return this.#toUnavailable(failed);
    for (const [index, { what, advice, isReached }] of this.#waits.entries()) {
      if (isReached(waits[index]?.[1])) continue;
      const reason = `the write was not ${what} within ${this.#parts.timeoutMs} ms`;
      return new StoreUnavailableError(new Error(reason), advice);
    }
    return undefined;
  }

  #settle(member: Member, result: Result | undefined, failure: unknown): void {
    const [error, reply] = itemOf(result);
    if (isUnknownScript(error)) {
      this.#known.delete(member.sha1);
      this.#gathered.push(member);
    } else if (error) {
      member.reject(isMoved(error) ? this.#toUnavailable(error) : toStoreError(error));
    } else if (failure) member.reject(failure);
    else member.resolve(reply);
  }

  /** Whatever keeps a barrier from holding, the write is not known to be lost, and may be repeated. */
  #toUnavailable(error: unknown): StoreUnavailableError {
    const { client } = this.#parts;
    // A pipeline does not follow the slot to where it has moved. The next one does.
    if (isMoved(error) && client instanceof Cluster) client.refreshSlotsCache();
    if (error instanceof StoreUnavailableError) return error;
    return new StoreUnavailableError(error instanceof Error ? error : new Error(String(error)));
  }
}

function isMoved(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK) /.test(error.message);
}

function waitsOf({ barrier, replicas, timeoutMs }: BarrierLineParts): readonly Wait[] {
  const forReplicas: Wait = {
    command: ["WAIT", replicas, timeoutMs],
    what: `on ${describeReplicas(replicas)}`,
    advice: REPLICA_ADVICE,
    isReached: (reply) => Number(reply) >= replicas,
  };
  const forDisk: Wait = {
    command: ["WAITAOF", 1, 0, timeoutMs],
    what: "on the disk of the primary",
    advice: "Check that its disk has room and keeps up, or raise `durability.timeout`.",
    isReached: (reply) => Array.isArray(reply) && Number(reply[0]) >= 1,
  };
  return [
    ...(waitsForReplicas(barrier) ? [forReplicas] : []),
    ...(waitsForDisk(barrier) ? [forDisk] : []),
  ];
}
