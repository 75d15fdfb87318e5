/**
 * Who may do what from outside, and what was done: the tokens and the audit log of all namespaces of a
 * prefix. What a token or an entry says is the business of who reads it; here both are text.
 */

export interface AuditEntry {
  /** Grows from entry to entry. */
  readonly id: string;
  readonly text: string;
}

export interface AccessLedger {
  putToken(tokenId: string, text: string): Promise<void>;
  token(tokenId: string): Promise<string | undefined>;
  /** Tokens by their id. */
  tokens(): Promise<ReadonlyMap<string, string>>;
  tokenCount(): Promise<number>;
  /** Answers whether there was one. */
  removeToken(tokenId: string): Promise<boolean>;

  /** Resolves when the store takes writes. */
  touch(): Promise<void>;

  /** Adds an entry; of those before it, at least the last `keep` stay. Answers its id. */
  appendAudit(text: string, keep: number): Promise<string>;
  /** Newest first, from the one before `before` on. */
  audit(request: {
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly AuditEntry[]>;
}
