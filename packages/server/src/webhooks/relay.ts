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
  OutboxLosses,
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

/** How often it is made sure that the outboxes keep what is wanted, and looked what deleted workflows have left. */
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
  /** Hears how many changes an outbox has dropped since it was told last, if it was. */
  readonly onLoss: OnLoss;
}

export type OnLoss = (workflow: string, dropped: number) => void;

/** How long a workflow that was deleted may have something left to be told: of what was under way then. */
const FORGOTTEN_FOR_MS = 3_600_000;

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
  /** What is known to be lost, by workflow. */
  readonly #lost = new Map<string, number>();
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
    await this.#nowAndThen();
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
  async #nowAndThen(): Promise<void> {
    const now = performance.now();
    if (now - this.#keptAt < KEEP_EVERY_MS) return;
    await this.#parts.webhooks.keepWanted();
    await this.#relayForgotten();
    this.#keptAt = now;
  }

  /** What a workflow had to tell when it was deleted is told all the same. */
  async #relayForgotten(): Promise<void> {
    const { namespace, onError } = this.#parts;
    const over: string[] = [];
    for (const { name, ageMs } of await namespace.directory.forgotten()) {
      if (this.#isClosed) return;
      try {
        await this.#relay(name, namespace.open({ name, settings: SETTINGS }));
        if (ageMs > FORGOTTEN_FOR_MS) over.push(name);
      } catch (error) {
        onError(error);
      }
    }
    await namespace.directory.dropForgotten(over);
  }

  async #relay(workflow: string, opened: OpenWorkflow): Promise<void> {
    const { webhooks, openQueue, takeoverMs: idleMs } = this.#parts;
    for (;;) {
      const request = { holder: this.#holder, limit: BATCH, idleMs };
      const { entries, losses } = await opened.outbox.take(request);
      this.#sayLosses(workflow, losses);
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

  #sayLosses(workflow: string, losses: OutboxLosses | undefined): void {
    const known = this.#lost.get(workflow) ?? 0;
    if (!losses || losses.count === known) return;
    this.#lost.set(workflow, losses.count);
    this.#parts.onLoss(workflow, losses.count - known);
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

/** Of no importance to what is told. */
const SETTINGS = { className: "", scriptName: "" };
