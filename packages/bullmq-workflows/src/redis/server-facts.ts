/**
 * Asks every primary what it promises: `INFO`, and `CONFIG GET` where that is allowed.
 *
 * Managed services and access lists often forbid `CONFIG`. What only it tells is unknown then, and an
 * `INFO` without a line leaves that line's fact at the worst that fits.
 */
import { Cluster } from "ioredis";
import type { Redis } from "ioredis";
import type { ServerFacts } from "../model/server-facts.ts";
import { whenConnected } from "./connection-wait.ts";
import type { RedisClient } from "./script-runner.ts";
import { toStoreError } from "./store-error.ts";

/** What `CONFIG GET` answered; `undefined` when it is forbidden. */
type Settings = ReadonlyMap<string, string> | undefined;

/** One pattern at a time: Redis 6.2 takes no more. */
const SETTINGS = [
  "appendfsync",
  "save",
  "stop-writes-on-bgsave-error",
  "min-replicas-to-write",
  "proto-max-bulk-len",
] as const;

const FSYNC_POLICIES = ["always", "everysec", "no"] as const;

const OLDEST_WITH_WAITAOF = [7, 2] as const;

/** @throws {@link StoreUnavailableError} */
export async function readServerFacts(client: RedisClient): Promise<readonly ServerFacts[]> {
  await whenConnected(client);
  const servers = client instanceof Cluster ? client.nodes("master") : [client];
  try {
    return await Promise.all(servers.map(async (server) => await readOne(server)));
  } catch (error) {
    throw toStoreError(error);
  }
}

async function readOne(server: Redis): Promise<ServerFacts> {
  const { host = "localhost", port = 6379, path } = server.options;
  const [info, settings] = await Promise.all([server.call("INFO"), readSettings(server)]);
  return parseServerFacts(path ?? `${host}:${port}`, String(info), settings);
}

async function readSettings(server: Redis): Promise<Settings> {
  try {
    const replies = await Promise.all(
      SETTINGS.map(async (name) => await server.call("CONFIG", ["GET", name])),
    );
    return new Map(replies.map((reply) => toSetting(reply)));
  } catch (error) {
    // A refusal is an answer; a connection that broke is none.
    if (error instanceof Error && error.name === "ReplyError") return undefined;
    throw error;
  }
}

function toSetting(reply: unknown): readonly [string, string] {
  const [name = "", value = ""] = Array.isArray(reply) ? (reply as readonly string[]) : [];
  return [name, value];
}

/** The facts in the text that `INFO` answers, and in the settings. */
export function parseServerFacts(address: string, info: string, settings: Settings): ServerFacts {
  const lines = new Map(
    [...info.matchAll(/^(\w+):([^\r\n]*)/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  const numberOf = (name: string): number => Number(lines.get(name) ?? 0);
  const redisVersion = lines.get("redis_version") ?? "0.0.0";
  const valkeyVersion = lines.get("valkey_version");
  return {
    address,
    version: valkeyVersion === undefined ? `redis ${redisVersion}` : `valkey ${valkeyVersion}`,
    role: lines.get("role") === "slave" ? "replica" : "primary",
    isLoading: numberOf("loading") === 1,
    appends: numberOf("aof_enabled") === 1,
    fsync: FSYNC_POLICIES.find((policy) => policy === settings?.get("appendfsync")) ?? "unknown",
    isAppendFailing: lines.get("aof_last_write_status") === "err",
    snapshots: toSwitch(settings?.get("save")),
    isSnapshotFailing: lines.get("rdb_last_bgsave_status") === "err",
    stopsOnSnapshotFailure: toYesNo(settings?.get("stop-writes-on-bgsave-error")),
    usedMemory: numberOf("used_memory") - numberOf("mem_not_counted_for_evict"),
    maxMemory: numberOf("maxmemory"),
    evictionPolicy: lines.get("maxmemory_policy") ?? "unknown",
    replicaCount: numberOf("connected_slaves"),
    minReplicasToWrite: toCount(settings?.get("min-replicas-to-write")),
    maxArgument: toCount(settings?.get("proto-max-bulk-len")),
    // Valkey says the version of Redis that it is compatible with, too.
    knowsWaitAof: isAtLeast(redisVersion, OLDEST_WITH_WAITAOF),
  };
}

function toSwitch(value: string | undefined): ServerFacts["snapshots"] {
  if (value === undefined) return "unknown";
  return value.trim() === "" ? "off" : "on";
}

function toYesNo(value: string | undefined): ServerFacts["stopsOnSnapshotFailure"] {
  return value === "yes" || value === "no" ? value : "unknown";
}

function toCount(value: string | undefined): number | "unknown" {
  return value === undefined || value === "" ? "unknown" : Number(value);
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [actualMajor = 0, actualMinor = 0] = version.split(".").map(Number);
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}
