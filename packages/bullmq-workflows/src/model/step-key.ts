/**
 * The identity of a step: what kind it is, its name, and the how-manieth of that name it is in a run.
 *
 * A step that moves in the code keeps its outcome as long as name and occurrence stay the same, as at
 * Cloudflare. Kinds count apart, so a `do` and a `sleep` may share a name.
 */

/** What can be asked of `step`. `sleepUntil` is a `sleep`: both wait for an instant. */
export type StepKind = "do" | "sleep" | "wait" | "race";

/** `<kind>:<name>-<count>`. */
export type StepKey = string;

/** The name people see: `<name>-<count>`. */
export function toDisplayName(name: string, count: number): string {
  return `${name}-${count}`;
}

export function toStepKey(kind: StepKind, displayName: string): StepKey {
  return `${kind}:${displayName}`;
}

export function displayNameOf(key: StepKey): string {
  return key.slice(key.indexOf(":") + 1);
}

/** Hands out occurrence numbers, from 1, per kind and name. One per run of `run()`. */
export class StepCounter {
  readonly #counts = new Map<string, number>();

  next(kind: StepKind, name: string): number {
    const key = toStepKey(kind, name);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }
}
