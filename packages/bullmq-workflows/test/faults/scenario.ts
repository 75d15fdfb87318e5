/** One setup, some faults, for some time; then quiet, and the verdict. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Workflow } from "../../src/client/workflow.ts";
import { isFinished } from "../../src/model/status.ts";
import { WorkflowEngine } from "../../src/wiring/workflow-engine.ts";
import { RedisBackend } from "../../src/wiring/redis-backend.ts";
import { seededRandom } from "../chaos/support/random.ts";
import { check } from "./checker/check.ts";
import type { Bounds, Expectation, Verdict } from "./checker/evidence.ts";
import { findLeftovers, readInstances } from "./collect.ts";
import { engineConnection } from "./connection.ts";
import { Crew } from "./crew.ts";
import type { Fault } from "./faults/fault.ts";
import { Ledger, linesOf, readLedgers } from "./ledger.ts";
import { strikeFor } from "./nemesis.ts";
import { startSetup } from "./setups/index.ts";
import { CLIENT_WAY } from "./setups/setup.ts";
import type { Setup, SetupName } from "./setups/setup.ts";
import { planOf, Trial, WORKFLOW } from "./worker/trial.ts";
import { watchEventLoop } from "./worker/event-loop.ts";
import { Workload } from "./workload.ts";

export interface ScenarioOptions {
  readonly setup: SetupName;
  readonly faults: readonly Fault[];
  readonly seed: string;
  readonly forMs: number;
  readonly workers: number;
  readonly perSecond: number;
  readonly leaseMs: number;
  readonly sweepMs: number;
  /** Keep ledgers and logs, whatever the verdict. */
  readonly keep?: boolean;
}

export interface ScenarioResult {
  readonly setup: SetupName;
  readonly strikes: Readonly<Record<string, number>>;
  /** Faults that cannot strike here, and why. */
  readonly absent: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly instanceCount: number;
  readonly executionCount: number;
  readonly entryCount: number;
  readonly seconds: number;
  /** Where ledgers and logs are, if they were kept. */
  readonly folder?: string;
}

/** The prefix that engines have by default. */
const TAG = `{bw:${WORKFLOW}:0}`;

/** Setups that acknowledge writes which these faults of theirs then lose. */
const FORGETFUL: ReadonlySet<SetupName> = new Set([
  "unsynced",
  "sentinel",
  "lagging",
  "snapshots",
  "memory",
  "eviction",
]);

const RECONNECT_MS = 5_000;

/** Ledgers and logs are kept when there are violations, or on request. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const startedAt = performance.now();
  const folder = await mkdtemp(join(tmpdir(), `faults-${options.setup}-`));
  const result = await playIn(folder, options);
  const isKept = result.verdict.violations.length > 0 || options.keep;
  if (!isKept) await rm(folder, { recursive: true, force: true });
  const seconds = (performance.now() - startedAt) / 1_000;
  return { ...result, seconds, ...(isKept && { folder }) };
}

async function playIn(
  folder: string,
  options: ScenarioOptions,
): Promise<Omit<ScenarioResult, "seconds" | "folder">> {
  const setup = await startSetup(options.setup, folder, options.workers + 1);
  const ledger = new Ledger(folder, "suite");
  const stopWatching = watchEventLoop(ledger);
  const crew = new Crew({
    setup,
    ledger,
    size: options.workers,
    common: { folder, seed: options.seed, leaseMs: options.leaseMs, sweepMs: options.sweepMs },
  });
  const client = new Client(setup);
  const { workflow } = client;
  const workload = new Workload({ ...options, workflow, ledger, inFlightLimit: 150 });
  try {
    const { strikes, absent } = await trouble(options, { setup, crew, ledger, workload });
    await settle(options, { client, workload });
    const leftovers = await collectLeftovers(setup, options.leaseMs);
    const failed = await crew.close(options.leaseMs + 20_000);
    for (const worker of failed) ledger.write({ type: "worker_failed", worker, code: -1 });
    const facts = await judge(options, { folder, setup, workload, leftovers });
    return { setup: options.setup, strikes, absent, ...facts };
  } finally {
    stopWatching();
    workload.abandon();
    await crew.close(0);
    await client.close();
    await setup.stop();
  }
}

/** The engine of everybody who creates and commands instances. */
class Client {
  readonly workflow: Workflow;
  readonly #engine: WorkflowEngine;
  readonly #close: () => void;

