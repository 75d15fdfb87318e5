/** Waiting for a connection, so that a command is only sent when there is one to send it on. */
import { StoreUnavailableError } from "../model/store-errors.ts";
import type { RedisClient } from "./script-runner.ts";

/** How long a command waits for a connection before it fails, in ms. */
const WAIT_MS = 10_000;

/** All commands of a client wait together. */
const connecting = new WeakMap<RedisClient, Promise<void>>();

/**
 * Resolves when the client is connected. A command that was never sent can wait without harm; one that
 * was sent and whose answer got lost cannot be told from one that failed.
 *
 * @throws {@link StoreUnavailableError} when the client was closed, or there is no connection in time.
 */
export async function whenConnected(client: RedisClient): Promise<void> {
  if (client.status === "ready") return;
  const waiting =
    connecting.get(client) ?? connect(client).finally(() => connecting.delete(client));
  connecting.set(client, waiting);
  await waiting;
}

async function connect(client: RedisClient): Promise<void> {
  if (client.status === "end") throw new StoreUnavailableError(new Error("The client is closed"));
  if (client.status === "wait") void client.connect().catch(() => {});
  await new Promise<void>((resolve, reject) => {
    const giveUp = (reason: string) => (): void => {
      stop();
      reject(new StoreUnavailableError(new Error(reason)));
    };
    const onReady = (): void => {
      stop();
      resolve();
    };
    const onEnd = giveUp("The client was closed");
    const timer = setTimeout(giveUp(`No connection within ${WAIT_MS} ms`), WAIT_MS);
    const stop = (): void => {
      clearTimeout(timer);
      client.off("ready", onReady);
      client.off("end", onEnd);
    };
    client.on("ready", onReady);
    client.on("end", onEnd);
  });
}
