/** Tokens and the audit log on Redis. See docs/store.md for their keys. */
import type { AccessLedger, AuditEntry } from "../engine/ports/access-ledger.ts";
import { toPairs } from "./redis-directory.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisAccessLedger implements AccessLedger {
  readonly #scripts: ScriptRunner;

  /** @param tag The hash tag of the prefix, braces included. */
  constructor(client: RedisClient, tag: string) {
    this.#scripts = new ScriptRunner(client, tag);
  }

  async putToken(tokenId: string, text: string): Promise<void> {
    await this.#scripts.run(scripts.putToken, { id: tokenId, text });
  }

  async token(tokenId: string): Promise<string | undefined> {
    const [, text] = await this.#scripts.run(scripts.readToken, { id: tokenId });
    return typeof text === "string" ? text : undefined;
  }

  async tokens(): Promise<ReadonlyMap<string, string>> {
    const [, ...reply] = await this.#scripts.run(scripts.listTokens, {});
    return new Map(toPairs(reply));
  }

  async tokenCount(): Promise<number> {
    const [, count] = await this.#scripts.run(scripts.countTokens, {});
    return Number(count);
  }

  async removeToken(tokenId: string): Promise<boolean> {
    const [outcome] = await this.#scripts.run(scripts.removeToken, { id: tokenId });
    return outcome === "removed";
  }

  async touch(): Promise<void> {
    await this.#scripts.run(scripts.touchStore, {});
  }

  async appendAudit(text: string, keep: number): Promise<string> {
    const [, id] = await this.#scripts.run(scripts.appendAudit, { text, keep });
    return String(id);
  }

  async audit(request: {
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly AuditEntry[]> {
    const args = { limit: request.limit, before: request.before ?? "" };
    const [, ...reply] = await this.#scripts.run(scripts.readAudit, args);
    return toPairs(reply).map(([id, text]) => ({ id, text }));
  }
}
