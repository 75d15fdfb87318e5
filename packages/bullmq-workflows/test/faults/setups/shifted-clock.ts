/**
 * A wall clock for a redis-server that can be moved while it runs.
 *
 * By a library of our own: `libfaketime` looks its originals up at the first call, for which jemalloc,
 * which Debian's Redis uses, asks for the time; the server dies at its start.
 */
import { execFile } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("shifted-clock.c", import.meta.url));

export class ShiftedClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: number;
  #shiftMs = 0;

  private constructor(library: string, path: string) {
    this.environment = { LD_PRELOAD: library, SHIFTED_CLOCK_FILE: path };
    this.#file = openSync(path, "w+");
    this.shift(0);
  }

  /** Undefined on a machine without Linux or a C compiler. */
  static async build(folder: string): Promise<ShiftedClock | undefined> {
    const library = join(folder, "shifted-clock.so");
    if (process.platform !== "linux") return undefined;
    try {
      await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE]);
    } catch {
      return undefined;
    }
    return new ShiftedClock(library, join(folder, "shift"));
  }

  /** Moves the clock by so much, from where it is now. */
  shift(ms: number): void {
    this.#shiftMs += ms;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(this.#shiftMs));
    writeSync(this.#file, bytes, 0, 8, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
