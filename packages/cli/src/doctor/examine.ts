/** Looks at a Redis and at all workflows on it, changes nothing, and says what it found. */
import { createRequire } from "node:module";
import { WorkflowEngine } from "bullmq-workflows";
import type { DurabilityGrade } from "bullmq-workflows";
import { openNamespace } from "bullmq-workflows/internal";
import type { Namespace, OpenWorkflow } from "bullmq-workflows/internal";
import { VERSION } from "../version.ts";
import { finding, someOf } from "./finding.ts";
import type { Finding, Level } from "./finding.ts";
import { countKeys } from "./key-census.ts";
import { checkDurability, checkRedis } from "./redis-checks.ts";
import { connectTo, probeRedis } from "./redis-probe.ts";
import { checkJobs, checkWorkflow, LOOKED_AT, OVERDUE_MS } from "./workflow-checks.ts";

export interface ExamineOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly namespaces: readonly string[];
  /** The grade below which it is a problem. */
  readonly minimum: DurabilityGrade;
}

export interface Examination {
  readonly findings: readonly Finding[];
  /** The worst level of all. */
  readonly level: Level;
}

const LEVELS: readonly Level[] = ["fine", "note", "warning", "problem"];

const OLDEST_NODE = [20, 19] as const;

/** @throws {@link CommandError} when Redis cannot be reached. */
export async function examine(
  options: ExamineOptions,
  onProgress: (what: string | undefined) => void,
): Promise<Examination> {
  const { redisUrl, prefix, namespaces, minimum } = options;
  onProgress("Asking Redis");
  const redis = await connectTo(redisUrl);
  const engine = new WorkflowEngine({ connection: redisUrl, prefix, mode: "client" });
  try {
    const findings = [checkNode(), checkVersions(), ...checkRedis(await probeRedis(redis))];
    findings.push(...checkDurability(await engine.durability(), minimum));
    for (const name of namespaces) {
      const namespace = openNamespace(engine, name);
      findings.push(...(await examineNamespace(namespace, onProgress)));
      await namespace.close();
    }
    onProgress("Counting keys");
    findings.push(describeKeys(await countKeys(redis, prefix)));
    return { findings, level: worstOf(findings) };
  } finally {
    onProgress(undefined);
    await engine.close({ force: true });
    redis.disconnect();
  }
}

async function examineNamespace(
  namespace: Namespace,
  onProgress: (what: string) => void,
): Promise<Finding[]> {
  const records = await namespace.directory.workflows();
  if (records.length === 0) {
    const text = `No workflow was ever registered in the namespace "${namespace.name}"`;
    return [finding("note", "workflows", text, "Is it the right prefix, namespace and database?")];
  }
  const workers = await namespace.directory.workers();
  const found: Finding[] = [];
  for (const [at, record] of records.entries()) {
    onProgress(`Looking at workflow ${at + 1} of ${records.length}`);
    const opened = namespace.open(record);
    const [survey, schedules, waiting] = await Promise.all([
      opened.store.insights.survey({ overdueMs: OVERDUE_MS, limit: LOOKED_AT }),
      opened.workflow.schedules(),
      opened.waiting(LOOKED_AT),
    ]);
    found.push(...checkWorkflow({ record, survey, schedules, workers }));
    found.push(...checkJobs(record.name, waiting, await missingOf(opened, waiting.instanceIds)));
  }
  return found;
}

async function missingOf({ store }: OpenWorkflow, ids: readonly string[]): Promise<string[]> {
  const records = await Promise.all(ids.map(async (id) => await store.instances.get(id)));
  return ids.filter((_, at) => records[at] === undefined);
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (!isOld) return finding("fine", "node", `Node ${process.versions.node}`);
  return finding("problem", "node", `Node ${process.versions.node}`, "Use Node 20.19 or later.");
}

function checkVersions(): Finding {
  const { version } = createRequire(import.meta.url)("bullmq/package.json") as {
    readonly version: string;
  };
  return finding("fine", "versions", `BullMQ Workflows ${VERSION} on BullMQ ${version}`);
}

function describeKeys({
  counts,
  total,
  isComplete,
  databaseSize,
}: Awaited<ReturnType<typeof countKeys>>): Finding {
  const kinds = counts.map(([kind, count]) => `${count} ${kind}`);
  const of = isComplete
    ? `of ${databaseSize}`
    : `among about 100000 looked at, of ${databaseSize},`;
  const which = kinds.length === 0 ? "" : `: ${someOf(kinds, kinds.length)}`;
  return finding("fine", "keys", `${total} keys ${of} are of this prefix${which}`);
}

function worstOf(findings: readonly Finding[]): Level {
  const worst = Math.max(0, ...findings.map(({ level }) => LEVELS.indexOf(level)));
  return LEVELS[worst] ?? "fine";
}
