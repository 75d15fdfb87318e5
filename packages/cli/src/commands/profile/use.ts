import { command } from "../../command.ts";
import type { Command } from "../../command.ts";
import { noProfile } from "../../connection/choose-place.ts";
import { readProfiles, writeProfiles } from "../../connection/profiles.ts";
import { readEnvironment } from "../../environment.ts";
import { argument } from "../../flags.ts";

export const use: Command = command({
  name: "use",
  summary: "Has commands ask this place, unless they are told otherwise",
  args: { name: argument("the profile") },
  examples: [{ line: "profile use live", summary: "from now on" }],
  execute: async ({ args: { name }, terminal }) => {
    const { configDirectory } = readEnvironment();
    const kept = await readProfiles(configDirectory);
    if (!Object.hasOwn(kept.profiles, name)) throw noProfile(name, Object.keys(kept.profiles));
    await writeProfiles(configDirectory, { ...kept, current: name });
    terminal.say(`Commands use the profile "${name}" from now on.`);
  },
});
