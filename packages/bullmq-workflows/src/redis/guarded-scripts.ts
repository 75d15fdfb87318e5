/**
 * The scripts of one workflow whose answers may have to wait: until what they wrote, or read, is as safe as
 * the barrier says.
 */
import type { CommandOutcome } from "../engine/ports/commands.ts";
import { joinBarriers } from "../model/barrier.ts";
import type { Barrier } from "../model/barrier.ts";
import type { BarrierLine } from "./barrier-line.ts";
import type { Barriers } from "./barriers.ts";
import { decodeCommand } from "./decode.ts";
import type { Decode } from "./script-batches.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { Script } from "./script.ts";

export interface Guard {
  /** The hash tag that all keys of the workflow's partition start with, braces included. */
  readonly tag: string;
  /** Without it nothing waits for more than Redis's answer. */
  readonly barriers: Barriers | undefined;
  /** What creating and commanding wait for, and who reads how an instance ended. */
  readonly barrier: Barrier;
}

export class GuardedScripts {
  readonly barrier: Barrier;
  readonly #scripts: ScriptRunner;
  readonly #tag: string;
  readonly #barriers: Barriers | undefined;

  constructor(scripts: ScriptRunner, { tag, barriers, barrier }: Guard) {
    this.barrier = barrier;
    this.#scripts = scripts;
    this.#tag = tag;
    this.#barriers = barriers;
  }

  /** Runs a script with others of its kind, and answers when the barrier holds. */
  write<Args, Outcome>(
    script: Script<Args>,
    args: Args,
    decode: Decode<Outcome>,
    barrier?: Barrier,
  ): Promise<Outcome> {
    const line = this.#lineFor(barrier);
    if (line) return line.run(this.#tag, script, args).then(decode);
    return this.#scripts.gather(script, args, decode);
  }

  /** Runs the script of a command at once, and answers when the workflow's own barrier holds. */
  async command<Args>(script: Script<Args>, args: Args): Promise<CommandOutcome> {
    const line = this.#lineFor(this.barrier);
    const reply = await (line?.run(this.#tag, script, args) ?? this.#scripts.run(script, args));
    return decodeCommand(reply);
  }

  /** Waits until what was just read is as safe as the workflow's own writes, and as its steps asked for. */
  async hold(asked: Barrier = "memory"): Promise<void> {
    const holdable = this.#barriers?.holdable(asked);
    await this.#lineFor(joinBarriers(this.barrier, holdable))?.hold(this.#tag);
  }

  #lineFor(barrier: Barrier = "memory"): BarrierLine | undefined {
    return barrier === "memory" ? undefined : this.#barriers?.lineFor(barrier, this.#tag);
  }
}
