import { command } from "../../command.ts";
import type { Command } from "../../command.ts";
import { withoutSecrets } from "../../connection/place.ts";
import { readProfiles } from "../../connection/profiles.ts";
import { readEnvironment } from "../../environment.ts";
import { toggle } from "../../flags.ts";
import { table } from "../../table.ts";
import type { Column } from "../../table.ts";
import { toJson } from "../../text.ts";

/** A profile without what is secret. */
interface Shown {
  readonly name: string;
  readonly isCurrent: boolean;
  readonly url: string | null;
  readonly redis: string | null;
  readonly prefix: string | null;
  readonly namespace: string;
  readonly hasToken: boolean;
}

const COLUMNS: readonly Column<Shown>[] = [
  { title: "", cell: ({ isCurrent }) => (isCurrent ? "*" : "") },
  { title: "Name", cell: ({ name }) => name },
  { title: "Place", cell: ({ url, redis }) => url ?? redis ?? "" },
  { title: "Namespace", cell: ({ namespace }) => namespace },
  { title: "Token", cell: ({ hasToken }) => (hasToken ? "yes" : "no") },
];

export const list: Command = command({
  name: "list",
  summary: "Lists the places that are kept; * is in use",
  flags: { json: toggle({ summary: "say the result as JSON" }) },
  examples: [{ line: "profile list", summary: "no token is shown" }],
  execute: async ({ flags, terminal }) => {
    const { profiles, current } = await readProfiles(readEnvironment().configDirectory);
    const shown = Object.entries(profiles).map(([name, profile]): Shown => ({
      name,
      isCurrent: name === current,
      url: profile.url === undefined ? null : withoutSecrets(profile.url),
      redis: profile.redis === undefined ? null : withoutSecrets(profile.redis),
      prefix: profile.prefix ?? null,
      namespace: profile.namespace ?? "default",
      hasToken: profile.token !== undefined,
    }));
    if (flags.json) return terminal.say(toJson(shown));
    if (shown.length === 0)
      return terminal.say("None yet: `bullmq-workflows profile add` keeps one.");
    for (const line of table(COLUMNS, shown, terminal.width)) terminal.say(line);
  },
});
