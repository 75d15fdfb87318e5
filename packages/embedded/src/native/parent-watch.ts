/**
 * Ends a native server when our process is gone, however it went.
 *
 * The server itself does not notice. So a shell waits at the other end of a pipe that only our
 * process holds: when we die, even by SIGKILL, the system closes the pipe and the shell wakes up.
 */
import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

/**
 * `$1` is the server's process id, `$2` a temporary folder to remove afterwards, or empty. The wait
 * is limited because in some containers an ended process never disappears.
 */
const SCRIPT = `
read -r _
kill -TERM "$1" 2>/dev/null
[ -n "$2" ] || exit 0
i=0
while [ $i -lt 50 ] && kill -0 "$1" 2>/dev/null; do sleep 0.1; i=$((i+1)); done
rm -rf "$2"
`;

export class ParentWatch {
  readonly #shell: ChildProcess;

  constructor(serverPid: number, temporaryFolder?: string) {
    const args = ["-c", SCRIPT, "parent-watch", String(serverPid), temporaryFolder ?? ""];
    // Its own session, so that Ctrl-C in a terminal does not end the watch before its time.
    this.#shell = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#shell.unref();
    (this.#shell.stdin as Socket | null)?.unref();
    // Without a shell there is no watch; an orderly end still stops the server.
    this.#shell.on("error", () => {});
  }

  /** To be called when the server is gone, before its process id means something else. */
  dismiss(): void {
    this.#shell.kill("SIGKILL");
  }
}
