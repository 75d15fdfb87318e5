/** The ways to a Redis under test, as text that can be handed to another process. */
import { Cluster, Redis } from "ioredis";

export type Connection =
  | { readonly kind: "standalone"; readonly port: number }
  | { readonly kind: "sentinel"; readonly sentinelPorts: readonly number[]; readonly name: string }
  | { readonly kind: "cluster"; readonly ports: readonly number[] };

const HOST = "127.0.0.1";

/** What docs/operations.md says of a client of one's own. */
const OPTIONS = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 5_000,
  maxLoadingRetryTime: 500,
  retryStrategy: (times: number): number => Math.min(times * 50, 1_000),
  reconnectOnError: (error: Error): boolean => /\b(READONLY|MASTERDOWN)\b/.test(error.message),
} as const;

/** What to hand to an engine: where that suffices, a URL, which is how most people connect. */
export function engineConnection(connection: Connection): string | Redis | Cluster {
  if (connection.kind === "standalone") return `redis://${HOST}:${connection.port}`;
  const client = connectTo(connection);
  // What goes wrong on it, whoever sent a command learns from that.
  client.on("error", () => undefined);
  return client;
}

function connectTo(connection: Exclude<Connection, { kind: "standalone" }>): Redis | Cluster {
  switch (connection.kind) {
    case "sentinel":
      return new Redis({
        ...OPTIONS,
        name: connection.name,
        sentinels: connection.sentinelPorts.map((port) => ({ host: HOST, port })),
        sentinelRetryStrategy: OPTIONS.retryStrategy,
      });
    case "cluster":
      return new Cluster(
        connection.ports.map((port) => ({ host: HOST, port })),
        { redisOptions: OPTIONS, clusterRetryStrategy: OPTIONS.retryStrategy },
      );
  }
}
