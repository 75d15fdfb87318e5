/**
 * The identity of a step: what kind it is, its name, and the how-manieth of that name it is in a run.
 *
 * A step that moves in the code keeps its outcome as long as name and occurrence stay the same, as at
 * Cloudflare. Kinds count apart, so a `do` and a `sleep` may share a name.
 */

/** What can be asked of `step`. `sleepUntil` is a `sleep`: both wait for an instant. */
export type StepKind = "do" | "sleep" | "wait" | "race";

/** `<kind>:<name>-<count>`; before the name, inside another step, that step's path. */
export type StepKey = string;

/** Display names of steps inside one another, outermost first, joined by {@link PATH_SEPARATOR}. */
export type StepPath = string;

/** No name may contain it. */
const PATH_SEPARATOR = "\u001f";

/** The name people see: `<name>-<count>`. */
export function toDisplayName(name: string, count: number): string {
  return `${name}-${count}`;
}

export function toStepPath(enclosing: StepPath | undefined, displayName: string): StepPath {
  return enclosing === undefined ? displayName : `${enclosing}${PATH_SEPARATOR}${displayName}`;
}

export function toStepKey(kind: StepKind, path: StepPath): StepKey {
  return `${kind}:${path}`;
}

export function pathOf(key: StepKey): StepPath {
  return key.slice(key.indexOf(":") + 1);
}

export function displayNameOf(key: StepKey): string {
  return lastNameOf(pathOf(key));
}

/** The display name of the step that a path leads to. */
export function lastNameOf(path: StepPath): string {
  return path.slice(path.lastIndexOf(PATH_SEPARATOR) + 1);
}

/** The path and those of the steps around it, outermost first. */
export function enclosingPaths(path: StepPath | undefined): readonly StepPath[] {
  if (path === undefined) return [];
  const names = path.split(PATH_SEPARATOR);
  return names.map((_, index) => names.slice(0, index + 1).join(PATH_SEPARATOR));
}

/** A path as text that no other path has. */
export function toPathText(path: StepPath): string {
  const names = path.split(PATH_SEPARATOR);
  return names.map((name) => name.replaceAll("%", "%25").replaceAll("/", "%2F")).join("/");
}

/**
 * Hands out occurrence numbers, from 1, per kind and name. One per run of `run()`, and one per attempt
 * of a step for the steps inside it: those are not called again once the outer step is on record, so
 * no number outside may depend on them.
 */
export class StepCounter {
  readonly #counts = new Map<string, number>();

  next(kind: StepKind, name: string): number {
    const key = toStepKey(kind, name);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }
}
