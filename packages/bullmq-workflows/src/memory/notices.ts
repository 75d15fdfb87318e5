/**
 * What the store tells its listeners, as Redis's publish/subscribe would: after the fact, once, and
 * not at all while they are disconnected.
 */
import type {
  ConnectionListener,
  ControlMessage,
  EndNotice,
  Unsubscribe,
} from "../engine/ports/notices.ts";
import type { StatusChange } from "../engine/ports/status-feed.ts";

export type ControlListener = (message: ControlMessage) => void;

export interface FinishedListener {
  readonly onFinished: (notice: EndNotice) => void;
  readonly onGap: () => void;
}

export interface FeedListener {
  readonly onChange: (change: StatusChange) => void;
  readonly onGap: () => void;
}

export class Notices {
  readonly #control = new Map<string, Set<ControlListener>>();
  readonly #finished = new Set<FinishedListener>();
  readonly #feed = new Set<FeedListener>();
  readonly #history = new Map<string, Set<() => void>>();
  readonly #connection = new Set<ConnectionListener>();
  #isConnected = true;

  addControl(workerId: string, listener: ControlListener): Unsubscribe {
    const listeners = this.#control.get(workerId) ?? new Set();
    this.#control.set(workerId, listeners);
    return subscribe(listeners, (message) => listener(message));
  }

  addFinished(listener: FinishedListener): Unsubscribe {
    return subscribe(this.#finished, { ...listener });
  }

  addFeed(listener: FeedListener): Unsubscribe {
    return subscribe(this.#feed, { ...listener });
  }

  addHistory(instanceId: string, onChange: () => void): Unsubscribe {
    const listeners = this.#history.get(instanceId) ?? new Set();
    this.#history.set(instanceId, listeners);
    return subscribe(listeners, () => onChange());
  }

  addConnection(listener: ConnectionListener): Unsubscribe {
    return subscribe(this.#connection, { ...listener });
  }

  sendControl(workerId: string, message: ControlMessage): void {
    this.#tell(this.#control.get(workerId), (listener) => listener(message));
  }

  sendFinished(notice: EndNotice): void {
    this.#tell(this.#finished, (listener) => listener.onFinished(notice));
  }

  sendChange(change: StatusChange): void {
    this.#tell(this.#feed, (listener) => listener.onChange(change));
  }

  sendHistory(instanceId: string): void {
    this.#tell(this.#history.get(instanceId), (onChange) => onChange());
  }

  disconnect(): void {
    this.#isConnected = false;
  }

  reconnect(): void {
    this.#isConnected = true;
    this.#tell(this.#finished, (listener) => listener.onGap());
    this.#tell(this.#feed, (listener) => listener.onGap());
    for (const instanceId of this.#history.keys()) this.sendHistory(instanceId);
  }

  /** For tests: what a store is told whose way to Redis breaks. Calls arrive all the same. */
  loseConnection(): void {
    this.disconnect();
    for (const listener of this.#connection) listener.onLost();
  }

  regainConnection(): void {
    this.reconnect();
    this.#tell(this.#connection, (listener) => listener.onBack());
  }

  #tell<T>(listeners: ReadonlySet<T> | undefined, tell: (listener: T) => void): void {
    if (listeners === undefined || !this.#isConnected) {
      return;
    }
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) {
          tell(listener);
        }
      });
    }
  }
}

// The set gets an object of its own per subscription, so that one listener may subscribe twice.
function subscribe<T>(listeners: Set<T>, listener: T): Unsubscribe {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
