/**
 * How large an argument of a command may be. Redis answers a larger one by closing the connection, with all
 * else that is on its way there: so none is sent.
 */
import type { ServerFacts } from "../model/server-facts.ts";
import { WriteTooLargeError } from "../model/write-too-large-error.ts";

/** Bytes of the largest argument that every server takes, as far as is known now. */
export type ArgumentLimit = () => number;

/** What Redis takes where nobody has set anything else. */
const DEFAULT_BYTES = 536_870_912;

export const defaultArgumentLimit: ArgumentLimit = () => DEFAULT_BYTES;

export function argumentLimitOf(servers: readonly ServerFacts[]): number {
  const limits = servers.map(({ maxArgument }) =>
    maxArgument === "unknown" ? DEFAULT_BYTES : maxArgument,
  );
  return limits.length === 0 ? DEFAULT_BYTES : Math.min(...limits);
}

const REFUSAL = /^TOO_LARGE (\S+) (\d+) (\d+)$/;

/** In the words of a script that refuses: a batch answers so to the items that are too large. */
export function refuseTooLarge(script: string, size: number, limit: number): string {
  return `TOO_LARGE ${script} ${size} ${limit}`;
}

/** The error in such words, or in those of Redis, which did not tell its limit before. */
export function toTooLargeError(text: string): WriteTooLargeError | undefined {
  if (text.includes("Protocol error: invalid bulk length")) return new WriteTooLargeError();
  const [, script, size, limit] = REFUSAL.exec(text) ?? [];
  if (script === undefined) return undefined;
  const facts = { size: Number(size), limit: Number(limit) };
  return new WriteTooLargeError({ what: `What "${script}" writes`, ...facts });
}
