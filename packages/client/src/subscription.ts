/** Follows what a server tells, over as many connections as it takes. */
import { LinkedAbort } from "./linked-abort.ts";
import { readServerSentEvents } from "./server-sent-events.ts";
import { wait } from "./retries.ts";

export interface SubscriptionParts {
  readonly connect: (connection: Connection) => Promise<Response>;
  readonly signal: AbortSignal | undefined;
  /** @defaultValue 60 seconds: servers say at least every 15 that they are still there */
  readonly idleMs?: number;
}

export interface Connection {
  /** The event to go on after, if there was one. */
  readonly lastEventId: string | undefined;
  readonly isFirst: boolean;
  /** Of this connection alone. */
  readonly signal: AbortSignal;
}

/** Until the server says otherwise. */
const RETRY_MS = 2_000;

/** The event by which a server says that it tells no more on this connection. */
const END = "end";

/**
 * Goes on after the last event whenever a connection ends, until the server says that there is nothing more
 * to tell. An event that was told is not told again, as far as events have ids.
 *
 * @throws what `connect` throws, and the signal's reason.
 */
export async function* follow<Event>(
  parts: SubscriptionParts,
): AsyncGenerator<Event, void, undefined> {
  const { connect, signal, idleMs = 60_000 } = parts;
  let lastEventId: string | undefined;
  let retryMs = RETRY_MS;
  for (let isFirst = true; ; isFirst = false) {
    const abort = new LinkedAbort(signal);
    try {
      const response = await connect({ lastEventId, isFirst, signal: abort.signal });
      // Nothing more will come: this is how browsers are told to stay away.
      if (response.status === 204 || !response.body) return;
      const onRetry = (ms: number): void => void (retryMs = ms);
      const events = readServerSentEvents(response.body, { idleMs, onRetry });
      for await (const event of untilBroken(events, signal)) {
        if (event.type === END) {
          if (isFinished(event.data)) return;
          break;
        }
        if (event.lastEventId !== "") ({ lastEventId } = event);
        yield JSON.parse(event.data) as Event;
      }
    } finally {
      abort.unlink();
    }
    // Those who were cut off together do not come back together.
    await wait(retryMs * (0.5 + Math.random() / 2), signal);
  }
}

/** A connection that breaks is an end like any other; one that the signal breaks is not. */
async function* untilBroken<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch(() => undefined);
      signal?.throwIfAborted();
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function isFinished(data: string): boolean {
  const { reason } = JSON.parse(data) as { readonly reason?: unknown };
  return reason === "finished";
}
