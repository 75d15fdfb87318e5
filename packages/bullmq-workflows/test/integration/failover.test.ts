/**
 * A primary dies, and its replica, which had not got the latest writes, takes its place.
 *
 * Replication goes through a proxy that falls silent; whatever the primary confirms after that is lost.
 */
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { WorkflowEngine, WorkflowEntrypoint } from "../../src/index.ts";
import type { Workflow, WorkflowEvent, WorkflowStep } from "../../src/index.ts";
import { eventually } from "../support/eventually.ts";
import { createLatch } from "../support/latch.ts";
import type { Latch } from "../support/latch.ts";
import { startRedis } from "../support/redis.ts";
import { startSilenceableProxy } from "../support/silenceable-proxy.ts";
import type { SilenceableProxy } from "../support/silenceable-proxy.ts";

interface Env {
  /** What every callback did outside, for good. */
  readonly ledger: string[];
  readonly hold: Latch;
}

type Kind = "short" | "waits" | "holds";

/** Runs until it waits; what follows the first event is what gets lost. */
class Trip extends WorkflowEntrypoint<Env, Kind> {
  async run({ instanceId, payload }: WorkflowEvent<Kind>, step: WorkflowStep): Promise<string> {
    const note = async (name: string): Promise<string> =>
      await step.do(name, async () => {
        this.env.ledger.push(`${instanceId} ${name}`);
        return `${instanceId} ${name}`;
      });
    await note("before");
    await step.waitForEvent("start", { type: "start" });
    await note("lost");
    if (payload === "waits") await step.waitForEvent("end", { type: "end" });
    if (payload === "holds") await step.do("hold", async () => await this.env.hold.opened);
    await note("after");
    return "arrived";
  }
}

