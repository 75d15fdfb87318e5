import { command, UsageError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { readToken } from "../../connection/connect.ts";
import { checkNamespace, checkRedisUrl, checkServerUrl } from "../../connection/place.ts";
import { profilesFile, readProfiles, writeProfiles } from "../../connection/profiles.ts";
import type { Profile } from "../../connection/profiles.ts";
import { readEnvironment } from "../../environment.ts";
import { argument, text, toggle } from "../../flags.ts";

export const add: Command = command({
  name: "add",
  summary: "Keeps a place under a name, or puts another one under it",
  args: { name: argument("the profile") },
  flags: {
    url: text({ value: "<url>", summary: "a server" }),
    token: text({ value: "<token>", summary: "for --url; - reads it from standard input" }),
    redis: text({ value: "<url>", summary: "straight at Redis, with no server" }),
    prefix: text({ summary: "what begins every key in Redis (default bw)" }),
    namespace: text({ value: "<name>", summary: "whose instances (default: default)" }),
    use: toggle({ summary: "have commands ask it from now on" }),
  },
  examples: [
    {
      line: "profile add live --url https://workflows.example.com --token - < token.txt",
      summary: "a token on the command line is seen by all on the machine",
    },
    { line: "profile add local --redis redis://localhost:6379 --use", summary: "a Redis" },
  ],
  execute: async ({ args: { name }, flags, terminal }) => {
    const { configDirectory } = readEnvironment();
    const profile = await toProfile(flags);
    const { profiles, current } = await readProfiles(configDirectory);
    // The first one is the one to use.
    const used = flags.use || Object.keys(profiles).length === 0 ? name : current;
    await writeProfiles(configDirectory, {
      ...(used !== undefined && { current: used }),
      profiles: { ...profiles, [name]: profile },
    });
    const isUsed = used === name ? ", and commands use it" : "";
    terminal.say(`The profile "${name}" is kept in ${profilesFile(configDirectory)}${isUsed}.`);
  },
});

type Given = {
  readonly [Name in keyof Profile]-?: string | undefined;
};

/** @throws {@link UsageError} */
async function toProfile(given: Given): Promise<Profile> {
  const { url, redis, prefix, namespace } = given;
  if ((url === undefined) === (redis === undefined)) {
    throw new UsageError("Expected --url or --redis, one of them.");
  }
  if (given.token !== undefined && url === undefined) throw new UsageError("--token is for --url.");
  if (prefix !== undefined && redis === undefined) throw new UsageError("--prefix is for --redis.");
  const token = given.token === "-" ? await readToken() : given.token;
  return {
    ...(url !== undefined && { url: checkServerUrl(url, "--url") }),
    ...(token !== undefined && { token }),
    ...(redis !== undefined && { redis: checkRedisUrl(redis, "--redis") }),
    ...(prefix !== undefined && { prefix }),
    ...(namespace !== undefined && { namespace: checkNamespace(namespace, "--namespace") }),
  };
}
