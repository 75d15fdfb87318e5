/**
 * Who is calling, by the access tokens of an OpenID Connect provider: Keycloak, Auth0, Entra ID, Okta, …
 *
 * Which algorithms count is said here and not by the token: one that says `none`, or that was signed with
 * the public key as if it were a shared secret, proves nothing.
 */
import type { Authenticate, Principal, Role } from "@bullmq-workflows/server";
import { errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyGetKey } from "jose";

export interface OidcOptions {
  /** As the provider's discovery document has it, to the last slash. */
  readonly issuer: string;
  /** What tokens have to be for: this server. Tokens for others are not accepted. */
  readonly audience: string;
  /** The provider's keys; `createRemoteJWKSet` fetches them, and new ones as they turn up. */
  readonly keys: JWTVerifyGetKey;
  /** What the roles of the provider mean here. The highest counts; who has none may do nothing. */
  readonly roles: Readonly<Record<string, Role>>;
  /** The claim that lists a user's roles. @defaultValue "roles" */
  readonly claim?: string;
}

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];

const FROM_LOW_TO_HIGH: readonly Role[] = ["view", "operate", "admin"];

/** For `createServer({ authenticate })`. Tokens of the server's own go on working beside it. */
export function authenticateByOidc(options: OidcOptions): Authenticate {
  const { issuer, audience, keys } = options;
  return async (request) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (token === undefined || token.startsWith("bwt_")) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ["exp", "sub"],
        // For clocks that are not quite together, in seconds.
        clockTolerance: 5,
      });
      return toPrincipal(payload, options);
    } catch (error) {
      if (isAboutTheToken(error)) return undefined;
      // The provider cannot be asked. Nobody is let in, and the server's logger hears why.
      throw error;
    }
  };
}

function toPrincipal(payload: JWTPayload, { roles, claim = "roles" }: OidcOptions): Principal {
  const given = [payload[claim]].flat().flatMap((name) => {
    return typeof name === "string" && Object.hasOwn(roles, name) ? (roles[name] ?? []) : [];
  });
  const role = FROM_LOW_TO_HIGH.findLast((each) => given.includes(each));
  return {
    name: `oidc:${payload.sub}`,
    role: role ?? "view",
    namespaces: role === undefined ? [] : "all",
    workflows: "all",
  };
}

function isAboutTheToken(error: unknown): boolean {
  const { JOSEError, JWKSInvalid, JWKSTimeout } = errors;
  if (!(error instanceof JOSEError) || error.code === JOSEError.code) return false;
  return !(error instanceof JWKSInvalid) && !(error instanceof JWKSTimeout);
}
