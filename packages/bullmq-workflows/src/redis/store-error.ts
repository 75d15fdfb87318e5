/** Tells errors of Redis, and of the way to it, from mistakes in what was asked. */
import { StoreUnavailableError } from "../model/store-errors.ts";
import { UnsupportedFormatError } from "../model/unsupported-format-error.ts";
import { toTooLargeError } from "./argument-limit.ts";

/** Answers of Redis that are about its state. Any other is an error in a script. */
const UNAVAILABLE =
  /\b(OOM|READONLY|MISCONF|LOADING|BUSY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNKILLABLE|NOAUTH|NOPERM|WRONGPASS|max number of clients reached)\b/;

/** The errors of ioredis about a connection, as far as they have a class. */
const CONNECTION_ERRORS: ReadonlySet<string> = new Set([
  "AbortError",
  "ClusterAllFailedError",
  "MaxRetriesPerRequestError",
  "ParserError",
]);

/** Those that have not, and those of the store itself. */
const CONNECTION_MESSAGE =
  /^(Connection is closed|Command timed out|timeout$|Socket timeout|Stream isn't writeable|Cluster isn't ready|Cluster is disconnect|None of startup nodes|Node is disconnected|No node of the cluster|Too many Cluster redirections|All sentinels are unreachable|Unknown RESP type|Protocol error)/;

/** Codes that Node gives to what goes wrong on a socket, besides those of system calls. */
const CONNECTION_CODE =
  /^(ECONN\w+|ETIMEDOUT|EPIPE|EHOST\w+|ENET\w+|ENOTFOUND|EAI_\w+|ERR_(STREAM|SOCKET|TLS|SSL)_\w+|UNABLE_TO_\w+|\w*CERT\w*)$/;

const NEWER_FORMAT = /\bNEWER_FORMAT (\S+) (\S+)/;

/**
 * Only what is known to be about Redis or the way to it is worth repeating. Anything else is a mistake of
 * somebody's, would fail for ever, and is left as it is.
 */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isReply = error.name === "ReplyError";
  if (isReply ? UNAVAILABLE.test(error.message) : isConnectionError(error)) {
    return new StoreUnavailableError(error);
  }
  if (!isReply) return error;
  const [, found, supported] = NEWER_FORMAT.exec(error.message) ?? [];
  if (found && supported) return new UnsupportedFormatError(found, supported);
  return toTooLargeError(error.message) ?? error;
}

function isConnectionError(error: Error & { code?: unknown; syscall?: unknown }): boolean {
  return (
    CONNECTION_ERRORS.has(error.name) ||
    CONNECTION_MESSAGE.test(error.message) ||
    typeof error.syscall === "string" ||
    (typeof error.code === "string" && CONNECTION_CODE.test(error.code))
  );
}

/** The same for what Redis answered to one item of a batch. */
export function toItemError(text: string): unknown {
  return toStoreError(Object.assign(new Error(text), { name: "ReplyError" }));
}
