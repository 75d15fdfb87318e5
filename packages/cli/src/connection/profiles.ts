/**
 * Places with names, so that nobody types URLs and tokens.
 *
 * They are kept in one file under the user's configuration, which nobody else may read: it has tokens in it.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../command.ts";

/** Has either `url` or `redis`. */
export interface Profile {
  readonly url?: string;
  readonly token?: string;
  readonly redis?: string;
  readonly prefix?: string;
  readonly namespace?: string;
}

export interface Profiles {
  /** The name of the one in use. */
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

const OWNER_ONLY = 0o600;

export function profilesFile(configDirectory: string): string {
  return join(configDirectory, "profiles.json");
}

/** @throws {@link CommandError} when there is a file that is none of ours. */
export async function readProfiles(configDirectory: string): Promise<Profiles> {
  const file = profilesFile(configDirectory);
  try {
    return check(JSON.parse(await readFile(file, "utf8")), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { profiles: {} };
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${file} is not JSON: ${error.message}. Mend it or remove it.`);
  }
}

/** Replaces the file as a whole: who reads it meanwhile sees the old one or the new one. */
export async function writeProfiles(configDirectory: string, profiles: Profiles): Promise<void> {
  await mkdir(configDirectory, { recursive: true, mode: 0o700 });
  const file = profilesFile(configDirectory);
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, `${JSON.stringify(profiles, null, 2)}\n`, { mode: OWNER_ONLY });
    // A umask only takes away; what the mode of a new file is stays certain this way.
    await chmod(draft, OWNER_ONLY);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** @throws {@link CommandError} */
function check(found: unknown, file: string): Profiles {
  const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isRecord(found) || !isRecord(found["profiles"])) {
    throw new CommandError(`${file} has no "profiles". Mend it or remove it.`);
  }
  const { current, profiles } = found;
  const isText = (value: unknown): boolean => typeof value === "string";
  for (const [name, profile] of Object.entries(profiles)) {
    if (isRecord(profile) && Object.values(profile).every(isText)) continue;
    throw new CommandError(`${file}: the profile "${name}" is not as it has to be. Mend it.`);
  }
  return {
    ...(typeof current === "string" && { current }),
    profiles: profiles as Profiles["profiles"],
  };
}
