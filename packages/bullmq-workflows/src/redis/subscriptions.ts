/**
 * Listening to channels, on one connection for all workflows of an engine.
 *
 * It is opened by the first listener and opened again when it breaks: then every channel is subscribed
 * first and every listener told of the gap after, so that nothing can fall between the two. On a
 * cluster any node will do, because a publication reaches all of them.
 *
 * A listener sends nothing, and so would never learn that its connection leads nowhere any more (a host
 * died, a router forgot it). So Redis is asked for an answer now and then.
 */
import type { Redis } from "ioredis";
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type { RedisClient } from "./script-runner.ts";
import { toStoreError } from "./store-error.ts";

const FIRST_REOPEN_MS = 50;
const LAST_REOPEN_MS = 2_000;

/** How often Redis is asked whether it is still there. */
const PING_INTERVAL_MS = 10_000;

/** How long it may take to answer. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface SubscriptionTimes {
  readonly pingIntervalMs?: number;
  readonly answerTimeoutMs?: number;
}

interface Listener {
  readonly onMessage: (message: string) => void;
  readonly onGap: () => void;
}

export class Subscriptions {
  readonly #client: RedisClient;
  readonly #times: Required<SubscriptionTimes>;
  readonly #listeners = new Map<string, Set<Listener>>();
  #connection: Promise<Redis> | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** The client sends nothing here; connections of its kind are opened, and replaced when it loses its own. */
  constructor(client: RedisClient, times: SubscriptionTimes = {}) {
    this.#client = client;
    this.#times = {
      pingIntervalMs: PING_INTERVAL_MS,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
      ...times,
    };
    client.on("close", this.#startOver);
  }

  /**
   * The address may lead elsewhere now. Who listens to a demoted primary hears only what reaches it by
   * replication, and never learns what it missed.
   */
  readonly #startOver = (): void => {
    this.#connection?.then((connection) => connection.disconnect()).catch(() => undefined);
  };

  /** Resolves once nothing published from now on is missed. */
  async listen(
    channel: string,
    onMessage: (message: string) => void,
    onGap: () => void,
  ): Promise<Unsubscribe> {
    if (this.#isClosed) throw new Error("The subscriptions are closed");
    const listener = { onMessage, onGap };
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    const unsubscribe = (): void => this.#remove(channel, listener);
    try {
      const connection = await this.#connect();
      await connection.subscribe(channel);
    } catch (error) {
      unsubscribe();
      throw toStoreError(error);
    }
    return unsubscribe;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#client.off("close", this.#startOver);
    clearTimeout(this.#reopening);
    this.#listeners.clear();
    const connection = await this.#connection?.catch(() => undefined);
    connection?.disconnect();
  }

  async #connect(): Promise<Redis> {
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return await this.#connection;
  }

  async #open(): Promise<Redis> {
    const connection = this.#duplicate();
    // Each error is followed by an end.
    connection.on("error", () => undefined);
    connection.on("message", (channel: string, message: string) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener.onMessage(message);
    });
    await connection.connect();
    const pinging = setInterval(() => {
      // An answer that stays out ends the connection, by its socketTimeout.
      connection.ping().catch(() => undefined);
    }, this.#times.pingIntervalMs);
    pinging.unref();
    connection.once("end", () => {
      clearInterval(pinging);
      this.#reopenAfter(FIRST_REOPEN_MS);
    });
    return connection;
  }

  /** This class reconnects, not the client: it has to know when. */
  #duplicate(): Redis {
    const overrides = {
      lazyConnect: true,
      enableOfflineQueue: true,
      autoResubscribe: false,
      socketTimeout: this.#times.answerTimeoutMs,
      retryStrategy: () => null,
    };
    if (!isCluster(this.#client)) return this.#client.duplicate(overrides);
    const nodes = this.#client.nodes();
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    if (node === undefined) throw new Error("No node of the cluster is known");
    return node.duplicate({ ...overrides, readOnly: false });
  }

  #reopenAfter(delayMs: number): void {
    this.#connection = undefined;
    clearTimeout(this.#reopening);
    if (this.#isClosed || this.#listeners.size === 0) return;
    this.#reopening = setTimeout(() => {
      this.#reopen().catch(() => this.#reopenAfter(Math.min(delayMs * 2, LAST_REOPEN_MS)));
    }, delayMs);
    this.#reopening.unref();
  }

  async #reopen(): Promise<void> {
    const connection = await this.#connect();
    const channels = [...this.#listeners.keys()];
    try {
      if (channels.length > 0) await connection.subscribe(...channels);
    } catch {
      // Its end makes this begin again.
      connection.disconnect();
      return;
    }
    for (const channel of channels) {
      for (const listener of this.#listeners.get(channel) ?? []) listener.onGap();
    }
  }

  #remove(channel: string, listener: Listener): void {
    const listeners = this.#listeners.get(channel);
    listeners?.delete(listener);
    if (listeners?.size !== 0) return;
    this.#listeners.delete(channel);
    // Messages of a channel without listeners are ignored, so this need not succeed.
    this.#connection?.then((connection) => connection.unsubscribe(channel)).catch(() => undefined);
  }
}

function isCluster(client: RedisClient): client is Exclude<RedisClient, Redis> {
  return client.isCluster;
}
