/**
 * API tokens: created for somebody, shown once, kept as a hash, revoked or expired.
 *
 * A token is `bwt_<id>_<secret>`. The id says which record to look at; of the secret, 32 random bytes, only
 * the SHA-256 is kept, which for that much randomness cannot be turned back or guessed. So whoever reads
 * Redis can use no token, and the time a comparison takes tells nothing.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

import {
  isValidNamespace,
  isValidWorkflowName,
  namespaceOf,
  openAccessLedger,
} from "bullmq-workflows/internal";
import type { AccessLedger } from "bullmq-workflows/internal";
import type { WorkflowEngine } from "bullmq-workflows";
import { ROLES } from "./principal.ts";
import type { Principal, Role } from "./principal.ts";

const TOKEN = /^bwt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

const NAME_LIMIT = 100;

/** What a new token is for. */
export interface TokenOptions {
  /** For people: whose it is, or what for. At most 100 characters. */
  readonly name: string;
  readonly role: Role;
  /** The namespaces that it opens. @defaultValue the engine's own */
  readonly namespaces?: readonly string[] | "all";
  /** The workflows in them that it opens. @defaultValue "all" */
  readonly workflows?: readonly string[] | "all";
  /** When it stops working. @defaultValue never */
  readonly expiresAt?: Date;
}

/** A token as it is listed: everything but its secret. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly namespaces: readonly string[] | "all";
  readonly workflows: readonly string[] | "all";
  readonly createdAt: Date;
  readonly expiresAt?: Date;
}

interface StoredToken extends Omit<TokenInfo, "createdAt" | "expiresAt"> {
  /** Hexadecimal. */
  readonly hash: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
}

/** Creates, lists and revokes tokens. They are those of all namespaces under the engine's prefix. */
export class Tokens {
  readonly #ledger: AccessLedger;
  readonly #namespace: string;

  /** @param namespace what a token is for that says nothing. */
  constructor(ledger: AccessLedger, namespace: string) {
    this.#ledger = ledger;
    this.#namespace = namespace;
  }

  /**
   * Creates a token. Its text is told here and never again.
   *
   * @throws TypeError when an option breaks its rule.
   */
  async create(
    options: TokenOptions,
  ): Promise<{ readonly token: string; readonly info: TokenInfo }> {
    const { name, role, namespaces = [this.#namespace], workflows = "all", expiresAt } = options;
    checkOptions({ ...options, namespaces, workflows });
    const id = randomBytes(8).toString("hex");
    const token = `bwt_${id}_${randomBytes(32).toString("base64url")}`;
    const stored: StoredToken = {
      id,
      name,
      role,
      namespaces,
      workflows,
      hash: hashOf(token).toString("hex"),
      createdAt: Date.now(),
      ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    };
    await this.#ledger.putToken(id, JSON.stringify(stored));
    return { token, info: toInfo(stored) };
  }

  /** Those that have expired too, until they are revoked. Oldest first. */
  async list(): Promise<readonly TokenInfo[]> {
    const stored = [...(await this.#ledger.tokens()).values()].map(parse);
    return stored.toSorted((a, b) => a.createdAt - b.createdAt).map(toInfo);
  }

  /** Answers whether there was such a token. From the next call on it opens nothing. */
  async revoke(tokenId: string): Promise<boolean> {
    return await this.#ledger.removeToken(tokenId);
  }

  /** Whether any token was created and not revoked: then nobody is let in without one. */
  async areConfigured(): Promise<boolean> {
    return (await this.#ledger.tokenCount()) > 0;
  }

  /** Who has this token; `undefined` when it is none, or works no more. */
  async verify(token: string): Promise<Principal | undefined> {
    const [, id] = TOKEN.exec(token) ?? [];
    const text = id === undefined ? undefined : await this.#ledger.token(id);
    const stored = text === undefined ? undefined : parse(text);
    // Hashed and compared in any case, so that time does not tell which ids exist.
    const known = Buffer.from(stored?.hash ?? "0".repeat(64), "hex");
    const isEqual = timingSafeEqual(hashOf(token), known);
    if (!stored || !isEqual || isExpired(stored)) return undefined;
    const { role, namespaces, workflows } = stored;
    return { name: `token:${stored.id}`, role, namespaces, workflows };
  }
}

/** The tokens of an engine's prefix, for a command line, or a page of your own. */
export function openTokens(engine: WorkflowEngine<never>): Tokens {
  return new Tokens(openAccessLedger(engine), namespaceOf(engine));
}

function checkOptions(options: Required<Omit<TokenOptions, "expiresAt">> & TokenOptions): void {
  const { name, role, namespaces, workflows, expiresAt } = options;
  const checks: readonly (readonly [isRight: boolean, rule: string, given: unknown])[] = [
    [isText(name), `\`name\` to be a text of 1 to ${NAME_LIMIT} characters`, name],
    [ROLES.includes(role), `\`role\` to be one of ${ROLES.join(", ")}`, role],
    [isScope(namespaces, isValidNamespace), '`namespaces` to be names, or "all"', namespaces],
    [isScope(workflows, isValidWorkflowName), '`workflows` to be names, or "all"', workflows],
    [
      expiresAt === undefined || expiresAt.getTime() > Date.now(),
      "`expiresAt` to be a Date in the future",
      expiresAt,
    ],
  ];
  const broken = checks.find(([isRight]) => !isRight);
  if (broken) throw new TypeError(`Expected ${broken[1]}, got \`${String(broken[2])}\``);
}

function isText(name: unknown): boolean {
  return typeof name === "string" && name.length > 0 && name.length <= NAME_LIMIT;
}

function isScope(scope: unknown, isName: (name: unknown) => boolean): boolean {
  return scope === "all" || (Array.isArray(scope) && scope.length > 0 && scope.every(isName));
}

function isExpired({ expiresAt }: StoredToken): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function parse(text: string): StoredToken {
  return JSON.parse(text) as StoredToken;
}

function toInfo(stored: StoredToken): TokenInfo {
  const { id, name, role, namespaces, workflows, createdAt, expiresAt } = stored;
  return {
    id,
    name,
    role,
    namespaces,
    workflows,
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}
