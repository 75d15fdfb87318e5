/**
 * Writes all commands of one turn of the event loop with one system call.
 *
 * ioredis writes each command to its socket by itself. On a busy connection these writes cost a worker
 * more than what it sends; and each may wake Redis for a single command, where one could bring many.
 */
import type { Cluster, Redis } from "ioredis";

/** Applies to every connection that the client makes from now on. */
export function corkWrites<Client extends Redis | Cluster>(client: Client): Client {
  if (client.isCluster) {
    (client as Cluster).on("+node", (node: Redis) => corkWrites(node));
    return client;
  }
  const redis = client as Redis;
  redis.on("connect", () => corkStream(redis.stream));
  return client;
}

function corkStream(stream: Redis["stream"]): void {
  const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
  stream.write = (...parameters: unknown[]): boolean => {
    if (stream.writableCorked === 0) {
      stream.cork();
      process.nextTick(() => stream.uncork());
    }
    return write(...parameters);
  };
}
