/**
 * Processes of the demo: what the parent and the child say to each other.
 *
 * A child gets its settings as an argument, says once that it is ready, and stops when it is told to
 * or when its parent is gone. It ignores Ctrl-C, which a terminal sends to everyone: the parent
 * decides in which order things stop.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const STOP_GRACE_MS = 5000;

export interface Child<Ready> {
  readonly process: ChildProcess;
  /** What the child said when it was ready; rejects when it ended before. */
  readonly ready: Promise<Ready>;
}

export function startChild<Ready>(entry: string, settings: unknown): Child<Ready> {
  const child = fork(fileURLToPath(new URL(entry, import.meta.url)), [JSON.stringify(settings)]);
  const ready = new Promise<Ready>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Ready));
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${entry} ended before it was ready`)));
  });
  // Who waits for it still hears of it; a child that is killed while nobody waits is no accident.
  ready.catch(() => undefined);
  return { process: child, ready };
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  await exit;
  clearTimeout(impatience);
}

export function readSettings(): unknown {
  return JSON.parse(process.argv[2] ?? "null");
}

export function sayReady(message: object): void {
  process.send?.(message);
}

export function untilToldToStop(): Promise<void> {
  process.on("SIGINT", () => undefined);
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("disconnect", () => resolve());
  });
}
