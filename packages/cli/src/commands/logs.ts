/** The history of an instance in words, and with `-f` what comes after it. */
import type { Command } from "../command.ts";
import { apiCommand } from "../connection/api-command.ts";
import type { Api } from "../connection/api.ts";
import { resolveInstance } from "../connection/calls.ts";
import { follow } from "../connection/follow.ts";
import type { Happening } from "../connection/follow.ts";
import { argument, optional, toggle } from "../flags.ts";
import { given } from "../given.ts";
import { onInterruption } from "../interruption.ts";
import { toJsonLine } from "../text.ts";
import type { Text } from "../text.ts";
import { happeningLine } from "../views/happening-words.ts";
import { LogLines } from "../views/log-lines.ts";

type InstancePath = {
  readonly workflow_name: string;
  readonly instance_id: string;
};

export const logs: Command = apiCommand({
  name: "logs",
  summary: "Tells the history of an instance, line by line",
  details: `With --json, the history as it is recorded, in one list. With -f, the instance's events, those to come as
they come: a line for each with --json. It ends with the instance, or with Ctrl-C. What goes without saying,
that a step begins or that an instance runs, \`tail\` tells.`,
  args: {
    name: argument("the workflow"),
    id: optional("the instance (default latest)"),
  },
  flags: { follow: toggle({ short: "f", summary: "go on with what happens from now on" }) },
  examples: [
    { line: "logs orders order-7", summary: "all that happened" },
    { line: "logs -f orders", summary: "the one that was created last, as it goes on" },
  ],
  execute: async (call) => {
    const { api, args, flags, terminal, isJson, show } = call;
    const instance = await resolveInstance(api, args.name, args.id ?? "latest");
    const path = { workflow_name: args.name, instance_id: instance };
    if (!flags.follow) return show(await readHistory(api, path), toLines);
    const interruption = onInterruption();
    const lines = new LogLines((happening) => terminal.say(happeningLine(happening)));
    try {
      await follow({
        open: async (cursor, options) =>
          await api.open("subscribeInstance", { path, query: given({ cursor }) }, options),
        hasEnd: true,
        signal: interruption.signal,
        onHappening: (happening) => {
          if (isJson) terminal.say(toJsonLine(happening));
          else lines.add(happening);
        },
        onBroken: () => terminal.warn("The connection broke. Connecting again."),
      });
    } finally {
      lines.flush();
      interruption.stop();
    }
    return interruption.exitCode();
  },
});

function toLines(history: readonly Happening[]): readonly Text[] {
  const lines: Text[] = [];
  const log = new LogLines((happening) => void lines.push(happeningLine(happening)));
  for (const entry of history) log.add(entry);
  log.flush();
  return lines;
}

async function readHistory(api: Api, path: InstancePath): Promise<readonly Happening[]> {
  const entries: Happening[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.page("getHistory", { path, query: given({ cursor }) });
    // A copy, as a type of its own has no further fields.
    entries.push(...page.result.map((entry) => ({ ...entry })));
    cursor = page.result_info.cursor;
  } while (cursor !== undefined);
  return entries;
}
