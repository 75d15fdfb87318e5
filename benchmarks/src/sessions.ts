/**
 * Who has which session. Each workload gets new ones, so that none pays for what another left behind;
 * when it must be quick, the usual arrangement is set up once for all.
 */
import { loadEngine } from "./engines/index.ts";
import type { EngineName } from "./engines/index.ts";
import type { EngineFacts } from "./report/report.ts";
import { Session } from "./session.ts";
import { startStore } from "./stores/index.ts";
import { findSpreadNames } from "./stores/redis-cluster.ts";
import type { Store } from "./stores/store.ts";
import type { Variant } from "./workload.ts";

export class Sessions {
  readonly #isShared: boolean;
  readonly #usual = new Map<EngineName, Session>();
  readonly #open = new Set<Session>();
  #opening: Promise<Session> | undefined;
  readonly #facts = new Map<EngineName, EngineFacts>();

  constructor({ isShared }: { isShared: boolean }) {
    this.#isShared = isShared;
  }

  /** What is known of the engines that ran. */
  get facts(): readonly EngineFacts[] {
    return [...this.#facts.values()];
  }

  async open(engine: EngineName, variant: Variant): Promise<Session> {
    if (!this.#isUsual(variant)) return await this.#start(engine, variant);
    const session = this.#usual.get(engine) ?? (await this.#start(engine, variant));
    this.#usual.set(engine, session);
    return session;
  }

  /** Whoever is done with a session gives it back. */
  async release(session: Session, hasFailed: boolean): Promise<void> {
    const isKept = this.#usual.get(session.engine) === session;
    if (isKept && !hasFailed) return;
    if (isKept) this.#usual.delete(session.engine);
    await this.#end(session);
  }

  /** Ends all of them, also those that are in use and one that is about to be. */
  async close(): Promise<void> {
    this.#usual.clear();
    await this.#opening?.catch(() => undefined);
    await Promise.all([...this.#open].map(async (session) => await this.#end(session)));
  }

  async #end(session: Session): Promise<void> {
    await session.close();
    this.#open.delete(session);
  }

  #isUsual({ workers = 1, redis, clusterNodes }: Variant): boolean {
    return this.#isShared && workers === 1 && redis === undefined && clusterNodes === undefined;
  }

  async #start(name: EngineName, variant: Variant): Promise<Session> {
    const opening = this.#launch(name, variant);
    this.#opening = opening;
    const session = await opening;
    this.#open.add(session);
    return session;
  }

  async #launch(name: EngineName, variant: Variant): Promise<Session> {
    const engine = await loadEngine(name);
    const store = await startStore(engine.store, variant);
    if (!this.#facts.has(name)) {
      this.#facts.set(name, { name, about: engine.about, store: store.description });
    }
    const workflows = await namesFor(store);
    const { workers = 1 } = variant;
    return await Session.open(name, store, { workers, workflows });
  }
}

async function namesFor({ address }: Store): Promise<readonly string[]> {
  const [port] = address.clusterPorts ?? [];
  return port === undefined ? ["bench"] : await findSpreadNames(port);
}
