/**
 * What the suite puts into a redis-server: a wall clock that can be moved while it runs, and a look at what
 * it has on the disk for sure.
 *
 * By a library of our own: `libfaketime` looks its originals up at the first call, for which jemalloc,
 * which Debian's Redis uses, asks for the time; the server dies at its start.
 */
import { execFile } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL("preload.c", import.meta.url));

const NUMBER_BYTES = 8;
const SHIFT_AT = 0;
const SYNCED_AT = NUMBER_BYTES;

export class Preload {
  readonly environment: Readonly<Record<string, string>>;
  readonly #page: number;
  #shiftMs = 0;

  private constructor(library: string, path: string) {
    this.environment = { LD_PRELOAD: library, PRELOAD_FILE: path };
    this.#page = openSync(path, "w+");
    writeSync(this.#page, Buffer.alloc(2 * NUMBER_BYTES), 0, 2 * NUMBER_BYTES, 0);
  }

  /** Undefined on a machine without Linux or a C compiler. */
  static async build(folder: string): Promise<Preload | undefined> {
    const library = join(folder, "preload.so");
    if (process.platform !== "linux") return undefined;
    try {
      await run("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE]);
    } catch {
      return undefined;
    }
    return new Preload(library, join(folder, "page"));
  }

  /** Moves the wall clock by so much, from where it is now. */
  shiftClock(ms: number): void {
    this.#shiftMs += ms;
    const bytes = Buffer.alloc(NUMBER_BYTES);
    bytes.writeBigInt64LE(BigInt(this.#shiftMs));
    writeSync(this.#page, bytes, 0, NUMBER_BYTES, SHIFT_AT);
  }

  /** How much of the append-only file has been synced. */
  get syncedBytes(): number {
    const bytes = Buffer.alloc(NUMBER_BYTES);
    readSync(this.#page, bytes, 0, NUMBER_BYTES, SYNCED_AT);
    return Number(bytes.readBigInt64LE());
  }

  close(): void {
    closeSync(this.#page);
  }
}
