/** What a store hears without asking: over the channels of its workflow, and from its connection. */
import type { ConnectionListener, ControlMessage, Unsubscribe } from "../engine/ports.ts";
import { finishedChannel, historyChannel, parseControlMessage, workerChannel } from "./channels.ts";
import { watchConnection } from "./connection-watch.ts";
import type { RedisClient } from "./script-runner.ts";
import type { Subscriptions } from "./subscriptions.ts";

export class Notices {
  readonly #client: RedisClient;
  readonly #subscriptions: Subscriptions;
  readonly #tag: string;
  readonly #unsubscribes = new Set<Unsubscribe>();

  constructor(client: RedisClient, subscriptions: Subscriptions, tag: string) {
    this.#client = client;
    this.#subscriptions = subscriptions;
    this.#tag = tag;
  }

  async onControl(
    workerId: string,
    listener: (message: ControlMessage) => void,
  ): Promise<Unsubscribe> {
    const onMessage = (message: string): void => listener(parseControlMessage(message));
    // What a worker may have missed, its next renewal brings.
    return await this.#listen(workerChannel(this.#tag, workerId), onMessage, () => undefined);
  }

  async onFinished(
    listener: (instanceId: string) => void,
    onGap: () => void,
  ): Promise<Unsubscribe> {
    return await this.#listen(finishedChannel(this.#tag), listener, onGap);
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
