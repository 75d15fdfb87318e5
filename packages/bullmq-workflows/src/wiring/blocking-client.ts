/**
 * Makes an ioredis client end whenever it is disconnected, for BullMQ waits for that when a worker closes.
 *
 * On its own, a client that is disconnected between two tries to connect never ends, and one that is
 * disconnected before a new connection is ready leaves the commands unanswered that it meant to send
 * again. Either way a worker that is closed while Redis is away would not come to an end.
 */
import type { Redis } from "ioredis";

/** What ioredis keeps to send again. Not public: without it, closing takes seconds longer. */
interface Unsent {
  prevCommandQueue?: {
    shift(): { readonly command: { reject(error: Error): void } } | undefined;
  } | null;
}

/** Also does so for the clients that are made from it. */
export function endingOnDisconnect(client: Redis): Redis {
  const disconnect = client.disconnect.bind(client);
  const duplicate = client.duplicate.bind(client);
  let isLeaving = false;
  for (const event of ["close", "ready"]) client.on(event, () => (isLeaving = false));
  client.disconnect = (reconnect = false) => {
    // Each of a hundred commands that a demoted primary refuses asks for a new connection.
    if (reconnect && isLeaving) return;
    isLeaving = reconnect;
    const isBetweenTries = client.status === "reconnecting";
    disconnect(reconnect);
    if (reconnect || !isBetweenTries || client.status === "end") return;
    client.status = "end";
    process.nextTick(() => client.emit("end"));
  };
  client.duplicate = (options) => endingOnDisconnect(duplicate(options));
  client.on("end", () => rejectUnsent(client as Unsent));
  return client;
}

function rejectUnsent(client: Unsent): void {
  // The text by which BullMQ knows that nothing is wrong.
  const error = new Error("Connection is closed.");
  for (;;) {
    const unsent = client.prevCommandQueue?.shift();
    if (!unsent) return;
    unsent.command.reject(error);
  }
}
