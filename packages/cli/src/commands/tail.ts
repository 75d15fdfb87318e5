/** What happens, as it happens: to one instance, to those of a workflow, or to all. */
import { UsageError } from "../command.ts";
import type { Command } from "../command.ts";
import { apiCommand } from "../connection/api-command.ts";
import type { ApiCall } from "../connection/api-command.ts";
import type { Parts } from "../connection/api.ts";
import { resolveInstance } from "../connection/calls.ts";
import { follow } from "../connection/follow.ts";
import type { Happening } from "../connection/follow.ts";
import type { OperationId } from "../connection/operations.ts";
import { integer, optional, texts } from "../flags.ts";
import { onInterruption } from "../interruption.ts";
import { toJsonLine } from "../text.ts";
import type { Text } from "../text.ts";
import { changeLine, happeningLine } from "../views/happening-words.ts";
import { STATUSES, statusWords } from "../views/words.ts";

interface TailFlags {
  readonly status: readonly string[];
  readonly filter: readonly string[];
  readonly cursor: number | undefined;
}

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
    status: texts({
      value: "<status>",
      choices: [...STATUSES, "deleted"],
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
    const { api, terminal, isJson } = call;
    const interruption = onInterruption();
    const target = await findTarget(call);
    let isFirst = true;
    try {
      await follow({
        api,
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
  readonly operation: OperationId;
  readonly parts: Parts;
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
    const feed = { hasEnd: false, describe: describeChange } as const;
    const query = flags.status.length === 0 ? {} : { status: flags.status };
    if (name === undefined) return { ...feed, operation: "followNamespace", parts: { query } };
    const path = { workflow_name: name };
    return { ...feed, operation: "followWorkflow", parts: { path, query } };
  }
  if (flags.status.length > 0) {
    throw new UsageError("--status is for many instances; of one, --filter leaves events out.");
  }
  const instance = await resolveInstance(api, name, id);
  const filter = flags.filter.length === 0 ? {} : { filter: flags.filter };
  return {
    operation: "subscribeInstance",
    parts: {
      path: { workflow_name: name, instance_id: instance },
      query: { ...filter, cursor: flags.cursor },
    },
    hasEnd: true,
    describe: happeningLine,
  };
}

function describeChange(happening: Happening): Text {
  if (happening.type !== "reset") return changeLine(happening, statusWords);
  const where = happening["workflow_name"];
  const which = typeof where === "string" ? ` of ${where}` : "";
  return `(changes${which} may be missing here)`;
}
