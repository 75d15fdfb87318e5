/**
 * Takes what the outboxes of workflows have kept, and makes deliveries of it.
 *
 * An entry is dropped when its deliveries are in the queue. Whoever dies in between leaves it to others, who
 * make the same deliveries again, under the same ids. So every server may do this, and none has to.
 */
import { randomUUID } from "node:crypto";
import { statusesWanted } from "bullmq-workflows/internal";
import type {
  Delivery,
  DeliveryQueue,
  Namespace,
  OpenWorkflow,
  OutboxEntry,
  WorkflowRecord,
} from "bullmq-workflows/internal";
import { describeOccasion, messageId, toBody } from "./message.ts";
import { ATTEMPTS } from "./retries.ts";
import { typeWanted } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";
import type { Webhooks } from "./webhooks.ts";

const LOOK_EVERY_MS = 1_000;

/** As long as there are no webhooks. */
const LOOK_FOR_ANY_EVERY_MS = 5_000;

/** How often it is made sure that the outboxes keep what is wanted. */
const KEEP_EVERY_MS = 30_000;

/** Entries at once. */
const BATCH = 50;

export interface RelayParts {
  readonly namespace: Namespace;
  readonly webhooks: Webhooks;
  /** The same each time. Deliveries are made from then on. */
  readonly openQueue: () => Promise<DeliveryQueue>;
  /** After how long an entry is taken from whoever has it. */
  readonly takeoverMs: number;
  readonly onError: (error: unknown) => void;
}

export class Relay {
  readonly #parts: RelayParts;
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void>;
  #keptAt = Number.NEGATIVE_INFINITY;
  #known: readonly WorkflowRecord[] = [];
  #knownAt = Number.NEGATIVE_INFINITY;
  /** Workflows whose outbox may have something in it. */
  #relayed: ReadonlySet<string> = new Set();
  #hasAny = false;
  #isClosed = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  /** Does not wait for the time to look. */
  lookNow(): void {
    if (this.#timer === undefined || this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#relayAll();
    } catch (error) {
      this.#parts.onError(error);
    }
    if (this.#isClosed) return;
    const delayMs = this.#hasAny ? LOOK_EVERY_MS : LOOK_FOR_ANY_EVERY_MS;
    this.#timer = setTimeout(() => this.lookNow(), delayMs);
    this.#timer.unref();
  }

  async #relayAll(): Promise<void> {
    const { namespace, openQueue } = this.#parts;
    const records = await namespace.webhooks.webhooks();
    this.#hasAny = records.length > 0;
    if (!this.#hasAny && this.#relayed.size === 0) return;
    // Also what another server has put there may be waiting to be delivered.
    await openQueue();
    await this.#keepNowAndThen();
    const known = await this.#workflows();
    const isWanted = ({ name }: WorkflowRecord): boolean =>
      statusesWanted(records, name).length > 0;
    // One whose last webhook is gone may have something left.
    const relayed = known.filter((each) => isWanted(each) || this.#relayed.has(each.name));
    for (const record of relayed) {
      if (this.#isClosed) return;
      // What is wrong with one is nothing to the others.
      await this.#relay(record.name, namespace.open(record)).catch(this.#parts.onError);
    }
    this.#relayed = new Set(known.filter(isWanted).map(({ name }) => name));
  }

  /** There may be thousands, and new ones are few. */
  async #workflows(): Promise<readonly WorkflowRecord[]> {
    const now = performance.now();
    if (now - this.#knownAt >= LOOK_FOR_ANY_EVERY_MS) {
      this.#known = await this.#parts.namespace.directory.workflows();
      this.#knownAt = now;
    }
    return this.#known;
  }

  /** What is wanted is written when a webhook is changed. A Redis that lost writes may have lost that. */
  async #keepNowAndThen(): Promise<void> {
    const now = performance.now();
    if (now - this.#keptAt < KEEP_EVERY_MS) return;
    await this.#parts.webhooks.keepWanted();
    this.#keptAt = now;
  }

  async #relay(workflow: string, opened: OpenWorkflow): Promise<void> {
    const { webhooks, openQueue, takeoverMs: idleMs } = this.#parts;
    for (;;) {
      const entries = await opened.outbox.take({ holder: this.#holder, limit: BATCH, idleMs });
      if (entries.length === 0) return;
      // After they were taken: whoever wants one of them was there when it was written.
      const all = await webhooks.list();
      const making = entries.map(async (entry) => ({
        id: entry.id,
        deliveries: await this.#make({ workflow, opened, all, entry }),
      }));
      const outcomes = await Promise.allSettled(making);
      const made = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      const deliveries = made.flatMap((each) => each.deliveries);
      const queue = await openQueue();
      if (deliveries.length > 0) await queue.add(deliveries, ATTEMPTS);
      if (made.length > 0) await opened.outbox.drop(made.map(({ id }) => id));
      // Of which nothing can be made stays, perhaps for a server that can.
      const failed = outcomes.find((each) => each.status === "rejected");
      if (failed) throw failed.reason;
      if (entries.length < BATCH || this.#isClosed) return;
    }
  }

  async #make(given: {
    readonly workflow: string;
    readonly opened: OpenWorkflow;
    readonly all: readonly Webhook[];
    readonly entry: OutboxEntry;
  }): Promise<readonly Delivery[]> {
    const { workflow, opened, all, entry } = given;
    const occasion = { namespace: this.#parts.namespace.name, workflow, entry };
    const wanted = all.flatMap((webhook) => {
      const type = typeWanted(webhook, { workflow, change: entry.change });
      return type === undefined ? [] : [{ webhookId: webhook.id, type }];
    });
    if (wanted.length === 0) return [];
    const data = await describeOccasion(occasion, opened);
    return wanted.map(({ webhookId, type }) => ({
      id: messageId(webhookId, occasion),
      webhookId,
      body: toBody(type, entry.change.at, data),
    }));
  }
}
