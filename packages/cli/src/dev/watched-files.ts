/**
 * Tells when a file of the program changes.
 *
 * What a version is made of is known once it was bundled. A version that could not be bundled may be
 * mended by any file, one that is not there yet too; so then every change counts.
 */
import { basename, relative, sep } from "node:path";
import { watch } from "chokidar";
import type { FSWatcher } from "chokidar";

/** Read at the start, whatever the code imports. */
const SETTINGS =
  /^(?:wrangler\.(?:jsonc?|toml)|\.dev\.vars(?:\..+)?|tsconfig(?:\..+)?\.json|package\.json)$/;

/** Several files are saved at once, and one in several writes. */
const SETTLE_MS = 40;

const IGNORED = new Set(["node_modules", "dist", "coverage"]);

export interface WatchOptions {
  readonly directory: string;
  /** Whether its folders are watched too. One that may hold anything, such as a home, is not. */
  readonly isDeep: boolean;
  /** Files outside what the code imports. */
  readonly further: readonly string[];
  /** Folders whose files change without meaning anything. */
  readonly ignored: readonly string[];
  readonly onChange: (file: string) => void;
}

export class WatchedFiles {
  readonly #options: WatchOptions;
  readonly #watcher: FSWatcher;
  readonly #ready: Promise<void>;
  /** Of files that are not under the folder. */
  #elsewhere: FSWatcher | undefined;
  #files: ReadonlySet<string> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { directory, isDeep, further, ignored } = options;
    this.#watcher = watch([directory, ...further], {
      ignoreInitial: true,
      ...(!isDeep && { depth: 0 }),
      ignored: (path) => ignored.includes(path) || isIgnored(relative(directory, path)),
    });
    this.#ready = untilReady(this.#listen(this.#watcher));
  }

  /**
   * From now on these count, and whatever holds settings; all there are when it is not known. Resolves when
   * their changes are noticed.
   */
  async follow(files: readonly string[] | undefined): Promise<void> {
    this.#files = files && new Set(files);
    await this.#ready;
    const outside = (files ?? []).filter((file) => this.#isOutside(file));
    if (outside.length === 0) return;
    const before = this.#elsewhere;
    const watcher = watch(outside, { ignoreInitial: true });
    this.#elsewhere = this.#listen(watcher);
    await untilReady(watcher);
    await before?.close();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#elsewhere?.close();
    await this.#watcher.close();
  }

  #listen(watcher: FSWatcher): FSWatcher {
    watcher.on("all", (_, file) => this.#note(file));
    // What cannot be watched, changes without being seen.
    return watcher.on("error", () => {});
  }

  #note(file: string): void {
    const counts =
      !this.#files ||
      this.#files.has(file) ||
      this.#options.further.includes(file) ||
      SETTINGS.test(basename(file));
    if (!counts) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#options.onChange(file), SETTLE_MS);
  }

  #isOutside(file: string): boolean {
    const { directory, isDeep } = this.#options;
    const path = relative(directory, file);
    return path.startsWith("..") || isIgnored(path) || (!isDeep && path.includes(sep));
  }
}

async function untilReady(watcher: FSWatcher): Promise<void> {
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
}

function isIgnored(path: string): boolean {
  const parts = path.split(sep).filter((part) => part !== "..");
  const name = parts.at(-1) ?? "";
  if (name.startsWith(".dev.vars")) return false;
  return parts.some((part) => IGNORED.has(part) || (part.length > 1 && part.startsWith(".")));
}
