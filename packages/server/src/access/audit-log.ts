/**
 * Who asked for what, when and from where: every call that may change something, before it is carried out,
 * and again when it was answered. A call that cannot be written down is not carried out.
 */
import { openAccessLedger } from "bullmq-workflows/internal";
import type { AccessLedger } from "bullmq-workflows/internal";
import type { WorkflowEngine } from "bullmq-workflows";
import type { Peer } from "./authentication.ts";

/** Entries that are kept, about. */
const KEPT = 100_000;

const TEXT_LIMIT = 300;

export interface AuditCall {
  readonly type: "call";
  /** ISO 8601, by the server's clock. */
  readonly at: string;
  readonly principal: string;
  readonly operation: string;
  /** Absent when it was about the server itself. */
  readonly namespace?: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly remoteAddress?: string;
  /** Where the call comes from, if a proxy that is trusted says that it is elsewhere. */
  readonly clientAddress?: string;
  /** What a proxy says of where the call comes from; anybody may say so. */
  readonly forwardedFor?: string;
  readonly userAgent?: string;
}

/** What a call asks for beyond what its path says. */
export interface AuditDetail {
  readonly type: "detail";
  readonly at: string;
  /** The entry of the call. */
  readonly call: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditAnswer {
  readonly type: "answer";
  readonly at: string;
  /** The entry of the call. */
  readonly call: string;
  /** The HTTP status. */
  readonly status: number;
}

type AuditEntry = AuditCall | AuditDetail | AuditAnswer;

export type AuditRecord = AuditEntry & { readonly id: string };

export class AuditLog {
  readonly #ledger: AccessLedger;

  constructor(ledger: AccessLedger) {
    this.#ledger = ledger;
  }

  /** Newest first, at most `limit`, from the one before `before` on. */
  async read(request: {
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly AuditRecord[]> {
    const entries = await this.#ledger.audit(request);
    return entries.map(({ id, text }) => ({
      id,
      ...(JSON.parse(text) as AuditEntry),
    }));
  }

  /** Answers the entry's id. */
  async record(entry: AuditEntry): Promise<string> {
    return await this.#ledger.appendAudit(JSON.stringify(entry), KEPT);
  }
}

/** The audit log of all namespaces under an engine's prefix. */
export function openAuditLog(engine: WorkflowEngine<never>): AuditLog {
  return new AuditLog(openAccessLedger(engine));
}

/** What the request itself says of a call. No header that may carry a secret is among it. */
export function describeRequest(
  request: Request,
  { remoteAddress, clientAddress }: Peer,
): Omit<AuditCall, "type" | "at" | "principal" | "operation" | "namespace"> {
  const forwardedFor = request.headers.get("x-forwarded-for")?.slice(0, TEXT_LIMIT);
  const userAgent = request.headers.get("user-agent")?.slice(0, TEXT_LIMIT);
  return {
    method: request.method,
    path: new URL(request.url).pathname.slice(0, 2 * TEXT_LIMIT),
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(clientAddress !== undefined && clientAddress !== remoteAddress && { clientAddress }),
    ...(forwardedFor !== undefined && { forwardedFor }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
