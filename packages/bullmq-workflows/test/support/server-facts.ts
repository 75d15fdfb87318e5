import type { ServerFacts } from "../../src/model/server-facts.ts";

/** What a server says that takes snapshots and nothing else, as Redis does by itself. */
export function serverFacts(overrides: Partial<ServerFacts> = {}): ServerFacts {
  return {
    address: "localhost:6379",
    version: "redis 7.0.15",
    role: "primary",
    isLoading: false,
    appends: false,
    fsync: "everysec",
    isAppendFailing: false,
    snapshots: "on",
    isSnapshotFailing: false,
    stopsOnSnapshotFailure: "yes",
    usedMemory: 1_000,
    maxMemory: 0,
    evictionPolicy: "noeviction",
    replicaCount: 0,
    minReplicasToWrite: 0,
    maxArgument: 536_870_912,
    knowsWaitAof: false,
    ...overrides,
  };
}
