/** What is to be said of a Redis, from what it says and how it answers. */
import type { Durability, DurabilityGrade } from "bullmq-workflows";
import { finding, inBytes } from "./finding.ts";
import type { Finding, Level } from "./finding.ts";
import type { Clock, RedisProbe, ReplicaProbe } from "./redis-probe.ts";

const OLDEST_REDIS = [6, 2] as const;

/** A step takes at least one round trip. */
const SLOW_MS = 5;
const VERY_SLOW_MS = 50;

/** Timers are compared with Redis's clock, so only what is shown and logged is wrong; replicas take over. */
const SKEWED_MS = 1_000;
const VERY_SKEWED_MS = 30_000;

const LAGGING_BYTES = 16 * 1_048_576;

/** Worst last, as grades are. */
const GRADES: readonly DurabilityGrade[] = ["A", "B", "C", "D", "F"];

export function checkRedis(probe: RedisProbe): Finding[] {
  return [
    checkVersion(probe),
    checkLatency(probe),
    checkClock("clock", "Redis", probe.clock),
    ...probe.replicas.flatMap(checkReplica),
    ...checkConnections(probe),
    ...checkEvictions(probe),
  ];
}

/** @param minimum the grade below which it is a problem. */
export function checkDurability(durability: Durability, minimum: DurabilityGrade): Finding[] {
  const { grade, promises, advice, remarks, unknown, headroom } = durability;
  const isTooLow = GRADES.indexOf(grade) > GRADES.indexOf(minimum);
  const level: Level = isTooLow ? "problem" : grade === "A" || grade === "B" ? "fine" : "warning";
  const untold = unknown.length === 0 ? "" : ` Redis does not tell ${unknown.join(", ")}.`;
  const next = advice === "" ? advice : `For the next grade: ${advice}`;
  return [
    finding(level, "durability", `Grade ${grade}. ${promises}${untold}`, next),
    ...durability.servers.map(({ address, evictionPolicy }) =>
      checkEviction(address, evictionPolicy),
    ),
    checkHeadroom(headroom),
    // What they say of memory and eviction is said above.
    ...remarks
      .filter((remark) => !remark.includes("maxmemory"))
      .map((remark) => finding("note", "remark", remark)),
  ];
}

function checkVersion({ info }: RedisProbe): Finding {
  const redis = info.get("redis_version") ?? "0";
  const valkey = info.get("valkey_version");
  const name = valkey === undefined ? `Redis ${redis}` : `Valkey ${valkey}`;
  const [major = 0, minor = 0] = redis.split(".").map(Number);
  const isOld = major < OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor < OLDEST_REDIS[1]);
  if (isOld) return finding("problem", "redis version", name, "Use Redis 6.2 or later, or Valkey.");
  const cluster = info.get("cluster_enabled") === "1" ? ", a node of a Cluster" : "";
  return finding(
    "fine",
    "redis version",
    `${name}${cluster}, ${info.get("role") ?? "unknown role"}`,
  );
}

function checkLatency({ roundTripsMs }: RedisProbe): Finding {
  const at = (share: number): number => {
    return (
      roundTripsMs[Math.min(roundTripsMs.length - 1, Math.floor(roundTripsMs.length * share))] ?? 0
    );
  };
  const median = at(0.5);
  const text = `${median.toFixed(2)} ms there and back (p99 ${at(0.99).toFixed(2)} ms)`;
  if (median < SLOW_MS) return finding("fine", "latency", text);
  const level = median < VERY_SLOW_MS ? "warning" : "problem";
  return finding(
    level,
    "latency",
    text,
    "Every step takes a round trip: run workers nearer to Redis.",
  );
}

function checkClock(check: string, whose: string, { offsetMs, precisionMs }: Clock): Finding {
  const off = Math.abs(offsetMs);
  const text = `${whose} is ${off < precisionMs ? "0" : Math.round(off)} ms ${offsetMs < 0 ? "behind" : "ahead of"} this machine`;
  if (off < SKEWED_MS) return finding("fine", check, text);
  const level = off < VERY_SKEWED_MS ? "warning" : "problem";
  return finding(level, check, text, "Synchronize the clocks of both machines (NTP).");
}

function checkReplica({ address, isOnline, lagBytes, clock }: ReplicaProbe): Finding[] {
  const isBehind = !isOnline || lagBytes > LAGGING_BYTES;
  const state = isOnline ? `${inBytes(lagBytes)} behind` : "not in step with its primary yet";
  const advice = isBehind
    ? "A failover to it would lose what it has not got: look at its log."
    : "";
  return [
    finding(isBehind ? "warning" : "fine", "replica", `${address} is ${state}`, advice),
    ...(clock ? [checkClock("replica clock", `The replica ${address}`, clock)] : []),
  ];
}

function checkConnections({ info }: RedisProbe): Finding[] {
  const used = Number(info.get("connected_clients") ?? 0);
  const limit = Number(info.get("maxclients") ?? 0);
  if (limit === 0 || used < 0.8 * limit) return [];
  const text = `${used} of ${limit} connections are taken`;
  return [finding("warning", "connections", text, "Raise `maxclients`, or find who leaks them.")];
}

function checkEvictions({ info }: RedisProbe): Finding[] {
  const count = Number(info.get("evicted_keys") ?? 0);
  if (count === 0) return [];
  return [
    finding(
      "warning",
      "evictions",
      `Redis has evicted ${count} keys since it was started; instances may be among them`,
      "Set `maxmemory-policy noeviction`.",
    ),
  ];
}

function checkEviction(address: string, policy: string): Finding {
  if (policy === "noeviction") return finding("fine", "eviction", `${address} evicts nothing`);
  if (policy === "unknown") {
    return finding("warning", "eviction", `${address} does not tell its maxmemory-policy`);
  }
  const advice = "`CONFIG SET maxmemory-policy noeviction`, and in its configuration file.";
  return finding("problem", "eviction", `${address} has maxmemory-policy ${policy}`, advice);
}

function checkHeadroom({ level, usedMemory, maxMemory, ratio }: Durability["headroom"]): Finding {
  if (level === "unlimited") {
    const text = `${inBytes(usedMemory)} used, no maxmemory`;
    return finding("note", "memory", text, "Set `maxmemory` below what the machine has.");
  }
  const text = `${inBytes(usedMemory)} of ${inBytes(maxMemory)} used (${Math.round(ratio * 100)} %)`;
  if (level === "enough") return finding("fine", "memory", text);
  const advice = "Raise `maxmemory`, shorten retention, or delete instances.";
  return finding(level === "low" ? "warning" : "problem", "memory", text, advice);
}
