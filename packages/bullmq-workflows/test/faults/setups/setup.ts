/** What stands where a Redis is to be: one of the ways in which people run it. */
import type { Connection } from "../connection.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import type { RedisNode } from "./redis-node.ts";
import type { Preload } from "./preload.ts";

export const SETUPS = [
  "always",
  "everysec",
  "unsynced",
  "no",
  "snapshots",
  "memory",
  "eviction",
  "sentinel",
  "lagging",
  "cluster",
] as const;

export type SetupName = (typeof SETUPS)[number];

/** Everybody who connects gets a way of their own, so that faults can hit one: the client, then workers. */
export const CLIENT_WAY = 0;

export interface Setup {
  readonly name: SetupName;
  /** How the client (0) or a worker (from 1) connects. */
  way(number: number): Connection;
  /** The proxies in the ways, by their number. None on setups whose nodes tell clients their addresses. */
  readonly proxies: readonly FaultProxy[];
  readonly nodes: readonly RedisNode[];
  /** The node that has the keys with this tag now. */
  dataNode(tag: string): Promise<RedisNode>;
  /** Of a setup whose Redis tells a time that can be moved, and what it has synced. */
  readonly preload?: Preload;
  readonly cluster?: ClusterControl;
  readonly replication?: ReplicationControl;
  stop(): Promise<void>;
}

interface ClusterControl {
  /** Begins to move the slot of this tag to another node. The move stays unfinished until `finish`. */
  beginMove(tag: string): Promise<SlotMove>;
}

export interface SlotMove {
  readonly target: RedisNode;
  /** Moves so many keys; answers how many it was. */
  moveKeys(count: number): Promise<number>;
  /** Moves what is left and tells the nodes who has the slot now. */
  finish(): Promise<void>;
}

interface ReplicationControl {
  /** Keeps back what the primary sends to its replica from now on. */
  holdUp(): void;
  release(): void;
  /** Resolves when the replica has what the primary has. */
  inStep(): Promise<void>;
  primary(): Promise<RedisNode>;
  /** Resolves when Sentinel names another primary than this one, and it takes writes. */
  failedOver(from: RedisNode): Promise<void>;
}
