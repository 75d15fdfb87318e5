/**
 * Every number that an error may have, by the status it is answered with. The OpenAPI document tells them,
 * docs/server.md has a row for each, and tests fail on an answer that has another one.
 */

export interface ErrorAnswer {
  /** What the OpenAPI document calls it. */
  readonly id: string;
  readonly description: string;
  readonly codes: Readonly<Record<number, string>>;
}

export const ERROR_ANSWERS: Readonly<Record<number, ErrorAnswer>> = {
  400: {
    id: "BadRequest",
    description: "The call breaks a rule. Repeating it does not help.",
    codes: {
      10_002: "a body, a query or an id breaks its rule; the text says which",
      10_401: "an instance that has ended cannot be terminated",
      10_402: "there is nothing to restart the instance from",
      10_405: "the id is taken",
      10_406: "an instance that has ended takes no events",
    },
  },
  401: {
    id: "Unauthorized",
    description: "Nobody knows who is calling.",
    codes: { 10_000: "no token, or one that is not valid" },
  },
  403: {
    id: "Forbidden",
    description: "Who is calling may not do this.",
    codes: { 10_000: "the token is for another role, namespace or workflow" },
  },
  404: {
    id: "NotFound",
    description: "There is no such thing.",
    codes: {
      7003: "no such path or account",
      10_200: "no such workflow",
      10_300: "no such version",
      10_400: "no such instance",
      10_404: "no such step",
      10_410: "no such bulk action",
      10_420: "no such webhook",
    },
  },
  405: {
    id: "MethodNotAllowed",
    description: "There is such a path, but not with this method.",
    codes: { 7001: "the method is not available there" },
  },
  413: {
    id: "TooLarge",
    description: "The body is too large.",
    codes: { 10_002: "the body is larger than the server takes" },
  },
  429: {
    id: "TooManyRequests",
    description: "Too many calls. `Retry-After` says in how many seconds to come back.",
    codes: {
      10_429:
        "the principal's calls, or the address's failures, are used up, or he has too many subscriptions open",
    },
  },
  500: {
    id: "InternalError",
    description: "A bug. The server's log has what went wrong.",
    codes: { 10_001: "something went wrong inside" },
  },
  503: {
    id: "Unavailable",
    description: "Redis is away, too full, or promises too little. Worth repeating.",
    codes: {
      10_001: "Redis cannot do this now, too many subscriptions are open, or the server closes",
    },
  },
};
