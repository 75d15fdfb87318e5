/** One instance as seen from outside: Cloudflare's `WorkflowInstance`, and what we add to it. */
import {
  EngineClosedError,
  InstanceNotFoundError,
  InvalidArgumentError,
  InvalidTransitionError,
  LimitExceededError,
  WorkflowEngineError,
} from "../model/errors.ts";
import { parseDuration } from "../model/duration.ts";
import type { WorkflowTimeoutDuration } from "../model/duration.ts";
import { PARAMS_SIZE_LIMIT } from "../model/limits.ts";
import { isValidEventType } from "../model/names.ts";
import { toInstanceError, toNamedMessage } from "../model/error-folding.ts";
import type { ErrorForm, NamedMessage } from "../model/error-folding.ts";
import { jsonView } from "../model/json-view.ts";
import type { Payload, PayloadCodec } from "../model/payload.ts";
import { sizeOf } from "../model/payload-size.ts";
import type { RollbackOutcome } from "../model/history.ts";
import type { InstanceStatus as StatusName } from "../model/status.ts";
import { isCalledBy } from "../engine/calling-code.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { CommandOutcome, OnceMark } from "../engine/ports/commands.ts";
import type { ActivationRequest } from "../engine/ports/dispatcher.ts";
import type { InstanceRecord } from "../engine/ports/instances.ts";
import type { Store } from "../engine/ports/store.ts";
import { InstanceLostError } from "../model/store-errors.ts";
import type { Absences, Sighting } from "./absences.ts";
import { WATCH_MS } from "./history-watches.ts";
import type { HistoryWatches } from "./history-watches.ts";
import { InstanceSubscription, PAGE_ENTRIES } from "./instance-subscription.ts";
import type { WorkflowInstanceSubscription } from "./instance-subscription.ts";
import { restartFrom, toRestartPoint } from "./restart-from.ts";
import type { WorkflowInstanceRestartOptions } from "./restart-from.ts";
import type { ResultWaiter } from "./result-waiter.ts";
import type { SchemaChecks } from "./schema-checks.ts";
import { resolveSubscribeOptions } from "./subscribe-options.ts";
import type { WorkflowInstanceSubscribeOptions } from "./subscribe-options.ts";

/** What an instance is doing, and how it ended. Cloudflare's shape. */
export interface InstanceStatus {
  status: StatusName;
  /** Present when `errored`. */
  error?: { name: string; message: string };
  /** What `run` returned; `null` until then. With `errors: "cloudflare"` its JSON rendering, as there. */
  output: unknown;
  /** How its rollback ended; `null` when there was none, or while it goes on. */
  rollback: {
    outcome: "complete" | "failed";
    /** What the step ended with that could not be rolled back. */
    error: { name: string; message: string } | null;
  } | null;
}

export interface InstanceParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly watches: HistoryWatches;
  readonly results: ResultWaiter;
  readonly codec: PayloadCodec;
  readonly errors: ErrorForm;
  readonly absences: Absences;
  readonly checks: SchemaChecks;
  /** Under which the commands are given that must not be given twice. */
  readonly once?: OnceMark | undefined;
  readonly dispatch: (requests: readonly ActivationRequest[]) => Promise<void>;
}

/** What is known of an event by its type: the type of its payload, from the schema of that type. */
export type WorkflowEventPayload<Events, Type extends string> = Type extends keyof Events
  ? undefined extends Events[Type]
    ? { payload?: Events[Type] }
    : { payload: Events[Type] }
  : { payload?: unknown };

export class WorkflowInstance<Output = unknown, Events = object> {
  readonly id: string;
  readonly #parts: InstanceParts;
  #sighting: Sighting | undefined;

  /** @param sighting When it was there, if it surely was. */
  constructor(id: string, parts: InstanceParts, sighting?: Sighting) {
    this.id = id;
    this.#parts = parts;
    this.#sighting = sighting;
  }

