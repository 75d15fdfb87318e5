/** Instances in Redis, requests through BullMQ, on as few connections as that takes. */
import { Cluster, Redis } from "ioredis";
import { ActivationQueue } from "../bullmq/activation-queue.ts";
import { WebhookQueue } from "../bullmq/webhook-queue.ts";
import type { Barrier } from "../model/barrier.ts";
import { alwaysSyncs, whyNoBarrier } from "../model/barrier-support.ts";
import { InvalidOptionError } from "../model/errors.ts";
import type { ServerFacts } from "../model/server-facts.ts";
import { argumentLimitOf, defaultArgumentLimit } from "../redis/argument-limit.ts";
import { Barriers } from "../redis/barriers.ts";
import { corkWrites } from "../redis/corked-writes.ts";
import { RedisAccessLedger } from "../redis/redis-access-ledger.ts";
import { RedisDirectory } from "../redis/redis-directory.ts";
import { RedisStatusFeed } from "../redis/redis-status-feed.ts";
import { RedisStore } from "../redis/redis-store.ts";
import { RedisWebhookLedger } from "../redis/redis-webhook-ledger.ts";
import { readServerFacts } from "../redis/server-facts.ts";
import { Subscriptions } from "../redis/subscriptions.ts";
import type { AccessLedger } from "../engine/ports/access-ledger.ts";
import type { DeliveryQueue, DeliveryQueueOptions } from "../engine/ports/delivery-queue.ts";
import type { Directory } from "../engine/ports/directory.ts";
import type { Telemetry } from "../engine/ports/telemetry.ts";
import type { WebhookLedger } from "../engine/ports/webhook-ledger.ts";
import type { Backend, WorkflowBackend } from "./backend.ts";
import { endingOnDisconnect } from "./blocking-client.ts";
import { checkNamespace, checkPrefix } from "./engine-config.ts";
import type { WorkflowEngineConfig } from "./engine-config.ts";
import { DEFAULT_NAMESPACE, namespaceTag, prefixTag, workflowTag } from "./tags.ts";

type Client = Redis | Cluster;

/**
 * How long an answer of Redis may take, in ms. A connection whose other end vanished without a word looks
 * like any other; after this time without an answer it is dropped and a new one made. It is well below the
 * default lease, and below the time for which a `create` is repeated.
 */
const ANSWER_TIMEOUT_MS = 5_000;

/** For BullMQ's connections: it blocks for up to 10 s, and looks itself whether that takes too long. */
const BLOCKING_ANSWER_TIMEOUT_MS = 20_000;

const DEFAULT_BARRIERS = { replicas: 1, timeoutMs: 5_000 };

const COMMAND_OPTIONS = {
  // A command whose answer got lost must not be sent twice behind its caller's back: an event would
  // arrive twice. It fails at once, and who sent it decides; the engine's own writes carry numbers and
  // are repeated. (Without the second option ioredis would leave such a command unanswered for ever.)
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(times * 50, 1_000),
  socketTimeout: ANSWER_TIMEOUT_MS,
  // A Redis that loads its data says how long that will take, at first far too long. ioredis believes it
  // up to 10 s, unless told otherwise.
  maxLoadingRetryTime: 500,
  // A primary that became a replica stays one: only a new connection can lead to its successor.
  reconnectOnError: (error: Error) => /\b(READONLY|MASTERDOWN)\b/.test(error.message),
} as const;

interface RedisBackendOptions {
  readonly telemetry: Telemetry;
  readonly leaseMs: number;
  readonly durability?: { readonly replicas: number; readonly timeoutMs: number };
}

export class RedisBackend implements Backend {
  readonly #client: Client;
  readonly #ownsClient: boolean;
  readonly #subscriptions: Subscriptions;
  readonly #prefix: string;
  readonly #namespace: string;
  readonly #telemetry: Telemetry;
  readonly #leaseMs: number;
  readonly #barriers: Barriers;
  #isAlwaysSynced = false;
  #canAwaitDisk = true;
  #argumentLimit: number = defaultArgumentLimit();

