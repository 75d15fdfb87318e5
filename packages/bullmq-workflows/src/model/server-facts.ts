/** What one Redis server says about itself, as far as it bears on what may be lost. */

export interface ServerFacts {
  /** `host:port`. */
  readonly address: string;
  /** For example `redis 7.0.15` or `valkey 8.0.1`. */
  readonly version: string;
  readonly role: "primary" | "replica";
  /** It reads its data from disk, and answers nothing else meanwhile. */
  readonly isLoading: boolean;
  /** Every write is appended to a file (`appendonly`). */
  readonly appends: boolean;
  /** When that file is brought to the disk (`appendfsync`). */
  readonly fsync: "always" | "everysec" | "no" | "unknown";
  /** The last write to that file failed. */
  readonly isAppendFailing: boolean;
  /** Snapshots are taken by themselves (`save`). */
  readonly snapshots: "on" | "off" | "unknown";
  /** The last snapshot failed. */
  readonly isSnapshotFailing: boolean;
  /** Writes are refused after a failed snapshot (`stop-writes-on-bgsave-error`). */
  readonly stopsOnSnapshotFailure: "yes" | "no" | "unknown";
  /** Bytes, without what does not count against `maxMemory`. */
  readonly usedMemory: number;
  /** `maxmemory` in bytes; 0 when there is none. */
  readonly maxMemory: number;
  /** `maxmemory-policy`; `unknown` when it does not say. */
  readonly evictionPolicy: string;
  readonly replicaCount: number;
  /** `min-replicas-to-write`. */
  readonly minReplicasToWrite: number | "unknown";
  /** `proto-max-bulk-len` in bytes: how large one argument of a command may be. */
  readonly maxArgument: number | "unknown";
  /** It knows `WAITAOF`: Redis 7.2 or later, or Valkey. */
  readonly knowsWaitAof: boolean;
}
