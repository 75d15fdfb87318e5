/** What a store hears without asking: over the channels of its workflow, and from its connection. */
import type {
  ConnectionListener,
  ControlMessage,
  EndNotice,
  NoticeStore,
  Unsubscribe,
} from "../engine/ports/notices.ts";
import type { Barrier } from "../model/barrier.ts";
import {
  finishedChannel,
  historyChannel,
  parseControlMessage,
  parseEndNotice,
  workerChannel,
} from "./channels.ts";
import { watchConnection } from "./connection-watch.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface RedisNoticesParts {
  readonly client: RedisClient;
  readonly subscriptions: Subscriptions;
  readonly tag: string;
  /** What has to hold before anybody outside learns how an instance ended. */
  readonly barrier: Barrier;
}

export class RedisNotices implements NoticeStore {
  readonly #client: RedisClient;
  readonly #subscriptions: Subscriptions;
  readonly #tag: string;
  readonly #barrier: Barrier;
  readonly #unsubscribes = new Set<Unsubscribe>();

  constructor({ client, subscriptions, tag, barrier }: RedisNoticesParts) {
    this.#client = client;
    this.#subscriptions = subscriptions;
    this.#tag = tag;
    this.#barrier = barrier;
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    const onMessage = (message: string): void => listener(parseControlMessage(message));
    // What a worker may have missed, its next renewal brings.
    return await this.#listen(workerChannel(this.#tag, workerId), onMessage, () => undefined);
  }

  async onFinished(listener: (notice: EndNotice) => void, onGap: () => void): Promise<Unsubscribe> {
    const hear = (message: string): void => {
      const notice = parseEndNotice(message);
      // It was told before the barrier held. Who has to read it waits for that.
      listener(this.#barrier === "memory" ? notice : { instanceId: notice.instanceId });
    };
    return await this.#listen(finishedChannel(this.#tag), hear, onGap);
  }

  async onHistory(instanceId: string, onChange: () => void): Promise<Unsubscribe> {
    return await this.#listen(historyChannel(this.#tag, instanceId), onChange, onChange);
  }

  onConnection(listener: ConnectionListener): Unsubscribe {
    return this.#keep(watchConnection(this.#client, listener));
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#unsubscribes.clear();
  }

  async #listen(...parameters: Parameters<Subscriptions["listen"]>): Promise<Unsubscribe> {
    return this.#keep(await this.#subscriptions.listen(...parameters));
  }

  #keep(unsubscribe: Unsubscribe): Unsubscribe {
    this.#unsubscribes.add(unsubscribe);
    return () => {
      this.#unsubscribes.delete(unsubscribe);
      unsubscribe();
    };
  }
}
