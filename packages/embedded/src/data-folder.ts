/**
 * The folder a server keeps its data in. Each kind of server has its own subfolder, because neither
 * can read the other's files, and a lock file, because two servers on the same files destroy them.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EmbeddedServerError } from "./errors.ts";

export type LocalKind = "native" | "wasm";

const LOCK_NAME = "server.lock";
/** A server that was just killed, or is writing its last snapshot, gets this long to go away. */
const LOCK_PATIENCE_MS = 10_000;
const LOCK_POLL_MS = 25;

/** The kinds of server that have left data in `dataDir`. */
export function findDataKinds(dataDir: string): LocalKind[] {
  return (["native", "wasm"] as const).filter((kind) => {
    const folder = join(dataDir, kind);
    return existsSync(folder) && readdirSync(folder).some((name) => name !== LOCK_NAME);
  });
}

export class DataFolder {
  readonly path: string;
  /** Removed with everything in it when the server is gone. */
  readonly isTemporary: boolean;

  private constructor(path: string, isTemporary: boolean) {
    this.path = path;
    this.isTemporary = isTemporary;
  }

  static temporary(): DataFolder {
    return new DataFolder(mkdtempSync(join(tmpdir(), "bullmq-workflows-")), true);
  }

  /**
   * Takes the subfolder for `kind`, waiting a little for a previous server to leave it.
   *
   * @throws {@link EmbeddedServerError} `server.data_in_use` if another server stays in it
   */
  static async claim(
    dataDir: string,
    kind: LocalKind,
    patienceMs: number = LOCK_PATIENCE_MS,
  ): Promise<DataFolder> {
    const folder = new DataFolder(resolve(dataDir, kind), false);
    mkdirSync(folder.path, { recursive: true });
    const deadline = Date.now() + patienceMs;
    while (!folder.#tryLock()) {
      if (Date.now() > deadline) throw folder.#inUse();
      await delay(LOCK_POLL_MS);
    }
    return folder;
  }

  /** Hands the lock to the server's process: it holds until that process is gone. */
  assignTo(pid: number): void {
    if (!this.isTemporary) writeFileSync(this.#lockPath, processIdentity(pid) ?? "");
  }

  /** To be called when the server is gone. */
  release(): void {
    rmSync(this.isTemporary ? this.path : this.#lockPath, { recursive: true, force: true });
  }

  get #lockPath(): string {
    return join(this.path, LOCK_NAME);
  }

  #tryLock(): boolean {
    try {
      writeFileSync(this.#lockPath, processIdentity(process.pid) ?? "", { flag: "wx" });
      return true;
    } catch (error) {
      if (!existsSync(this.path)) throw error;
    }
    const holder = this.#readHolder();
    if (holder !== "" && holder === processIdentity(Number.parseInt(holder, 10))) return false;
    rmSync(this.#lockPath, { force: true });
    return this.#tryLock();
  }

  #readHolder(): string {
    try {
      return readFileSync(this.#lockPath, "utf8");
    } catch {
      // Released between our attempt and this look.
      return "";
    }
  }

  #inUse(): EmbeddedServerError {
    return new EmbeddedServerError(
      "server.data_in_use",
      `Another server (process ${this.#readHolder().split(" ")[0]}) uses ${this.path}. Stop it, or ` +
        `choose another dataDir. If no such server is running, delete ${this.#lockPath}.`,
    );
  }
}

/** What tells a running process from all others, or nothing if there is none with this id. */
function processIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined;
  }
  return identityFromProc(pid) ?? String(pid);
}

/**
 * On Linux, adds the start time: in containers a new process often gets the id of an old one. A
 * process that ended but that nobody has waited for (state Z) is no longer running.
 */
function identityFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // Not Linux, or gone this instant: the id alone has to do.
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : `${pid} ${fields[19]}`;
}
