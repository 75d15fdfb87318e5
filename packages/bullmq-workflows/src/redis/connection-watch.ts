/**
 * Tells when a client lost its connection and when it has one again: one pair of listeners per client,
 * however many stores ask.
 *
 * Of a cluster it is told when a node went away or came up. Another node may stand in for it by then, one
 * that has not got all that was written.
 */
import type { ConnectionListener, Unsubscribe } from "../engine/ports/notices.ts";
import type { RedisClient } from "./script-runner.ts";

const watches = new WeakMap<RedisClient, Set<ConnectionListener>>();

export function watchConnection(client: RedisClient, listener: ConnectionListener): Unsubscribe {
  const listeners = watches.get(client) ?? watch(client);
  // An object of its own per watch, so that one listener may watch twice.
  const own = { ...listener };
  listeners.add(own);
  return () => void listeners.delete(own);
}

function watch(client: RedisClient): Set<ConnectionListener> {
  const listeners = new Set<ConnectionListener>();
  watches.set(client, listeners);
  const lost = (): void => listeners.forEach(({ onLost }) => onLost());
  const back = (): void => listeners.forEach(({ onBack }) => onBack());
  client.on("close", lost);
  client.on("ready", back);
  const changed = (): void => {
    lost();
    back();
  };
  client.on("-node", changed);
  client.on("+node", changed);
  return listeners;
}
