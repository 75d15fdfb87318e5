/**
 * The changes of status in all workflows of a namespace: heard once, whoever and however many listen.
 *
 * Each workflow is heard by itself. Which there are is looked up now and then while anybody listens; one that
 * is new is told of as something to look at, because it may have had instances before.
 */
import type { Namespace, StatusChange } from "bullmq-workflows/internal";

/** How often it looks for new workflows. */
const LOOK_EVERY_MS = 5_000;

export interface NamespaceListener {
  readonly onChange: (workflow: string, change: StatusChange) => void;
  readonly onGap: (workflow: string) => void;
  readonly onNew: (workflow: string) => void;
}

interface Session {
  readonly opened: Promise<void>;
  readonly leaves: Map<string, () => void>;
  timer: NodeJS.Timeout | undefined;
  isOver: boolean;
}

export interface NamespaceFeedParts {
  readonly namespace: Namespace;
  readonly onError: (error: unknown) => void;
}

export class NamespaceFeed {
  readonly #parts: NamespaceFeedParts;
  readonly #listeners = new Set<NamespaceListener>();
  #session: Session | undefined;

  constructor(parts: NamespaceFeedParts) {
    this.#parts = parts;
  }

  /** Resolves, with how to leave, once nothing is missed of the workflows that there are. */
  async join(listener: NamespaceListener): Promise<() => void> {
    this.#listeners.add(listener);
    const session = (this.#session ??= this.#open());
    const leave = (): void => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0 && this.#session === session) this.#shut(session);
    };
    try {
      await session.opened;
    } catch (error) {
      if (this.#session === session) this.#shut(session);
      leave();
      throw error;
    }
    return leave;
  }

  #open(): Session {
    const leaves = new Map<string, () => void>();
    const session: Session = {
      leaves,
      isOver: false,
      timer: undefined,
      opened: Promise.resolve().then(async () => await this.#look(session, () => undefined)),
    };
    session.timer = setInterval(() => {
      const onNew = (workflow: string): void => {
        for (const listener of this.#listeners) listener.onNew(workflow);
      };
      this.#look(session, onNew).catch(this.#parts.onError);
    }, LOOK_EVERY_MS);
    session.timer.unref();
    return session;
  }

  async #look(session: Session, onNew: (workflow: string) => void): Promise<void> {
    const { namespace } = this.#parts;
    const records = await namespace.directory.workflows();
    const joining = records
      .filter(({ name }) => !session.leaves.has(name))
      .map(async (record) => {
        const { name } = record;
        // Taken at once: the next look must not join it too.
        session.leaves.set(name, () => undefined);
        try {
          const leave = await namespace.open(record).feed.join({
            onChange: (change) => {
              for (const listener of this.#listeners) listener.onChange(name, change);
            },
            onGap: () => {
              for (const listener of this.#listeners) listener.onGap(name);
            },
          });
          session.leaves.set(name, leave);
          if (session.isOver) leave();
          else onNew(name);
        } catch (error) {
          session.leaves.delete(name);
          throw error;
        }
      });
    await Promise.all(joining);
  }

  #shut(session: Session): void {
    session.isOver = true;
    clearInterval(session.timer);
    for (const leave of session.leaves.values()) leave();
    this.#session = undefined;
  }
}
