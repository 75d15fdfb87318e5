/** The programs that have workflows, with what else a program may have at Cloudflare and has not here. */
import type { WorkflowRecord } from "bullmq-workflows/internal";
import { z } from "zod";
import { includes } from "../../access/principal.ts";
import { operation } from "../../operation.ts";

const BoundWorkflow = z.object({
  /** Its name. */
  id: z.string(),
  bindingName: z.string(),
  className: z.string(),
  scriptName: z.string(),
});

const Nothing = z.array(z.never());

const Worker = z.object({
  isSelf: z.boolean(),
  name: z.string(),
  bindings: z.object({
    workflows: z.array(BoundWorkflow),
    d1: Nothing,
    do: Nothing,
    kv: Nothing,
    r2: Nothing,
  }),
});

export const listWorkers = operation({
  id: "explorerListWorkers",
  summary: "List the programs that have workflows",
  role: "view",
  path: z.object({}),
  result: z.array(Worker),
  handle: async ({ namespace, principal }) => {
    const records = (await namespace.directory.workflows()).filter(({ name }) =>
      includes(principal.workflows, name),
    );
    const scripts = new Set(records.map(({ settings }) => settings.scriptName));
    return { result: [...scripts].map((name) => toWorker(name, records)) };
  },
});

function toWorker(name: string, records: readonly WorkflowRecord[]): z.input<typeof Worker> {
  const own = records.filter(({ settings }) => settings.scriptName === name);
  return {
    isSelf: true,
    name,
    bindings: { workflows: own.map(toBound), d1: [], do: [], kv: [], r2: [] },
  };
}

/** What a program calls its workflow in `env`, nobody here knows. */
function toBound({ name, settings }: WorkflowRecord): z.input<typeof BoundWorkflow> {
  const { className, scriptName } = settings;
  return { id: name, bindingName: className, className, scriptName };
}
