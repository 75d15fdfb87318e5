/**
 * Asks again who is calling, of those whose calls last.
 *
 * Thousands of them may have the same token, which is looked up once for all. What the host's own check goes
 * by is not known, so it is asked for each.
 */
import { createHash } from "node:crypto";
import { identify } from "./authentication.ts";
import type { AuthenticationParts, Peer } from "./authentication.ts";
import type { Principal } from "./principal.ts";

/** How old an answer may be, in ms. */
const FRESH_MS = 1_000;

interface Answer {
  readonly at: number;
  readonly principal: Promise<Principal>;
}

export class Rechecks {
  readonly #answers = new Map<string, Answer>();

  /** @throws {@link ApiError} 401 */
  async identify(request: Request, peer: Peer, parts: AuthenticationParts): Promise<Principal> {
    // Whoever is refused now has not called: that must not count against others at his address.
    const unlimited = { ...parts, limits: undefined };
    if (parts.authenticate) return await identify(request, peer, unlimited);
    const now = Date.now();
    const key = keyOf(request, peer);
    const known = this.#answers.get(key);
    if (known && now - known.at < FRESH_MS) return await known.principal;
    this.#forget(now);
    const answer = { at: now, principal: identify(request, peer, unlimited) };
    this.#answers.set(key, answer);
    return await answer.principal;
  }

  #forget(now: number): void {
    for (const [key, { at }] of this.#answers) if (now - at >= FRESH_MS) this.#answers.delete(key);
  }
}

/** All that is looked at to tell who it is. A hash, so that no token is kept. */
function keyOf(request: Request, { remoteAddress = "", clientAddress = "" }: Peer): string {
  const headers = ["authorization", "x-auth-key", "origin", "sec-fetch-site", "host"];
  const said = headers.map((name) => request.headers.get(name) ?? "");
  const text = JSON.stringify([remoteAddress, clientAddress, new URL(request.url).host, ...said]);
  return createHash("sha256").update(text).digest("base64");
}
