/** The feed of a workflow on Redis: a channel, and a stream as outbox. See docs/store.md. */
import type { Unsubscribe } from "../engine/ports/notices.ts";
import type {
  OutboxBatch,
  OutboxLosses,
  StatusChange,
  StatusFeed,
} from "../engine/ports/status-feed.ts";
import type { InstanceStatus } from "../model/status.ts";
import { feedChannel, parseStatusChange } from "./channels.ts";
import { toPairs } from "./redis-directory.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { RedisClient } from "./script-runner.ts";
import * as scripts from "./scripts.generated.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface RedisStatusFeedParts {
  readonly client: RedisClient;
  readonly subscriptions: Subscriptions;
  /** The hash tag of the workflow, braces included. */
  readonly tag: string;
}

export class RedisStatusFeed implements StatusFeed {
  readonly #scripts: ScriptRunner;
  readonly #subscriptions: Subscriptions;
  readonly #tag: string;

  constructor({ client, subscriptions, tag }: RedisStatusFeedParts) {
    this.#scripts = new ScriptRunner(client, tag);
    this.#subscriptions = subscriptions;
    this.#tag = tag;
  }

  async watch(watchMs: number): Promise<boolean> {
    const [, wasWatched] = await this.#scripts.run(scripts.watchFeed, { watchMs });
    return wasWatched === 1;
  }

  async listen(onChange: (change: StatusChange) => void, onGap: () => void): Promise<Unsubscribe> {
    const hear = (message: string): void => onChange(parseStatusChange(message));
    return await this.#subscriptions.listen(feedChannel(this.#tag), hear, onGap);
  }

  async keep(statuses: readonly InstanceStatus[]): Promise<void> {
    // Between two commas each, so that a script finds one without taking the text apart.
    const list = statuses.length === 0 ? "" : `,${statuses.join(",")},`;
    await this.#scripts.run(scripts.keepChanges, { statuses: list });
  }

  async take(request: Parameters<StatusFeed["take"]>[0]): Promise<OutboxBatch> {
    const [, lost, ...reply] = await this.#scripts.run(scripts.takeChanges, request);
    const losses = parseLosses(String(lost));
    return {
      entries: toPairs(reply).map(([id, text]) => ({ id, change: parseStatusChange(text) })),
      ...(losses && { losses }),
    };
  }

  async drop(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#scripts.run(scripts.dropChanges, { ids });
  }
}

/** @param text as lib/feed.lua keeps it; empty for none. */
export function parseLosses(text: string): OutboxLosses | undefined {
  const [count = 0, lastAt = 0] = text.split(" ").map(Number);
  return count > 0 ? { count, lastAt } : undefined;
}
