/** Any operation by its id, with the types that the server's document gives it. */
import type { Operations } from "./api.generated.ts";
import { OPERATIONS } from "./api.generated.ts";
import { WorkflowsConnectionError } from "./errors.ts";
import { Pages } from "./pages.ts";
import type { Page, Place } from "./pages.ts";
import { follow } from "./subscription.ts";
import type { SubscriptionParts } from "./subscription.ts";
import { Transport } from "./transport.ts";
import type { CallOptions, ClientOptions } from "./transport.ts";
import type { Parts } from "./url.ts";

export type OperationId = keyof Operations;

/** Path, query and body of an operation, as far as it has them. */
export type PartsOf<Id extends OperationId> = Operations[Id]["parts"];

export type ResultOf<Id extends OperationId> = Operations[Id]["result"];

/** Operations whose result is a list. */
export type ListId = {
  [Id in OperationId]: ResultOf<Id> extends readonly unknown[]
    ? PartsOf<Id> extends { readonly body: unknown }
      ? never
      : Id
    : never;
}[OperationId];

/** Operations that tell events, one after the other. */
export type EventsId = {
  [Id in OperationId]: [Operations[Id]["event"]] extends [never] ? never : Id;
}[OperationId];

export type EventOf<Id extends EventsId> = Operations[Id]["event"];

export type ItemOf<Id extends ListId> = ResultOf<Id> extends readonly (infer Item)[] ? Item : never;

/** The parts may be left out when none of them has to be there. */
export type CallArguments<Id extends OperationId> =
  object extends PartsOf<Id>
    ? [parts?: PartsOf<Id>, options?: CallOptions]
    : [parts: PartsOf<Id>, options?: CallOptions];

export class Caller {
  readonly #transport: Transport;

  /** @throws TypeError when an option breaks its rule. */
  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
  }

  /**
   * Calls an operation and answers its result.
   *
   * @throws {@link WorkflowsApiError} when the server refuses or fails, {@link WorkflowsConnectionError}
   *   when there is no answer, the reason of `signal` when that is aborted.
   */
  async call<Id extends OperationId>(
    operation: Id,
    ...[parts = {}, options = {}]: CallArguments<Id>
  ): Promise<ResultOf<Id>> {
    const body = await this.#transport.json({ operation, parts, options });
    if (OPERATIONS[operation].isBare) return body as ResultOf<Id>;
    return toEnvelope(operation, body).result as ResultOf<Id>;
  }

  /** A list, whose pages are asked for as they are needed. */
  list<Id extends ListId>(
    operation: Id,
    ...[given = {}, options = {}]: CallArguments<Id>
  ): Pages<ItemOf<Id>> {
    const parts = given as Parts;
    return new Pages(async (place) => {
      const placed = { ...parts, query: toQuery(parts.query, place) };
      const body = await this.#transport.json({ operation, parts: placed, options });
      const { result, result_info: info } = toEnvelope(operation, body);
      const items = result as readonly ItemOf<Id>[];
      const count = items.length;
      return {
        result: items,
        result_info: info ?? { count, per_page: count, total_count: count },
      };
    });
  }

  /**
   * Follows what an operation tells, for as long as there is something to tell. Whenever the connection ends
   * it connects again, however long that takes, and goes on where it was, as far as events have ids.
   */
  events<Id extends EventsId>(
    operation: Id,
    ...[given, options = {}]: CallArguments<Id>
  ): AsyncGenerator<EventOf<Id>, void, undefined> {
    const parts: Parts = given ?? {};
    const connect: SubscriptionParts["connect"] = async ({ lastEventId, isFirst, signal }) =>
      await this.#transport.response({
        operation,
        parts,
        options: {
          ...(!isFirst && { retries: Infinity }),
          ...options,
          signal,
          headers: {
            ...options.headers,
            accept: "text/event-stream",
            ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
          },
        },
      });
    return follow({ connect, signal: options.signal });
  }

  /** Calls an operation and answers the response itself, as soon as it begins: for streams. */
  async response<Id extends OperationId>(
    operation: Id,
    ...[parts = {}, options = {}]: CallArguments<Id>
  ): Promise<Response> {
    return await this.#transport.response({ operation, parts, options });
  }
}

type Envelope = {
  readonly result: unknown;
  readonly result_info?: Page<unknown>["result_info"];
};

function toEnvelope(operation: OperationId, body: unknown): Envelope {
  if (typeof body === "object" && body !== null && "result" in body) return body;
  const message = `${operation}: what answered is no server of BullMQ Workflows`;
  throw new WorkflowsConnectionError(message, { isTimeout: false, attempts: 1 });
}

/** A page is found by its number or by a cursor, not by both. */
function toQuery(
  query: Parts["query"],
  place: Place | undefined,
): Readonly<Record<string, unknown>> {
  if (!place) return query ?? {};
  const { page: _page, cursor: _cursor, ...rest } = query ?? {};
  return { ...rest, ...place };
}
