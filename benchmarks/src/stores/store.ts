/** A store that was started for one engine. */
import type { Place } from "../engine.ts";

type StoreAddress = Omit<Place, "workflows">;

/** What only Redis counts. */
export interface RedisMeters {
  readonly commands: number;
  /** Script calls among them. */
  readonly scripts: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly memoryBytes: number;
  /** Calls and µs by command. */
  readonly byCommand: Readonly<Record<string, { readonly calls: number; readonly us: number }>>;
}

export interface Store {
  readonly address: StoreAddress;
  /** Which server this is and what a crash of it would lose. */
  readonly description: string;
  /** Its processes on this machine; none when it runs elsewhere or within the worker. */
  readonly pids: readonly number[];
  readMeters(): Promise<RedisMeters | undefined>;
  stop(): Promise<void>;
}

/** How a Redis is to be started. */
export interface RedisSettings {
  readonly appendfsync: "always" | "everysec" | "no";
}

export const DEFAULT_REDIS: RedisSettings = { appendfsync: "everysec" };
