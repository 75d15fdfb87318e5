/** An instance as people and programs outside look at it: what happens to it, and all that is on record of it. */
import { openStoredStream } from "../engine/stored-stream.ts";
import type { HistoryPage } from "../engine/ports/history.ts";
import type { Store } from "../engine/ports/store.ts";
import { InstanceNotFoundError } from "../model/errors.ts";
import type { StreamReference } from "../model/history.ts";
import { observeEntry } from "../model/observed-entry.ts";
import type { ObservedEntry } from "../model/observed-entry.ts";
import { observeValues } from "../model/observed-values.ts";
import { createWorkflowCodec } from "../model/payload.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { StepOutputCorruptError } from "../model/store-errors.ts";
import { WATCH_MS } from "./history-watches.ts";
import { InstanceSubscription, PAGE_ENTRIES } from "./instance-subscription.ts";
import type { SubscriptionParts, WorkflowInstanceSubscription } from "./instance-subscription.ts";
import { resolveSubscribeOptions } from "./subscribe-options.ts";
import type { WorkflowInstanceSubscribeOptions } from "./subscribe-options.ts";

/** How workflows of any kind have stored values and errors; errors read as at Cloudflare. */
export const OBSERVER: { readonly codec: PayloadCodec; readonly errors: "cloudflare" } = {
  codec: createWorkflowCodec({}, "cloudflare"),
  errors: "cloudflare",
};

const values = observeValues(OBSERVER);

/**
 * The events of an instance, on record and to come. Of a stream its preview is seen.
 *
 * @throws {@link InvalidArgumentError} | {@link InstanceNotFoundError}
 */
export async function observeInstance(
  parts: Omit<SubscriptionParts, "codec" | "errors" | "streams">,
  options: WorkflowInstanceSubscribeOptions,
): Promise<WorkflowInstanceSubscription> {
  const resolved = resolveSubscribeOptions(options);
  const { store, instanceId } = parts;
  const request = { instanceId, from: 0, limit: PAGE_ENTRIES, watchMs: WATCH_MS };
  const page = await store.instances.readHistory(request);
  if (!page) throw new InstanceNotFoundError(instanceId, "Instance does not exist");
  return new InstanceSubscription({ ...parts, ...OBSERVER, streams: "previewed" }, resolved, page);
}

/** A part of a history, as it may be seen. */
export interface ObservedHistory extends Pick<HistoryPage, "createdAt" | "edition" | "length"> {
  readonly entries: readonly ObservedEntry[];
}

/** From the entry after the first `from` ones on, at most `limit`; `undefined` when there is no such instance. */
export async function readObservedHistory(
  store: Pick<Store, "instances" | "streams">,
  request: { readonly instanceId: string; readonly from: number; readonly limit: number },
): Promise<ObservedHistory | undefined> {
  const page = await store.instances.readHistory(request);
  if (!page) return undefined;
  const { createdAt, edition, length, result } = page;
  const entries = page.entries.map(({ at, text }, offset) =>
    observeEntry({ index: request.from + offset + 1, at, text, result }, values),
  );
  return { createdAt, edition, length, entries };
}

/** The bytes of a stream that a step returned. Whoever stops reading says so by `isOver`. */
export function openObservedStream(
  parts: Pick<SubscriptionParts, "store" | "clock" | "instanceId"> & {
    readonly isOver: () => boolean;
  },
  { reference, step }: { readonly reference: StreamReference; readonly step: string },
): ReadableStream<Uint8Array> {
  const explain = (): Error => new StepOutputCorruptError();
  return openStoredStream({ ...parts, explain }, reference, step);
}
