import { command } from "../../command.ts";
import type { Command } from "../../command.ts";
import { noProfile } from "../../connection/choose-place.ts";
import { readProfiles, writeProfiles } from "../../connection/profiles.ts";
import { readEnvironment } from "../../environment.ts";
import { argument } from "../../flags.ts";

export const remove: Command = command({
  name: "remove",
  summary: "Forgets a place, and its token",
  args: { name: argument("the profile") },
  examples: [{ line: "profile remove live", summary: "the server itself is not touched" }],
  execute: async ({ args: { name }, terminal }) => {
    const { configDirectory } = readEnvironment();
    const { profiles, current } = await readProfiles(configDirectory);
    if (!Object.hasOwn(profiles, name)) throw noProfile(name, Object.keys(profiles));
    const { [name]: _removed, ...left } = profiles;
    await writeProfiles(configDirectory, {
      ...(current !== undefined && current !== name && { current }),
      profiles: left,
    });
    terminal.say(`The profile "${name}" is forgotten.`);
  },
});