interface LogLine {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface Site {
  readonly env: Env;
  readonly logs: LogLine[];
  /** An engine with a worker, and the way it goes to Redis. */
  readonly startWorker: () => Promise<{ trips: Workflow<Kind>; way: SilenceableProxy }>;
  /** From now on the replica gets nothing. */
  readonly cutReplication: () => Promise<void>;
  /** The replica is the primary now, and the primary is gone. */
  readonly failOver: () => Promise<void>;
  readonly successorPort: number;
}

async function setup(): Promise<Site> {
  const primary = await startRedis({ "repl-diskless-sync-delay": "0" });
  onTestFinished(async () => await primary.stop());
  const replica = await startRedis();
  onTestFinished(async () => await replica.stop());
  const link = await startSilenceableProxy(primary.port);
  onTestFinished(() => link.stop());
  const [primaryClient, replicaClient] = [primary.connect(), replica.connect()];
  await replicaClient.replicaof("127.0.0.1", link.port);
  const env = { ledger: [], hold: createLatch() };
  const logs: LogLine[] = [];
  return {
    env,
    logs,
    successorPort: replica.port,
    startWorker: async () => await startWorker(primary.port, { env, logs }),
    async cutReplication() {
      await eventually(async () => expect(await isInSync(primaryClient, replicaClient)).toBe(true));
      link.silence();
    },
    async failOver() {
      await replicaClient.replicaof("NO", "ONE");
      await primary.stop();
    },
  };
}

async function isInSync(primary: Redis, replica: Redis): Promise<boolean> {
  const offsetOf = async (client: Redis, field: string): Promise<string | undefined> =>
    new RegExp(`^${field}:(\\d+)`, "m").exec(await client.info("replication"))?.[1];
  const got = await offsetOf(replica, "slave_repl_offset");
  return got !== undefined && got === (await offsetOf(primary, "master_repl_offset"));
}

async function startWorker(
  port: number,
  { env, logs }: { readonly env: Env; readonly logs: LogLine[] },
): Promise<{ trips: Workflow<Kind>; way: SilenceableProxy }> {
  const way = await startSilenceableProxy(port);
  onTestFinished(() => way.stop());
  const engine = new WorkflowEngine({
    connection: `redis://127.0.0.1:${way.port}`,
    env,
    lease: 1_500,
    sweepInterval: 50,
    logger: (_level, message, facts = {}) => void logs.push({ message, facts }),
  });
  onTestFinished(async () => await engine.close({ force: true }));
  const trips = engine.register(Trip, { name: "trip" });
  await engine.ready();
  return { trips, way };
}

const KINDS = { active: "holds", parked: "waits", finished: "short" } as const;

async function statusOf(trips: Workflow<Kind>, id: string): Promise<string> {
  return (await (await trips.get(id)).status()).status;
}

function reported(logs: readonly LogLine[], message: string): unknown[] {
  return logs.filter((line) => line.message === message).map(({ facts }) => facts["instanceId"]);
}

const RESTORED = "the store had lost entries, they are restored";
const FLAGGED = "the store had lost entries, the instance is flagged";
const MISSING = "an instance is gone that nobody deleted";

/** Creates them, lets them come to their first wait, and all that follows be lost. */
async function travelUntilLost(
  site: Site,
  trips: Workflow<Kind>,
  ids: readonly (keyof typeof KINDS)[],
) {
  for (const id of ids) await trips.create({ id, params: KINDS[id] });
  await eventually(async () => expect((await trips.counts()).waiting).toBe(ids.length));
  await site.cutReplication();
  for (const id of ids) await (await trips.get(id)).sendEvent({ type: "start" });
  await eventually(async () => {
    const statuses = await Promise.all(ids.map(async (id) => await statusOf(trips, id)));
    const expected = { active: "running", parked: "waiting", finished: "complete" };
    expect(statuses).toEqual(ids.map((id) => expected[id]));
    expect(site.env.ledger.filter((line) => line.endsWith(" lost"))).toHaveLength(ids.length);
  });
}

test("what a worker holds of lost histories is put back, and no recorded step runs again", async () => {
  const site = await setup();
  const { trips, way } = await site.startWorker();
  await travelUntilLost(site, trips, ["active", "parked", "finished"]);

  way.leadTo(site.successorPort);
  await site.failOver();
  await eventually(async () => expect(await statusOf(trips, "parked")).toBe("waiting"), 15_000);
  await eventually(() => expect(reported(site.logs, RESTORED)).toHaveLength(3), 15_000);
  site.env.hold.open();
  await (await trips.get("parked")).sendEvent({ type: "end" });

  for (const id of ["active", "parked", "finished"]) {
    await expect((await trips.get(id)).result({ timeout: 20_000 })).resolves.toBe("arrived");
  }
  expect(new Set(reported(site.logs, RESTORED))).toEqual(new Set(["active", "parked", "finished"]));
  expect(reported(site.logs, FLAGGED)).toEqual([]);
  expect(site.env.ledger.toSorted()).toEqual(
    ["active", "finished", "parked"].flatMap((id) => [`${id} after`, `${id} before`, `${id} lost`]),
  );
}, 60_000);

test("an instance that another worker went on with is flagged, and waits for a decision", async () => {
  const site = await setup();
  const { trips, way } = await site.startWorker();
  await travelUntilLost(site, trips, ["finished"]);
  const other = await site.startWorker();

  // The worker that knows better comes too late.
  way.leadTo(1);
  other.way.leadTo(site.successorPort);
  await site.failOver();
  const instance = await other.trips.get("finished");
  await eventually(async () => await instance.sendEvent({ type: "start" }));
  await expect(instance.result({ timeout: 20_000 })).resolves.toBe("arrived");
  way.leadTo(site.successorPort);

  await eventually(() => expect(reported(site.logs, FLAGGED)).toEqual(["finished"]), 15_000);
  expect(site.env.ledger.filter((line) => line === "finished lost")).toHaveLength(2);
}, 60_000);

test("an instance that was created too late to be replicated is reported, and told from a deleted one", async () => {
  const site = await setup();
  const { trips, way } = await site.startWorker();
  await trips.create({ id: "deleted", params: "waits" });
  await site.cutReplication();
  const lost = await trips.create({ id: "lost", params: "waits" });
  await eventually(async () => expect((await trips.counts()).waiting).toBe(2));
  const result = lost.result({ timeout: 20_000 });

  way.leadTo(site.successorPort);
  await Promise.all([
    expect(result).rejects.toMatchObject({ code: "instance.lost" }),
    site.failOver(),
  ]);
  await eventually(async () => await (await trips.get("deleted")).delete());

  expect(new Set(reported(site.logs, MISSING))).toEqual(new Set(["lost"]));
  await expect(lost.status()).rejects.toMatchObject({ code: "instance.lost" });
  await expect(trips.get("deleted")).rejects.toMatchObject({ code: "instance.not_found" });
}, 60_000);
