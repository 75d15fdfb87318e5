/**
 * Writes the commands of one turn of the event loop with few system calls.
 *
 * ioredis writes each command to its socket by itself. On a busy connection these writes cost a worker
 * more than what it sends; and each may wake Redis for a single command, where one could bring many. But
 * what would keep Redis busy for a while leaves at once, so that it works while more is made here: with
 * all in one piece either side would wait for the other, by turns.
 */
import type { Cluster, Redis } from "ioredis";

/** Enough for Redis to begin with, in bytes. */
const EARLY_BYTES = 8_192;

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
    const hasRoom = write(...parameters);
    if (stream.writableLength >= EARLY_BYTES) stream.uncork();
    return hasRoom;
  };
}
