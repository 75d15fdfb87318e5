import type { Bulk, BulkDryRun, PartsOf } from "@bullmq-workflows/client";
import { setTimeout as wait } from "node:timers/promises";
import { CommandError, UsageError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { confirm, YES_FLAG } from "../../confirm.ts";
import { apiCommand } from "../../connection/api-command.ts";
import type { Api } from "../../connection/api.ts";
import { FILTER_FLAGS, toFilter } from "../../connection/filter-flags.ts";
import { EXIT } from "../../exit-codes.ts";
import { argument, integer, selection, text, toggle } from "../../flags.ts";
import { onInterruption } from "../../interruption.ts";
import { parseJson } from "../../json-text.ts";
import type { Terminal } from "../../terminal.ts";
import { bulkCounts, bulkOutcome } from "../../views/bulk.ts";
import { countWords } from "../../views/words.ts";

const ACTIONS = ["pause", "resume", "restart", "terminate", "delete", "send-event"] as const;

const LOOK_EVERY_MS = 300;

type StartBody = PartsOf<"startBulk">["body"];

/** What is to be done, of each kind of action what belongs to it. */
type ActionOf<Body> = Body extends unknown ? Omit<Body, "filter" | "dry_run" | "rate"> : never;

export const start: Command = apiCommand({
  name: "start",
  summary: "Does one thing to all instances that fit, in the background",
  args: {
    action: selection("what to do", ACTIONS),
    name: argument("the workflow"),
  },
  flags: {
    dryRun: toggle({ summary: "do nothing, and say how many would be met, and which first" }),
    all: toggle({ summary: "all instances; has to be said where nothing else is" }),
    rate: integer({ min: 1, max: 1_000, summary: "instances a second, at most (default 100)" }),
    rollback: toggle({ summary: "with terminate: undo their steps that can be undone" }),
    type: text({ value: "<type>", summary: "with send-event: of the event" }),
    payload: text({ value: "<json>", summary: "with send-event: what comes with it (default {})" }),
    wait: toggle({ isOnByDefault: true, summary: "do not stay until it has ended" }),
    ...YES_FLAG,
    ...FILTER_FLAGS,
  },
  examples: [
    { line: "bulk start restart orders --status errored --dry-run", summary: "what it would meet" },
    { line: "bulk start terminate orders --tag test --rate 50", summary: "not too fast" },
    { line: "bulk start send-event orders --all --type refresh -y", summary: "to all" },
  ],
  execute: async (call) => {
    const { api, args, flags, terminal, show } = call;
    const filter = toFilter(flags);
    if (Object.keys(filter).length === 0 && !flags.all) {
      throw new UsageError("Say which instances are meant, or --all.");
    }
    const body = { ...toAction(args.action, flags), filter };
    const trial = await begin(api, args.name, { ...body, dry_run: true });
    if (!("dry_run" in trial))
      throw new CommandError("The server did it, instead of trying it out.");
    if (flags.dryRun) return show(trial, () => describeTrial(args.action, trial));
    const which = `${countMet(trial)} of "${args.name}" at ${api.place}`;
    await confirm(call, `Do ${args.action} to ${which}?`);
    const rate = flags.rate === undefined ? {} : { rate: flags.rate };
    const begun = await begin(api, args.name, { ...body, ...rate });
    if ("dry_run" in begun) throw new CommandError("The server tried it out, instead of doing it.");
    if (!flags.wait) {
      return show(begun, ({ id }) => [
        `Bulk action ${id} has begun. \`bulk list\` says how far it is.`,
      ]);
    }
    const ended = await watch(api, { workflow: args.name, begun, met: trial.matched }, terminal);
    show(ended, bulkOutcome);
    if (ended.state === "running") return EXIT.interrupted;
    return ended.failed === 0 && ended.state === "complete" ? EXIT.ok : EXIT.failed;
  },
});

async function begin(api: Api, workflow: string, body: StartBody): Promise<Bulk | BulkDryRun> {
  return await api.call("startBulk", { path: { workflow_name: workflow }, body });
}

interface ActionFlags {
  readonly rollback: boolean;
  readonly type: string | undefined;
  readonly payload: string | undefined;
}

/** @throws {@link UsageError} when options do not fit together. */
function toAction(action: (typeof ACTIONS)[number], flags: ActionFlags): ActionOf<StartBody> {
  const { rollback, type, payload } = flags;
  if (rollback && action !== "terminate") throw new UsageError("--rollback goes with terminate.");
  if (action !== "send-event" && (type !== undefined || payload !== undefined)) {
    throw new UsageError("--type and --payload go with send-event.");
  }
  if (action === "terminate") return { action, ...(rollback && { rollback }) };
  if (action !== "send-event") return { action };
  if (type === undefined) throw new UsageError("--type is missing: of the event.");
  const event = { type, payload: parseJson(payload ?? "{}", "--payload") };
  return { action: "send_event", event };
}

function countMet({ matched, is_exact: isExact }: BulkDryRun): string {
  return `${isExact ? "" : "at least "}${countWords(matched, "instance")}`;
}

function describeTrial(action: string, trial: BulkDryRun): readonly string[] {
  const ids = trial.sample.map(({ id }) => `  ${id}`);
  const first = ids.length === 0 ? [] : ["The first of them:", ...ids];
  return [`${action} would meet ${countMet(trial)}. Nothing was done.`, ...first];
}

interface Watched {
  readonly workflow: string;
  readonly begun: Bulk;
  /** How many there are to be met. */
  readonly met: number;
}

/** Until it has ended, or Ctrl-C: then it goes on all the same. */
async function watch(
  api: Api,
  { workflow, begun, met }: Watched,
  terminal: Terminal,
): Promise<Bulk> {
  const interruption = onInterruption();
  const { signal } = interruption;
  const path = { workflow_name: workflow, bulk_id: begun.id };
  let bulk = begun;
  try {
    while (bulk.state === "running" && !signal.aborted) {
      const share = met === 0 ? 100 : Math.min(100, Math.floor((100 * bulk.matched) / met));
      terminal.progress(`${share} %: ${bulkCounts(bulk)} …`);
      await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      bulk = await api.call("getBulk", { path });
    }
  } finally {
    terminal.progress(undefined);
    interruption.stop();
  }
  if (bulk.state === "running") {
    terminal.warn(`It goes on. \`bulk cancel ${workflow} ${bulk.id}\` ends it.`);
  }
  return bulk;
}