  /** @throws {@link InstanceNotFoundError} | {@link InstanceLostError} */
  async status(): Promise<InstanceStatus> {
    const { store, absences } = this.#parts;
    const record = await store.instances.get(this.id);
    if (!record) throw await absences.explain(this.id, this.#sighting);
    this.#sighting = absences.see(record);
    return toStatus(record, this.#parts);
  }

  /**
   * Ours. Resolves with what `run` returned, rejects with what it threw; waits without polling.
   *
   * @throws {@link WorkflowTimeoutError} (`result.timed_out`) after `timeout`; without one it waits for ever.
   * @throws {@link InstanceTerminatedError}
   * @throws {@link InstanceNotFoundError} when it was deleted, {@link InstanceLostError} when it was lost.
   */
  async result(options: { timeout?: WorkflowTimeoutDuration | number } = {}): Promise<Output> {
    const timeoutMs = options.timeout === undefined ? Infinity : parseDuration(options.timeout);
    if (!(timeoutMs >= 0)) {
      const given = `got \`${String(options.timeout)}\``;
      throw new InvalidArgumentError(
        "result.invalid_timeout",
        `\`timeout\` must be a duration, ${given}`,
      );
    }
    return (await this.#parts.results.wait(this.id, timeoutMs, this.#sighting)) as Output;
  }

  /** Lets running steps end and begins no other until {@link resume}. No effect on a finished instance. */
  async pause(): Promise<void> {
    await this.#command(this.#parts.store.commands.pause(this.id));
  }

  /** Goes on; timers are later by as long as it was paused. No effect unless paused or pausing. */
  async resume(): Promise<void> {
    await this.#command(this.#parts.store.commands.resume(this.id));
  }

  /**
   * Ends it at once; running steps get their signal aborted. With `rollback: true` its steps are rolled
   * back first, which this does not wait for. No effect on an instance that rolls back already.
   *
   * @throws {@link InvalidTransitionError} (`instance.cannot_terminate`) when it has ended already.
   */
  async terminate(options?: { rollback?: boolean }): Promise<void> {
    const { store } = this.#parts;
    // Only the literal counts, as at Cloudflare.
    const isRolledBack = options?.rollback === true;
    const sent = isRolledBack
      ? store.commands.rollBack(this.id)
      : store.commands.terminate(this.id);
    await this.#command(sent, (status) => {
      const sentence = "Cannot terminate instance since its on a finite state";
      return this.#refusal("instance.cannot_terminate", sentence, status);
    });
  }

  /**
   * Starts over with the same id and params, whatever its status. What it had recorded is gone; with `from`
   * only that step and what began after it. Events that no wait has taken are gone in any case. As at
   * Cloudflare.
   *
   * @throws {@link InvalidArgumentError} (`instance.invalid_restart`) when `from` breaks its rules,
   *   (`instance.cannot_restart`) when there is no such step on record.
   */
  async restart(options?: WorkflowInstanceRestartOptions): Promise<void> {
    const { store, once } = this.#parts;
    const point = toRestartPoint(options?.from);
    await this.#command(
      point ? restartFrom(store, this.id, point) : store.commands.restart(this.id, once),
    );
  }

  /** Removes it and all it recorded, and stops what runs. Its id is free again. Never returns to its own code. */
  async delete(): Promise<void> {
    const outcome = await this.#parts.store.commands.delete(this.id);
    if (outcome.type === "missing") {
      throw new InstanceNotFoundError(this.id, "Instance does not exist");
    }
    if (outcome.type === "done") await this.#parts.dispatch(outcome.requests);
    // Code that has removed its own instance has no say any more.
    if (isCalledBy(this.#parts.store, this.id)) await new Promise<never>(() => {});
  }

  /**
   * Sends an event to the first wait for its type, now or later (I4). Resolves when it is stored.
   *
   * @throws {@link InvalidTransitionError} (`instance.not_running`) when the instance has ended,
   *   {@link ValidationError} (`event.invalid`) when the schema of its type refuses the payload.
   */
  async sendEvent<const Type extends string>(
    event: { type: Type } & WorkflowEventPayload<Events, Type>,
  ): Promise<void> {
    const { type, payload: given } = event as {
      readonly type: unknown;
      readonly payload?: unknown;
    };
    if (!isValidEventType(type)) {
      const code = "workflow.invalid_event_type";
      const rule = "letters, digits, - and _, at most 100, not starting with -";
      throw new InvalidArgumentError(
        code,
        `(${code}) Event type \`${String(type)}\` is invalid: ${rule}`,
      );
    }
    const checked = this.#parts.checks.event(type, given);
    const payload = checked ? await checked : given;
    const encoded = payload === undefined ? undefined : this.#parts.codec.encode(payload);
    if (encoded !== undefined && sizeOf(encoded) > PARAMS_SIZE_LIMIT) {
      throw new LimitExceededError("The event's payload", PARAMS_SIZE_LIMIT);
    }
    const { store, once } = this.#parts;
    const sent = store.commands.sendEvent(
      this.id,
      { type, ...(encoded !== undefined && { payload: encoded }) },
      once,
    );
    await this.#command(sent, (status) => {
      const sentence = `Cannot send an event to instance "${this.id}": it is ${status}`;
      return this.#refusal("instance.not_running", sentence, status);
    });
  }

