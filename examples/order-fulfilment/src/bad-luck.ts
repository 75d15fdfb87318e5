/**
 * How the payment provider misbehaves. Each draw depends only on the seed, the order and how often
 * that order was asked for, not on which request came first, so the same seed is the same bad luck.
 */
import { between, createRandom } from "./random.ts";

/** After so many requests for one order the provider behaves, so that every order gets through. */
const UNLUCKY_REQUESTS = 3;

export interface Luck {
  readonly isUnavailable: boolean;
  /** How long the answer is held back, after the card was charged. */
  readonly answersAfterMs: number;
}

export function drawLuck(seed: number, orderId: string, request: number): Luck {
  const random = createRandom(seed, `request ${request} of ${orderId}`);
  const kind = request > UNLUCKY_REQUESTS ? 1 : random();
  if (kind < 0.15) return { isUnavailable: true, answersAfterMs: 0 };
  // Longer than the workflow's step waits: the card is charged, and the caller does not know.
  if (kind < 0.23) return { isUnavailable: false, answersAfterMs: between(random, 2500, 4000) };
  if (kind < 0.38) return { isUnavailable: false, answersAfterMs: between(random, 300, 1200) };
  return { isUnavailable: false, answersAfterMs: between(random, 20, 120) };
}

export interface SettlementLuck {
  readonly settlesAfterMs: number;
  /** Whether the webhook comes once more, although it was acknowledged. */
  readonly isRepeated: boolean;
}

export function drawSettlementLuck(seed: number, orderId: string): SettlementLuck {
  const random = createRandom(seed, `settlement of ${orderId}`);
  return { settlesAfterMs: between(random, 500, 3000), isRepeated: random() < 0.1 };
}
