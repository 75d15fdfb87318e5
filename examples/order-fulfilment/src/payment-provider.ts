/**
 * A payment provider as they are: it charges a card when asked over HTTP, remembers idempotency keys
 * so that a repeated request is not a second charge, and tells by webhook when the money has arrived,
 * again and again until somebody acknowledges. And it is unreliable, see `bad-luck.ts`.
 *
 * Its ledger is what the demo is judged by: two charges for one order are two charges, whatever the
 * engine says.
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { drawLuck, drawSettlementLuck } from "./bad-luck.ts";
import { readJson, startHttpService } from "./http-service.ts";
import type { HttpService, Reply } from "./http-service.ts";

const WEBHOOK_RETRY_MS = 300;

export interface ChargeRequest {
  readonly orderId: string;
  readonly amount: number;
  readonly card: string;
  readonly webhookUrl: string;
}

export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  readonly amount: number;
}

export interface PaymentReport {
  readonly charges: readonly Charge[];
  readonly counts: Readonly<PaymentCounts>;
}

export interface PaymentCounts {
  requests: number;
  /** Requests for an order after its first. */
  retries: number;
  /** Answered 503. */
  unavailable: number;
  /** The caller went away before the answer: its step had timed out, or it had crashed. */
  hangUps: number;
  /** Answered from the memory of idempotency keys. */
  repeats: number;
  webhooksSent: number;
  webhooksUnanswered: number;
  webhooksRepeated: number;
}

export class PaymentProvider {
  readonly #seed: number;
  readonly #requestsByOrder = new Map<string, number>();
  readonly #answersByKey = new Map<string, Reply>();
  readonly #charges: Charge[] = [];
  readonly #closing = new AbortController();
  readonly #counts: PaymentCounts = {
    requests: 0,
    retries: 0,
    unavailable: 0,
    hangUps: 0,
    repeats: 0,
    webhooksSent: 0,
    webhooksUnanswered: 0,
    webhooksRepeated: 0,
  };

  constructor(seed: number) {
    this.#seed = seed;
  }

  async start(): Promise<HttpService> {
    const service = await startHttpService({
      handle: (request) => this.#handle(request),
      onHangUp: () => {
        this.#counts.hangUps += 1;
      },
    });
    return {
      url: service.url,
      close: () => {
        this.#closing.abort();
        return service.close();
      },
    };
  }

  async #handle(request: IncomingMessage): Promise<Reply> {
    switch (`${request.method} ${request.url}`) {
      case "POST /charges":
        return await this.#charge(
          String(request.headers["idempotency-key"]),
          await readJson<ChargeRequest>(request),
        );
      case "GET /report":
        return { status: 200, body: { charges: this.#charges, counts: this.#counts } };
      default:
        return { status: 404 };
    }
  }

  async #charge(key: string, request: ChargeRequest): Promise<Reply> {
    const luck = drawLuck(this.#seed, request.orderId, this.#countRequest(request.orderId));
    if (luck.isUnavailable) {
      this.#counts.unavailable += 1;
      return { status: 503 };
    }
    const answer = this.#remember(key) ?? this.#decide(key, request);
    await sleep(luck.answersAfterMs);
    return answer;
  }

  #countRequest(orderId: string): number {
    const count = (this.#requestsByOrder.get(orderId) ?? 0) + 1;
    this.#requestsByOrder.set(orderId, count);
    this.#counts.requests += 1;
    if (count > 1) this.#counts.retries += 1;
    return count;
  }

  #remember(key: string): Reply | undefined {
    const answer = this.#answersByKey.get(key);
    if (answer !== undefined) this.#counts.repeats += 1;
    return answer;
  }

  #decide(key: string, { orderId, amount, card, webhookUrl }: ChargeRequest): Reply {
    if (card.startsWith("tok_declined")) {
      return this.#answer(key, { status: 402, body: { reason: "card declined" } });
    }
    const charge = { chargeId: `ch_${this.#charges.length + 1}`, orderId, amount };
    this.#charges.push(charge);
    void this.#settle(charge, webhookUrl);
    return this.#answer(key, { status: 201, body: charge });
  }

  #answer(key: string, answer: Reply): Reply {
    this.#answersByKey.set(key, answer);
    return answer;
  }

  async #settle(charge: Charge, webhookUrl: string): Promise<void> {
    const luck = drawSettlementLuck(this.#seed, charge.orderId);
    await sleep(luck.settlesAfterMs);
    await this.#deliver(charge, webhookUrl);
    if (!luck.isRepeated) return;
    this.#counts.webhooksRepeated += 1;
    await sleep(WEBHOOK_RETRY_MS);
    await this.#deliver(charge, webhookUrl);
  }

  async #deliver(charge: Charge, webhookUrl: string): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#counts.webhooksSent += 1;
      if (await isAcknowledged(charge, webhookUrl)) return;
      this.#counts.webhooksUnanswered += 1;
      await sleep(WEBHOOK_RETRY_MS);
    }
  }
}

async function isAcknowledged(charge: Charge, webhookUrl: string): Promise<boolean> {
  try {
    const response = await fetch(webhookUrl, { method: "POST", body: JSON.stringify(charge) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens there right now, which is what the next delivery is for.
    return false;
  }
}
