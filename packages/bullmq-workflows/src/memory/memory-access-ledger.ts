/** Tokens and the audit log, in memory. */
import type { AccessLedger, AuditEntry } from "../engine/ports/access-ledger.ts";

export class MemoryAccessLedger implements AccessLedger {
  readonly #tokens = new Map<string, string>();
  readonly #audit: AuditEntry[] = [];
  #lastEntry = 0;

  async putToken(tokenId: string, text: string): Promise<void> {
    this.#tokens.set(tokenId, text);
  }

  async token(tokenId: string): Promise<string | undefined> {
    return this.#tokens.get(tokenId);
  }

  async tokens(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#tokens);
  }

  async tokenCount(): Promise<number> {
    return this.#tokens.size;
  }

  async removeToken(tokenId: string): Promise<boolean> {
    return this.#tokens.delete(tokenId);
  }

  async touch(): Promise<void> {}

  async appendAudit(text: string, keep: number): Promise<string> {
    const id = `${++this.#lastEntry}-0`;
    this.#audit.push({ id, text });
    this.#audit.splice(0, this.#audit.length - keep);
    return id;
  }

  async audit(request: {
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly AuditEntry[]> {
    const end = this.#audit.findIndex(({ id }) => id === request.before);
    const older = request.before === undefined ? this.#audit : this.#audit.slice(0, end);
    return older.toReversed().slice(0, request.limit);
  }
}
