/** What happens, as it happens: to one instance, to those of a workflow, or to all. */
import type { PartsOf } from "@bullmq-workflows/client";
import { UsageError } from "../command.ts";
import type { Command } from "../command.ts";
import { apiCommand } from "../connection/api-command.ts";
import type { ApiCall } from "../connection/api-command.ts";
import type { Api } from "../connection/api.ts";
import { resolveInstance } from "../connection/calls.ts";
import { follow } from "../connection/follow.ts";
import type { Happening, Open } from "../connection/follow.ts";
import { choices, integer, optional, texts } from "../flags.ts";
import { given } from "../given.ts";
import { onInterruption } from "../interruption.ts";
import { toJsonLine } from "../text.ts";
import type { Text } from "../text.ts";
import { changeLine, happeningLine } from "../views/happening-words.ts";
import { INSTANCE_STATUSES, statusWords } from "../views/words.ts";

const FEED_STATUSES = [...INSTANCE_STATUSES, "deleted"] as const;

interface TailFlags {
  readonly status: readonly (typeof FEED_STATUSES)[number][];
  readonly filter: readonly string[];
  readonly cursor: number | undefined;
}

type EventType = NonNullable<NonNullable<PartsOf<"subscribeInstance">["query"]>["filter"]>[number];

interface TailArgs {
  readonly name: string | undefined;
  readonly id: string | undefined;
}

export const tail: Command = apiCommand({
  name: "tail",
  summary: "Tells what happens as it happens: to an instance, to a workflow's, or to all",
  details: `Of an instance, all its events, those on record first; it ends with the instance. Of a workflow, or of
all, how the statuses of instances change from now on. Ctrl-C ends it. With --json, a line for each.`,
  args: {
    name: optional("the workflow (default: all of them)"),
    id: optional("the instance, or latest (default: all of the workflow's)"),
  },
  flags: {
    status: choices({
      value: "<status>",
      choices: FEED_STATUSES,
      summary: "only changes to it; may be repeated",
    }),
    filter: texts({
      value: "<type>",
      summary: "of an instance, only events of it; may be repeated",
    }),
    cursor: integer({ min: 0, summary: "of an instance, begin after the event with this id" }),
  },
  examples: [
    { line: "tail", summary: "all that goes on" },
    { line: "tail orders --status errored", summary: "what fails from now on" },
    { line: "tail orders latest", summary: "one instance, step by step" },
  ],
  execute: async (call) => {
    const { terminal, isJson } = call;
    const interruption = onInterruption();
    const target = await findTarget(call);
    let isFirst = true;
    try {
      await follow({
        ...target,
        signal: interruption.signal,
        onHappening: (happening) => {
          const isOpening = happening.type === "reset" && isFirst;
          isFirst = false;
          if (isJson) return terminal.say(toJsonLine(happening));
          if (!isOpening) terminal.say(target.describe(happening));
        },
        onBroken: () => terminal.warn("The connection broke. Connecting again."),
      });
    } finally {
      interruption.stop();
    }
    return interruption.exitCode();
  },
});

interface Target {
  readonly open: Open;
  readonly hasEnd: boolean;
  readonly describe: (happening: Happening) => Text;
}

/** @throws {@link UsageError} when options do not fit together. */
async function findTarget({ api, args, flags }: ApiCall<TailFlags, TailArgs>): Promise<Target> {
  const { name, id } = args;
  if (name === undefined || id === undefined) {
    if (flags.filter.length > 0 || flags.cursor !== undefined) {
      throw new UsageError("--filter and --cursor are for an instance: name a workflow and an id.");
    }
    return { open: openFeed(api, name, flags.status), hasEnd: false, describe: describeChange };
  }
  if (flags.status.length > 0) {
    throw new UsageError("--status is for many instances; of one, --filter leaves events out.");
  }
  const instance = await resolveInstance(api, name, id);
  const path = { workflow_name: name, instance_id: instance };
  // Which types there are, the server says.
  const types = flags.filter as readonly EventType[];
  const filter = types.length === 0 ? {} : { filter: types };
  return {
    open: async (cursor = flags.cursor, options) =>
      await api.open(
        "subscribeInstance",
        { path, query: { ...filter, ...given({ cursor }) } },
        options,
      ),
    hasEnd: true,
    describe: happeningLine,
  };
}

function openFeed(api: Api, workflow: string | undefined, status: TailFlags["status"]): Open {
  const query = status.length === 0 ? {} : { status };
  return async (_, options) => {
    if (workflow === undefined) return await api.open("followNamespace", { query }, options);
    return await api.open("followWorkflow", { path: { workflow_name: workflow }, query }, options);
  };
}

function describeChange(happening: Happening): Text {
  if (happening.type !== "reset") return changeLine(happening, statusWords);
  const where = happening["workflow_name"];
  const which = typeof where === "string" ? ` of ${where}` : "";
  return `(changes${which} may be missing here)`;
}