  constructor(config: WorkflowEngineConfig, options: RedisBackendOptions) {
    this.#prefix = checkPrefix(config.prefix ?? "bw");
    this.#namespace = checkNamespace(config.namespace ?? DEFAULT_NAMESPACE);
    this.#telemetry = options.telemetry;
    this.#leaseMs = options.leaseMs;
    this.#ownsClient = typeof config.connection === "string";
    this.#client = connect(config.connection);
    if (this.#ownsClient) this.#listen(this.#client);
    this.#subscriptions = new Subscriptions(this.#client);
    const { replicas, timeoutMs } = options.durability ?? DEFAULT_BARRIERS;
    this.#barriers = new Barriers({
      replicas,
      timeoutMs,
      connect: () => this.#duplicateForBarriers(timeoutMs),
      isAlwaysSynced: () => this.#isAlwaysSynced,
      canAwaitDisk: () => this.#canAwaitDisk,
      argumentLimit: () => this.#argumentLimit,
    });
  }

  open(
    workflowName: string,
    barrier?: Barrier,
    namespace: string = this.#namespace,
  ): WorkflowBackend {
    const tag = workflowTag(this.#prefix, namespace, workflowName);
    return {
      store: new RedisStore({
        client: this.#client,
        tag,
        subscriptions: this.#subscriptions,
        barriers: this.#barriers,
        argumentLimit: () => this.#argumentLimit,
        ...(barrier && { barrier }),
      }),
      dispatcher: new ActivationQueue({
        tag,
        connection: this.#client,
        createBlockingConnection: () => this.#duplicateForBlocking(),
        telemetry: this.#telemetry,
        leaseMs: this.#leaseMs,
      }),
      feed: new RedisStatusFeed({
        client: this.#client,
        tag,
        subscriptions: this.#subscriptions,
      }),
    };
  }

  directory(namespace: string = this.#namespace): Directory {
    return new RedisDirectory(this.#client, namespaceTag(this.#prefix, namespace));
  }

  accessLedger(): AccessLedger {
    return new RedisAccessLedger(this.#client, prefixTag(this.#prefix));
  }

  webhookLedger(namespace: string = this.#namespace): WebhookLedger {
    return new RedisWebhookLedger(this.#client, namespaceTag(this.#prefix, namespace));
  }

  openDeliveries(namespace: string, { takeoverMs }: DeliveryQueueOptions): DeliveryQueue {
    return new WebhookQueue({
      tag: namespaceTag(this.#prefix, namespace),
      connection: this.#client,
      createBlockingConnection: () => this.#duplicateForBlocking(),
      telemetry: this.#telemetry,
      takeoverMs,
    });
  }

  async inspect(): Promise<readonly ServerFacts[]> {
    const servers = await readServerFacts(this.#client);
    this.#isAlwaysSynced = alwaysSyncs(servers);
    this.#canAwaitDisk = whyNoBarrier(servers, "fsync") === undefined;
    this.#argumentLimit = argumentLimitOf(servers);
    return servers;
  }

  async close(): Promise<void> {
    this.#barriers.close();
    const unsubscribed = this.#subscriptions.close();
    if (this.#ownsClient) this.#client.disconnect();
    await unsubscribed;
  }

  /** A connection that waits must not be taken for one that went silent. */
  #duplicateForBarriers(timeoutMs: number): Client {
    const options = { ...COMMAND_OPTIONS, socketTimeout: ANSWER_TIMEOUT_MS + 2 * timeoutMs };
    const client =
      this.#client instanceof Cluster
        ? this.#client.duplicate([], { redisOptions: options })
        : endingOnDisconnect(this.#client.duplicate(options));
    return this.#listen(client);
  }

  /** BullMQ insists on a connection that never gives up, since it waits on it for as long as it takes. */
  #duplicateForBlocking(): Client {
    const options = {
      maxRetriesPerRequest: null,
      autoResendUnfulfilledCommands: true,
      socketTimeout: BLOCKING_ANSWER_TIMEOUT_MS,
    };
    const client =
      this.#client instanceof Cluster
        ? this.#client.duplicate([], { redisOptions: options })
        : endingOnDisconnect(this.#client.duplicate(options));
    return corkWrites(this.#listen(client));
  }

  /** Without a listener ioredis would print what every command reports to its caller anyway. */
  #listen<Connection extends Client>(client: Connection): Connection {
    client.on("error", (error: unknown) => {
      this.#telemetry.log("warn", "a Redis connection had an error", { error });
    });
    return client;
  }
}

function connect(connection: WorkflowEngineConfig["connection"]): Client {
  if (connection instanceof Redis || connection instanceof Cluster) return connection;
  if (typeof connection === "string" && /^rediss?:\/\//.test(connection)) {
    return corkWrites(endingOnDisconnect(new Redis(connection, COMMAND_OPTIONS)));
  }
  const rule = "a redis:// URL, or a client of the ioredis that this library stands on";
  throw new InvalidOptionError("connection", rule, nameConnection(connection));
}

/** Errors end up in logs, which a password is not for. */
function nameConnection(connection: unknown): string {
  if (isClient(connection)) return "a client of another copy of ioredis";
  if (typeof connection !== "object" || connection === null) {
    return String(connection).replace(/:[^:@]*@/, ":…@");
  }
  return `an object with ${Object.keys(connection).join(", ") || "nothing"}`;
}

/** Whether it can do what a client can, whoever made it. */
function isClient(connection: unknown): boolean {
  return typeof (connection as Partial<Client> | null)?.defineCommand === "function";
}