  /**
   * What happens to the instance: first what is on record, from the event after `cursor` on, then what
   * comes, without polling. It ends with the instance, and when it is deleted; a restart before that goes on
   * with higher ids. Cloudflare's, and works for finished instances until their retention is over.
   *
   * @throws {@link InvalidArgumentError} (`subscribe.invalid`) for an option that is not allowed.
   * @throws {@link InstanceNotFoundError} | {@link InstanceLostError} | {@link EngineClosedError}
   */
  async subscribe(
    options?: WorkflowInstanceSubscribeOptions,
  ): Promise<WorkflowInstanceSubscription> {
    const resolved = resolveSubscribeOptions(options);
    const { store, absences, watches } = this.#parts;
    if (watches.isClosed) throw new EngineClosedError();
    const request = { instanceId: this.id, from: 0, limit: PAGE_ENTRIES, watchMs: WATCH_MS };
    const page = await store.instances.readHistory(request);
    if (page)
      return new InstanceSubscription({ ...this.#parts, instanceId: this.id }, resolved, page);
    const reason = await absences.explain(this.id, this.#sighting);
    if (reason instanceof InstanceLostError) throw reason;
    throw new InstanceNotFoundError(this.id, "Instance does not exist");
  }

  #refusal(code: string, sentence: string, status: StatusName): InvalidTransitionError {
    return new InvalidTransitionError(code, sentence, { instanceId: this.id, status });
  }

  async #command(
    sent: Promise<CommandOutcome>,
    refuse?: (status: StatusName) => Error,
  ): Promise<void> {
    const outcome = await sent;
    if (outcome.type === "missing") {
      throw await this.#parts.absences.explain(this.id, this.#sighting);
    }
    if (outcome.type === "done") return await this.#parts.dispatch(outcome.requests);
    if (refuse) throw refuse(outcome.status);
  }
}

function toStatus(
  record: InstanceRecord,
  { codec, errors }: Pick<InstanceParts, "codec" | "errors">,
): InstanceStatus {
  const isFolded = errors === "cloudflare";
  const toNamed = (stored: Payload): NamedMessage => {
    const error = codec.decodeError(stored);
    return isFolded ? toInstanceError(error) : toNamedMessage(error);
  };
  // What the engine itself says of a rollback has crossed nothing.
  const toRollbackError = (stored: Payload): NamedMessage => {
    const error = codec.decodeError(stored);
    return WorkflowEngineError.is(error) ? toNamedMessage(error) : toNamed(stored);
  };
  const output = record.output === undefined ? null : codec.decode(record.output);
  return {
    // As at Cloudflare; counts and lists tell the two apart.
    status: record.status === "rollingBack" ? "running" : record.status,
    ...(record.error !== undefined && { error: toNamed(record.error) }),
    output: isFolded ? jsonView(output) : (output ?? null),
    rollback: record.rollback ? toRollback(record.rollback, toRollbackError) : null,
  };
}

function toRollback(
  ended: RollbackOutcome,
  toNamed: (stored: Payload) => NamedMessage,
): InstanceStatus["rollback"] {
  return {
    outcome: ended.outcome,
    error: ended.outcome === "failed" ? toNamed(ended.error) : null,
  };
}
