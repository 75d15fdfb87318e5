/** The snapshots in a data folder: the current one, and the one the last start has proven readable. */
import { constants, copyFileSync, existsSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** Valkey's own name for it. */
const CURRENT = "dump.rdb";
const PROVEN = "dump.at-last-start.rdb";

export function currentSnapshot(directory: string): string {
  return join(directory, CURRENT);
}

export function provenSnapshot(directory: string): string {
  return join(directory, PROVEN);
}

/** Valkey takes an empty file for no snapshot and would start with nothing, without a word. */
export function isEmptySnapshot(directory: string): boolean {
  const path = currentSnapshot(directory);
  return existsSync(path) && statSync(path).size === 0;
}

/** Keeps a copy of the snapshot that was just loaded, until the next start. */
export function keepProvenSnapshot(directory: string): void {
  const current = currentSnapshot(directory);
  if (!existsSync(current)) return;
  const unfinished = join(directory, `${PROVEN}.tmp`);
  // Shares the disk space where the file system can, without sharing later damage as a link would.
  copyFileSync(current, unfinished, constants.COPYFILE_FICLONE);
  renameSync(unfinished, provenSnapshot(directory));
}
