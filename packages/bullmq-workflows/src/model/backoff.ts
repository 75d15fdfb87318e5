import { SLEEP_LIMIT_MS } from "./limits.ts";
import type { WorkflowBackoff } from "./step-config.ts";

/**
 * Milliseconds between failed attempt `attempt` (from 1) and the next one. As at Cloudflare there is
 * no jitter, and the growth also applies to what a delay function answers. Only the longest sleep
 * bounds it, because a doubling delay leaves what a number can hold after a thousand retries.
 */
export function toRetryDelay(baseMs: number, backoff: WorkflowBackoff, attempt: number): number {
  return Math.min(baseMs * growthOf(backoff, attempt), SLEEP_LIMIT_MS);
}

function growthOf(backoff: WorkflowBackoff, attempt: number): number {
  switch (backoff) {
    case "constant":
      return 1;
    case "linear":
      return attempt;
    case "exponential":
      return 2 ** (attempt - 1);
  }
}
