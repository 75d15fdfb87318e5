/**
 * Gathers the calls of each script that are made in one turn of the event loop, and sends them as one.
 *
 * A busy worker has hundreds of instances that move at the same time. What a call costs, here and in Redis,
 * is mostly what any command costs: to build it, to write and read it, to set the script up. A batch pays
 * that once. Every item is still checked, written and answered by itself.
 */
import type { Reply, Script, ScriptArguments } from "./script.ts";
import { toItemError } from "./store-error.ts";

/** So many items run in Redis for about a millisecond. */
const ITEM_LIMIT = 64;

/** Characters of arguments that make a batch large enough, so that large payloads go by themselves. */
const SIZE_LIMIT = 65_536;

type Send = (script: Script<never>, items: Items) => Promise<Replies>;

/** The arguments of each call. */
export type Items = readonly ScriptArguments[];

/** The answer to each call. */
export type Replies = readonly (readonly Reply[])[];

/** Makes of a reply what the caller asked for. */
export type Decode<Value> = (reply: readonly Reply[]) => Value;

interface Call {
  /** Also decodes: what it throws, the caller hears of. */
  readonly resolve: (reply: readonly Reply[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Batch {
  readonly script: Script<never>;
  readonly calls: Call[];
  readonly items: ScriptArguments[];
  size: number;
}

export class ScriptBatches {
  readonly #send: Send;
  readonly #gathering = new Map<Script<never>, Batch>();
  #isScheduled = false;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Of all calls' promises there is this one: on a busy worker each further one would be felt. */
  add<Value>(script: Script<never>, item: ScriptArguments, decode: Decode<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#gather(script, item, { resolve: (reply) => resolve(decode(reply)), reject });
    });
  }

  /** Sends what has gathered, in the order in which each script was first asked for. */
  flush(): void {
    for (const batch of this.#gathering.values()) this.#close(batch);
  }

  #gather(script: Script<never>, item: ScriptArguments, call: Call): void {
    const batch = this.#batchOf(script);
    batch.calls.push(call);
    batch.items.push(item);
    batch.size += sizeOf(item);
    if (batch.items.length === ITEM_LIMIT || batch.size >= SIZE_LIMIT) this.#close(batch);
    else this.#schedule();
  }

  #batchOf(script: Script<never>): Batch {
    const gathering = this.#gathering.get(script);
    if (gathering) return gathering;
    const batch: Batch = { script, calls: [], items: [], size: 0 };
    this.#gathering.set(script, batch);
    return batch;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // When all that is ready to run now has run: that is when no more calls come.
    process.nextTick(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  #close(batch: Batch): void {
    this.#gathering.delete(batch.script);
    void this.#run(batch);
  }

  async #run({ script, calls, items }: Batch): Promise<void> {
    try {
      const replies = await this.#send(script, items);
      for (const [index, call] of calls.entries()) {
        const reply = replies[index] as readonly Reply[];
        // Its turn did not come: what was answered before had become too large.
        if (reply[0] === "later") this.#gather(script, items[index] as ScriptArguments, call);
        else answer(call, reply);
      }
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}

/** One that cannot be decoded has no say over the others. */
function answer({ resolve, reject }: Call, reply: readonly Reply[]): void {
  if (reply[0] === "failed") return reject(toItemError(String(reply[1])));
  try {
    resolve(reply);
  } catch (error) {
    reject(error);
  }
}

function sizeOf(item: ScriptArguments): number {
  let size = 0;
  for (const value of item) {
    if (typeof value === "string") size += value.length;
    else if (typeof value === "object") size += sizeOf(value as ScriptArguments);
  }
  return size;
}
