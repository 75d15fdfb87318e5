/**
 * Finds out who is calling: by the host's own check, by a token, or, while there are no tokens, because the
 * call comes from this very machine. Nobody else is let in.
 */
import { ApiError, refused } from "../api-error.ts";
import { whyNotLocal } from "./loopback.ts";
import type { Principal } from "./principal.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Tokens } from "./tokens.ts";

/** What is known of a call beside the request. */
export interface Peer {
  /** The address of who opened the connection, if the host says. */
  readonly remoteAddress: string | undefined;
  /** The address of the client: the same, or what a proxy says that is trusted. */
  readonly clientAddress: string | undefined;
}

/**
 * The host's own check. Answer with who it is; with `undefined` for somebody whom it does not know, who may
 * still have a token. Throw to refuse him.
 */
export type Authenticate = (
  request: Request,
  peer: Peer,
) => Principal | undefined | Promise<Principal | undefined>;

export interface AuthenticationParts {
  readonly tokens: Tokens;
  readonly authenticate: Authenticate | undefined;
  /** Absent when nobody is limited. */
  readonly limits: RateLimits | undefined;
  /** Hears of what the host's own check threw. */
  readonly onCheckFailed: (error: unknown) => void;
}

const LOCAL: Principal = {
  name: "loopback",
  role: "admin",
  namespaces: "all",
  workflows: "all",
};

const CLOSED = "no API tokens are configured, so only programs on the server's machine are served";

/** @throws {@link ApiError} 401, or 429 for somebody from whose address there were too many of those. */
export async function identify(
  request: Request,
  peer: Peer,
  parts: AuthenticationParts,
): Promise<Principal> {
  const { limits } = parts;
  try {
    const known = await check(request, peer, parts);
    if (known) return known;
    const token = tokenOf(request.headers);
    limits?.checkFailures(peer.clientAddress, token);
    const principal = await identifyBy(token, { request, peer, parts });
    if (token !== undefined) limits?.trust(token);
    return principal;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) limits?.fail(peer.clientAddress);
    throw error;
  }
}

/** Whether it is a program on this machine, while there are no tokens. */
export function isLoopback(principal: Principal): boolean {
  return principal === LOCAL;
}

/** Whatever a check throws, it has not said who it is. */
async function check(
  request: Request,
  peer: Peer,
  { authenticate, onCheckFailed }: AuthenticationParts,
): Promise<Principal | undefined> {
  try {
    return await authenticate?.(request, peer);
  } catch (error) {
    onCheckFailed(error);
    throw refused(401, "the server's own check refused");
  }
}

async function identifyBy(
  token: string | undefined,
  facts: { readonly request: Request; readonly peer: Peer; readonly parts: AuthenticationParts },
): Promise<Principal> {
  const { request, peer, parts } = facts;
  const principal = token === undefined ? undefined : await parts.tokens.verify(token);
  if (principal) return principal;
  // Somebody's own check, or a single token, ends the time in which this machine is enough.
  if (parts.authenticate || (await parts.tokens.areConfigured())) {
    throw refused(401, token === undefined ? "no token was sent" : "the token is not valid");
  }
  const reason = whyNotLocal(request, peer.remoteAddress);
  if (reason === undefined) return LOCAL;
  throw refused(401, `${CLOSED}, and ${reason}`);
}

/** Cloudflare's two ways to send it. Whose e-mail address comes with the second is of no concern. */
function tokenOf(headers: Headers): string | undefined {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return bearer ?? headers.get("x-auth-key") ?? undefined;
}
