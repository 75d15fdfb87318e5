/**
 * Notices when the code asks for other steps than the history has.
 *
 * Steps at the top level of `run()` are numbered as they are called; the same code over the same history
 * numbers them alike. By default a difference is logged and counted once per activation, because moved
 * steps keep their outcome (Cloudflare's semantics). In strict mode it ends the instance.
 */
import { NonDeterminismError } from "../model/errors.ts";
import { displayNameOf } from "../model/step-key.ts";
import type { StepKey } from "../model/step-key.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { Run } from "./run.ts";

export class Divergence {
  readonly #run: Run;
  readonly #telemetry: Telemetry;
  #hasDiverged = false;
  #calls = 0;

  constructor(run: Run, telemetry: Telemetry) {
    this.#run = run;
    this.#telemetry = telemetry;
  }

  /** Compares a call with what the history has at its number. */
  check(key: StepKey, call: number | undefined): void {
    if (call === undefined || this.#hasDiverged) return;
    this.#calls = call;
    const { calls, steps } = this.#run.timeline;
    const recorded = calls.get(call);
    const ownCall = steps.get(key)?.call;
    if (recorded !== undefined && recorded !== key) this.#report(recorded, key);
    else if (ownCall !== undefined && ownCall !== call) this.#report(recorded, key);
  }

  /** Compares the end of `run()` with the history: has it steps that were not asked for? */
  checkEnd(): void {
    if (this.#hasDiverged) return;
    for (const [call, key] of this.#run.timeline.calls) {
      if (call > this.#calls) return this.#report(key, undefined);
    }
  }

  stop(): void {
    this.#hasDiverged = true;
  }

  #report(recordedKey: StepKey | undefined, askedKey: StepKey | undefined): void {
    this.#hasDiverged = true;
    const recorded = recordedKey && displayNameOf(recordedKey);
    const asked = askedKey && displayNameOf(askedKey);
    const { name, determinism } = this.#run.definition;
    const facts = { workflow: name, instanceId: this.#run.instanceId, recorded, asked };
    this.#telemetry.log("warn", "the code asks for other steps than the history has", facts);
    this.#telemetry.count("replay.diverged", { workflow: name });
    if (determinism !== "strict") return;
    // Nor may the step that differs begin: whoever asked for it is being checked right now.
    this.#run.gate.remove();
    this.#run.result = undefined;
    this.#run.finish({ type: "threw", error: new NonDeterminismError(recorded, asked) });
  }
}
