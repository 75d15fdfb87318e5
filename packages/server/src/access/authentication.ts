/**
 * Finds out who is calling: by the host's own check, by a token, or, while there are no tokens, because the
 * call comes from this very machine. Nobody else is let in.
 */
import { refused } from "../api-error.ts";
import { whyNotLocal } from "./loopback.ts";
import type { Principal } from "./principal.ts";
import type { Tokens } from "./tokens.ts";

/** What is known of a call beside the request. */
export interface Peer {
  /** The address of who opened the connection, if the host says. */
  readonly remoteAddress: string | undefined;
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
}

const LOCAL: Principal = {
  name: "loopback",
  role: "admin",
  namespaces: "all",
  workflows: "all",
};

const CLOSED = "no API tokens are configured, so only programs on the server's machine are served";

/** @throws {@link ApiError} 401 */
export async function identify(
  request: Request,
  peer: Peer,
  { tokens, authenticate }: AuthenticationParts,
): Promise<Principal> {
  const known = await authenticate?.(request, peer);
  if (known) return known;
  const token = tokenOf(request.headers);
  const principal = token === undefined ? undefined : await tokens.verify(token);
  if (principal) return principal;
  // Somebody's own check, or a single token, ends the time in which this machine is enough.
  if (authenticate || (await tokens.areConfigured())) {
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
