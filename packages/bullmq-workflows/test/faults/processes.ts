/** Processes that may not outlive the one that started them, frozen ones included. */
import type { ChildProcess } from "node:child_process";

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export function endWithSuite(child: ChildProcess): void {
  running.add(child);
  child.on("exit", () => running.delete(child));
}
