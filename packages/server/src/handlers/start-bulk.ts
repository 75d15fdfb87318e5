/**
 * Begins to do one thing to all instances of a filter, in the background; or, as a dry run, says which those
 * would be. Instances that are created later are not meant.
 */
import { randomUUID } from "node:crypto";
import { findInstances, isCountable, isSearch } from "bullmq-workflows/internal";
import type { ListScope, OpenWorkflow } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { FILTER_SHAPE, toScope } from "../instance-filter.ts";
import { toBulkDetail } from "../jobs/bulk.ts";
import type { BulkPlan } from "../jobs/bulk.ts";
import { operation } from "../operation.ts";
import type { KnownWorkflow } from "../operation.ts";
import { WorkflowPath } from "../schemas.ts";
import { BulkView, toBulkView } from "../views/bulk-view.ts";
import { InstanceView, toInstanceView } from "../views/instance-view.ts";

const DEFAULT_RATE = 100;

/** Bulk actions of one workflow at a time. */
const MAX_RUNNING = 10;

/** Characters of an event's payload, which is kept with how far the action has come. */
const MAX_PAYLOAD = 65_536;

const SAMPLE = 10;

/** Instances that a dry run counts, unless an index knows. */
const MAX_COUNTED = 50_000;
const COUNTED_AT_ONCE = 1_000;

const COMMON = {
  filter: z
    .strictObject(FILTER_SHAPE)
    // Not optional, so that nobody forgets it.
    .describe("As in the query of a list. `{}` is for all instances."),
  dry_run: z.boolean().optional().describe("Does nothing: says which and how many those would be."),
  rate: z
    .number()
    .min(0.1)
    .max(1_000)
    .optional()
    .meta({ description: "Instances a second, at most; 100 as if not said.", examples: [50] }),
};

const Event = z.strictObject({
  type: z
    .string()
    .max(100)
    .meta({ examples: ["go"] }),
  payload: z.unknown().optional(),
});

const Plan = z.discriminatedUnion("action", [
  z.strictObject({ action: z.enum(["pause", "resume", "restart", "delete"]), ...COMMON }),
  z.strictObject({
    action: z.literal("terminate"),
    rollback: z.boolean().optional().describe("Undoes their steps first."),
    ...COMMON,
  }),
  z.strictObject({ action: z.literal("send_event"), event: Event, ...COMMON }),
]);

/** zod leaves such a field out without a word, and the action would be for more than was meant. */
const Body = z.preprocess((given, context) => {
  const { params } = (given as { filter?: { params?: unknown } } | null)?.filter ?? {};
  if (typeof params === "object" && params !== null && Object.hasOwn(params, "__proto__")) {
    const path = ["filter", "params"];
    context.addIssue({ code: "custom", message: "`__proto__` is no field", path });
  }
  return given;
}, Plan);

const DryRun = z
  .object({
    dry_run: z.literal(true),
    matched: z.number(),
    /** Whether those are all; else there are more. */
    is_exact: z.boolean(),
    sample: z.array(InstanceView),
  })
  .meta({ id: "BulkDryRun" });

export const startBulk = operation({
  id: "startBulk",
  summary: "Do one thing to all instances of a filter, in the background",
  description:
    "Instances that are created later are not meant. `getBulk` says how far it has come.",
  role: "operate",
  path: WorkflowPath,
  body: Body,
  result: z.union([BulkView, DryRun]),
  handle: async ({ workflow, body, jobs, principal, note }) => {
    const known = await workflow();
    const { record } = known;
    if (body.action === "send_event") checkPayload(body.event.payload);
    const given = toScope(body.filter, record.settings.searchable);
    if (body.dry_run) return { result: await tryOut(known, given) };
    const [newest] = (await findInstances(known.store, { limit: 1 })).instances;
    const createdTo = Math.min(given.createdTo ?? Infinity, newest?.createdAt ?? 0);
    const { action, filter, rate = DEFAULT_RATE } = body;
    const plan: BulkPlan = {
      action,
      filter,
      scope: { ...given, createdTo },
      rate,
      ...("rollback" in body && { rollback: body.rollback }),
      ...("event" in body && { event: { type: body.event.type } }),
      startedBy: principal.name,
      startedOn: new Date().toISOString(),
    };
    const id = createId();
    await note({ bulk: id, action, filter, rate });
    const detail = toBulkDetail(plan);
    const material = "event" in body ? JSON.stringify(body.event.payload) : undefined;
    const job = { kind: "bulk", workflow: record.name, id, detail } as const;
    const begun = { ...job, ...(material !== undefined && { material }) };
    if ((await jobs.beginJob(begun, MAX_RUNNING)) === "full") {
      throw invalidInput(`${MAX_RUNNING} bulk actions of this workflow are running already`);
    }
    return { result: toBulkView({ id, state: "running", detail }) };
  },
});

/** In the order of time, as the ids of jobs have to be. */
function createId(): string {
  return `${Date.now().toString(36)}-${randomUUID().slice(0, 8)}`;
}

function checkPayload(payload: unknown = null): void {
  if (JSON.stringify(payload).length <= MAX_PAYLOAD) return;
  throw invalidInput(`\`event.payload\` has over ${MAX_PAYLOAD} characters`);
}

async function tryOut(known: KnownWorkflow, scope: ListScope): Promise<z.input<typeof DryRun>> {
  const first = await findInstances(known.store, { ...scope, first: "oldest", limit: SAMPLE });
  const sample = first.instances.map((each) => toInstanceView(each, known.record));
  if (!isSearch({ ...scope, limit: SAMPLE }) || isCountable({ ...scope, limit: SAMPLE })) {
    const matched = first.total ?? sample.length;
    return { dry_run: true, matched, is_exact: true, sample };
  }
  const { matched, isExact } = await countMatches(known, scope, first.cursor);
  return { dry_run: true, matched: sample.length + matched, is_exact: isExact, sample };
}

/** Those after the sample. */
async function countMatches(
  { store }: OpenWorkflow,
  scope: ListScope,
  from: string | undefined,
): Promise<{ readonly matched: number; readonly isExact: boolean }> {
  let [matched, cursor] = [0, from];
  for (let looked = 0; looked < MAX_COUNTED && cursor !== undefined; looked += COUNTED_AT_ONCE) {
    const page = await store.instances.list({
      ...scope,
      first: "oldest",
      cursor,
      limit: COUNTED_AT_ONCE,
    });
    matched += page.instances.length;
    ({ cursor } = page);
  }
  return { matched, isExact: cursor === undefined };
}
