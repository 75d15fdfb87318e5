/**
 * A server that knows `WAITAOF`: Valkey, or Redis 7.2 or later. Tests that need one are skipped, and say
 * so in their title, where there is none on the PATH.
 */
import { execFileSync } from "node:child_process";

const OLDEST = 7.2;

function versionOf(program: string): string | undefined {
  try {
    const text = execFileSync(program, ["--version"], { encoding: "utf8", stdio: "pipe" });
    return /v=(\d+\.\d+)/.exec(text)?.[1];
  } catch {
    // Not there, or not a program for this machine.
    return undefined;
  }
}

/** Its program; `undefined` when there is none. */
export const NEWER_SERVER: string | undefined = ["valkey-server", "redis-server"].find(
  (program) => Number(versionOf(program) ?? 0) >= OLDEST,
);

/** For the title of a suite. */
export const NEWER_SERVER_NOTE: string =
  NEWER_SERVER ?? "skipped: there is no valkey-server or redis-server 7.2 on the PATH";
