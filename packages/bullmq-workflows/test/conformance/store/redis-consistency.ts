/**
 * Checks on Redis what docs/store.md says of statuses and places. If you add a status, a place or a
 * key, say here where instances may be.
 */
import type { Redis } from "ioredis";
import type { InstanceStatus } from "../../../src/model/status.ts";
import { STATUSES, isFinished } from "../../../src/model/status.ts";

const PLACES = ["pending", "backlog", "leases", "timers", "expiry"] as const;

type Place = (typeof PLACES)[number] | "held" | "none";

const PLACES_OF: Readonly<Record<InstanceStatus, readonly Place[]>> = {
  queued: ["pending", "backlog", "timers", "held"],
  running: ["leases"],
  waiting: ["timers", "none"],
  waitingForPause: ["leases"],
  paused: ["none"],
  rollingBack: ["pending", "backlog", "leases", "timers"],
  complete: ["expiry"],
  errored: ["expiry"],
  terminated: ["expiry"],
};

interface Stored {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly status: InstanceStatus;
  readonly places: readonly Place[];
  readonly statuses: readonly string[];
}

/** Where an instance is: one place, or `none`. Throws when it is in several. */
async function placeOf(client: Redis, tag: string, id: string): Promise<Place> {
  const places: Place[] = [];
  const line = await client.hget(`${tag}:i:${id}`, "schedule");
  if ((await client.zscore(`${tag}:held:${line}`, id)) !== null) places.push("held");
  for (const place of PLACES) {
    if ((await client.zscore(`${tag}:${place}`, id)) !== null) places.push(place);
  }
  const [place = "none", ...more] = places;
  if (more.length > 0) throw new Error(`${id} is in ${places.join(" and ")}`);
  return place;
}

/** Throws when statuses, places, indices and slots do not agree. */
export async function checkRedisConsistency(client: Redis, tag: string): Promise<void> {
  const ids = await idsAt(client, tag, "i");
  const instances = await Promise.all(ids.map((id) => readStored(client, tag, id)));
  for (const instance of instances) {
    const problem = await findProblem(client, tag, instance);
    if (problem) throw new Error(`Instance ${instance.id} is ${instance.status}, but ${problem}`);
  }
  await checkLeftovers(client, tag, ids);
  await checkLabels(client, tag, instances);
  await checkSlots(client, tag);
  await checkLines(client, tag);
}

async function readStored(client: Redis, tag: string, id: string): Promise<Stored> {
  const fields = await client.hgetall(`${tag}:i:${id}`);
  const statuses: string[] = [];
  for (const status of STATUSES) {
    if ((await client.zscore(`${tag}:status:${status}`, id)) !== null) statuses.push(status);
  }
  const status = fields["status"] as InstanceStatus;
  return { id, fields, status, places: [await placeOf(client, tag, id)], statuses };
}

async function findProblem(
  client: Redis,
  tag: string,
  stored: Stored,
): Promise<string | undefined> {
  const { id, fields, status, places, statuses } = stored;
  const isIn = (names: readonly Place[]): boolean => places.every((place) => names.includes(place));
  const indexScore = await client.zscore(`${tag}:status:${status}`, id);
  const timer = await client.zscore(`${tag}:timers`, id);
  const expectedTimer =
    status === "waiting" ? fields["wakeAt"] : (fields["delayedUntil"] ?? fields["wakeAt"]);
  const isLeased = places.includes("leases");
  const hasEvents = (await client.exists(`${tag}:e:${id}`)) === 1;
  const length = await client.llen(`${tag}:h:${id}`);
  // A mark may stand behind it.
  const sequence = Number.parseInt((await client.get(`${tag}:sequence`)) ?? "0", 10);
  const numbers = ["fence", "wakeUp"].map((name) => Number(fields[name] ?? 0));
  const checks: readonly (readonly [boolean, string])[] = [
    [isIn(PLACES_OF[status]), `its place is ${places.join()}`],
    [statuses.join() === status, `it is indexed as ${statuses.join()}`],
    [indexScore === fields["createdAt"], `its score in the index is ${indexScore}`],
    [timer === null || timer === expectedTimer, `its timer is ${timer}, not ${expectedTimer}`],
    [isLeased === Boolean(fields["worker"]), `its worker is ${fields["worker"]}`],
    [isLeased === Boolean(fields["claimNonce"]), "its nonce says otherwise"],
    [!isLeased || "startedAt" in fields, "it never started"],
    [isFinished(status) === "endedAt" in fields, `it ended at ${fields["endedAt"]}`],
    [
      length > (status === "complete" || status === "errored" ? 2 : 0),
      `its list has ${length} items`,
    ],
    [status !== "rollingBack" || fields["rollback"] === "begun", "its rollback says otherwise"],
    [!(isFinished(status) && hasEvents), "it still has events"],
    [numbers.every((number) => number <= sequence), "it has a number that was never drawn"],
    [numbers[0] !== numbers[1] || numbers[0] === 0, "its fence is its wake-up number"],
  ];
  return checks.find(([isRight]) => !isRight)?.[1];
}

