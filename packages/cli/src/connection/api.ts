/** The REST API as commands call it, over HTTP or in this process: its client, with errors for people. */
import {
  WorkflowsApiError,
  WorkflowsClient,
  WorkflowsConnectionError,
} from "@bullmq-workflows/client";
import type {
  CallArguments,
  CallOptions,
  ClientOptions,
  ItemOf,
  ListId,
  OperationId,
  Page,
  PartsOf,
  ResultOf,
} from "@bullmq-workflows/client";
import { CommandError, UsageError } from "../command.ts";
import { explain, explainOther, explainUnreachable } from "./api-failure.ts";

export interface ApiParts extends ClientOptions {
  /** For people: where this is. */
  readonly place: string;
  /** What went wrong last behind it, where that is known. */
  readonly lastError?: () => unknown;
}

export class Api {
  readonly place: string;
  readonly #client: WorkflowsClient;
  readonly #lastError: () => unknown;

  constructor({ place, lastError = () => undefined, ...options }: ApiParts) {
    this.place = place;
    this.#client = new WorkflowsClient(options);
    this.#lastError = lastError;
  }

  /** @throws {@link CommandError} saying what was refused, and what to do. */
  async call<Id extends OperationId>(operation: Id, parts: PartsOf<Id>): Promise<ResultOf<Id>> {
    return await this.#explaining(parts, async () => {
      return await this.#client.call(operation, ...toArguments<Id>(parts));
    });
  }

  /** A page of a list, with what is said about it. @throws {@link CommandError} */
  async page<Id extends ListId>(operation: Id, parts: PartsOf<Id>): Promise<Page<ItemOf<Id>>> {
    return await this.#explaining(parts, async () => {
      return await this.#client.list(operation, ...toArguments<Id>(parts)).first();
    });
  }

  /** An answer that comes piece by piece. @throws {@link CommandError} when it is refused. */
  async open<Id extends OperationId>(
    operation: Id,
    parts: PartsOf<Id>,
    options: CallOptions,
  ): Promise<Response> {
    return await this.#explaining(parts, async () => {
      return await this.#client.response(operation, ...toArguments<Id>(parts, options));
    });
  }

  async #explaining<T>(parts: unknown, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#explain(error, parts as { readonly path?: Readonly<Record<string, string>> });
    }
  }

  #explain(
    error: unknown,
    { path = {} }: { readonly path?: Readonly<Record<string, string>> },
  ): unknown {
    const { place } = this;
    if (error instanceof WorkflowsApiError) {
      const cause = error.status >= 500 ? this.#lastError() : undefined;
      return explain({ status: error.status, errors: error.errors, path, place, cause });
    }
    // A name or an id that no URL can have, such as "..".
    if (error instanceof TypeError) return new UsageError(error.message, { cause: error });
    if (!(error instanceof WorkflowsConnectionError)) return error;
    const { cause, isTimeout } = error;
    if (cause instanceof CommandError) return cause;
    if (cause instanceof SyntaxError) return explainOther(place);
    return explainUnreachable(isTimeout ? new Error("it does not answer") : cause, place);
  }
}

/** The client lets parts be left out where none has to be there; here they are always given. */
function toArguments<Id extends OperationId>(
  parts: PartsOf<Id>,
  options: CallOptions = {},
): CallArguments<Id> {
  return [parts, options] as unknown as CallArguments<Id>;
}