  constructor(setup: Setup) {
    const connection = engineConnection(setup.way(CLIENT_WAY));
    this.#close = () => void (typeof connection === "string" || connection.disconnect());
    this.#engine = new WorkflowEngine({ connection, mode: "client" });
    this.workflow = this.#engine.register(Trial, { name: WORKFLOW });
  }

  async close(): Promise<void> {
    await this.#engine.close({ force: true });
    this.#close();
  }
}

interface Parts {
  readonly setup: Setup;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly workload: Workload;
}

/** Work and faults at once. Ends when the last fault has ended and no new work comes. */
async function trouble(
  { faults, seed, forMs, leaseMs, setup: name }: ScenarioOptions,
  { setup, crew, ledger, workload }: Parts,
): Promise<Pick<ScenarioResult, "strikes" | "absent">> {
  const absent: Record<string, string> = {};
  const able = faults.filter((fault) => {
    const reason = fault.absence?.(setup);
    if (reason !== undefined) absent[fault.name] = reason;
    return reason === undefined;
  });
  const random = seededRandom(`${seed} faults ${name}`);
  workload.start();
  const stage = { setup, crew, ledger, tag: TAG, leaseMs, random };
  const strikes = await strikeFor(forMs, able, stage);
  await workload.end();
  return { strikes, absent };
}

/** Waits until everything is finished, or nothing gets on any more. */
async function settle(
  { setup, leaseMs }: ScenarioOptions,
  { client, workload }: { readonly client: Client; readonly workload: Workload },
): Promise<void> {
  const patienceMs = 20_000 + 4 * leaseMs;
  let isRevived = !FORGETFUL.has(setup);
  for (let quietSince = performance.now(), last = Infinity; ;) {
    const unfinished = await countUnfinished(client.workflow);
    if (unfinished === 0) return;
    if (unfinished < last) quietSince = performance.now();
    last = unfinished;
    const quietMs = performance.now() - quietSince;
    if (!isRevived && quietMs > 2 * leaseMs) {
      isRevived = true;
      await workload.revive(await listUnfinished(client.workflow, workload.instanceIds));
      quietSince = performance.now();
    }
    if (quietMs > patienceMs) return;
    await sleep(100);
  }
}

async function countUnfinished(workflow: Workflow): Promise<number> {
  const counts = await workflow.counts().catch(() => undefined);
  if (!counts) return Infinity;
  const { complete: _, errored: __, terminated: ___, ...unfinished } = counts;
  return Object.values(unfinished).reduce((sum, count) => sum + count, 0);
}

async function listUnfinished(
  workflow: Workflow,
  ids: readonly string[],
): Promise<readonly string[]> {
  const unfinished = await Promise.all(
    ids.map(async (id) => {
      const instance = await workflow.get(id).catch(() => undefined);
      const status = (await instance?.status())?.status;
      return status === undefined || isFinished(status) ? [] : [id];
    }),
  );
  return unfinished.flat();
}

/** The jobs of dead workers are cleared away a little later. */
async function collectLeftovers(setup: Setup, leaseMs: number): Promise<readonly string[]> {
  const deadline = performance.now() + 3 * leaseMs + 5_000;
  for (;;) {
    const left = await findLeftovers((await setup.dataNode(TAG)).client, TAG);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(100);
  }
}

interface Remains extends Pick<Parts, "setup" | "workload"> {
  readonly folder: string;
  readonly leftovers: readonly string[];
}

async function judge(
  options: ScenarioOptions,
  { folder, setup, workload, leftovers }: Remains,
): Promise<Omit<ScenarioResult, "setup" | "strikes" | "absent" | "seconds">> {
  const { leaseMs } = options;
  const bounds: Bounds = { leaseMs, recoveryMs: leaseMs * 1.5, reconnectMs: RECONNECT_MS };
  const node = await setup.dataNode(TAG);
  const backend = new RedisBackend(
    { connection: node.client },
    { telemetry: { log: () => {}, count: () => {} }, leaseMs },
  );
  const stored = await readInstances(backend.open(WORKFLOW).store, workload.instanceIds);
  const lines = readLedgers(folder);
  const expected = new Map(
    workload.instanceIds.map((id, number): [string, Expectation] => [
      id,
      planOf(options.seed, number),
    ]),
  );
  const mayLose = FORGETFUL.has(options.setup);
  const verdict = check({ lines, expected, stored, leftovers, bounds, mayLose });
  return {
    verdict,
    instanceCount: stored.size,
    executionCount: linesOf(lines, "started").length,
    entryCount: [...stored.values()].reduce((sum, { history }) => sum + history.length, 0),
  };
}