/** Nothing may be left of an instance that is not there. */
async function checkLeftovers(client: Redis, tag: string, ids: readonly string[]): Promise<void> {
  const known = new Set(ids);
  const lists = [...PLACES, ...STATUSES.map((status) => `status:${status}`)];
  const members = await Promise.all(lists.map((name) => client.zrange(`${tag}:${name}`, 0, "-1")));
  const kept = (await Promise.all(["h", "e", "s"].map((kind) => idsAt(client, tag, kind)))).flat();
  const left = [...members.flat(), ...kept].filter((id) => !known.has(id));
  if (left.length > 0) throw new Error(`Something is left of ${left.join()}`);
}

/** An index of a label has those whose record has it, and no others. */
async function checkLabels(
  client: Redis,
  tag: string,
  instances: readonly Stored[],
): Promise<void> {
  const expected = instances.flatMap(({ id, fields }) => {
    const labels = fields["labels"]?.split("\n") ?? [];
    return labels.map((label) => `${label} ${id} ${fields["createdAt"]}`);
  });
  const indexed: string[] = [];
  for (const label of await idsAt(client, tag, "label")) {
    const members = await client.zrange(`${tag}:label:${label}`, 0, "-1", "WITHSCORES");
    for (let at = 0; at < members.length; at += 2) {
      indexed.push(`${label} ${members[at]} ${members[at + 1]}`);
    }
  }
  if (indexed.toSorted().join("\n") !== expected.toSorted().join("\n")) {
    throw new Error(`Labels are ${expected.join()}, but indexed are ${indexed.join()}`);
  }
}

/** Who is active has not ended; who is held waits for somebody who is. */
async function checkLines(client: Redis, tag: string): Promise<void> {
  for (const key of await client.keys(`${tag}:active:*`)) {
    for (const id of await client.zrange(key, 0, "-1")) {
      const status = await client.hget(`${tag}:i:${id}`, "status");
      if (status === null || isFinished(status as InstanceStatus)) {
        throw new Error(`${id} is in ${key}, but ${status ?? "not there"}`);
      }
    }
  }
  for (const key of await client.keys(`${tag}:held:*`)) {
    const isBlocked = (await client.exists(key.replace(":held:", ":active:"))) === 1;
    if (!isBlocked) throw new Error(`${key} has instances, but nobody is active`);
    for (const id of await client.zrange(key, 0, "-1")) {
      const status = await client.hget(`${tag}:i:${id}`, "status");
      if (status !== "queued") throw new Error(`${id} is in ${key}, but ${status ?? "not there"}`);
    }
  }
}

async function checkSlots(client: Redis, tag: string): Promise<void> {
  const limit = Number((await client.hget(`${tag}:settings`, "concurrencyLimit")) ?? 0);
  const taken = (await client.zcard(`${tag}:pending`)) + (await client.zcard(`${tag}:leases`));
  const heldBack = await client.zcard(`${tag}:backlog`);
  if (heldBack > 0 && (limit === 0 || taken < limit)) {
    throw new Error(`A slot is free while ${heldBack} instances are held back`);
  }
}

async function idsAt(client: Redis, tag: string, kind: string): Promise<readonly string[]> {
  const prefix = `${tag}:${kind}:`;
  const keys = await client.keys(`${prefix}*`);
  return keys.map((key) => key.slice(prefix.length));
}
