/** `step.waitForEvent`: the next event of a type that no other wait takes, or a timeout (I4). */
import { LimitExceededError } from "../../model/errors.ts";
import { encodeEntry } from "../../model/history.ts";
import { PARAMS_SIZE_LIMIT } from "../../model/limits.ts";
import type { Payload } from "../../model/payload.ts";
import { sizeOf } from "../../model/payload-size.ts";
import { validate } from "../../model/validation.ts";
import type { Schema } from "../../model/validation.ts";
import type { BufferedEvent } from "../ports/activations.ts";
import type { Run } from "../run.ts";
import type { AskedStep } from "../step-calls.ts";

export interface EventWait {
  readonly name: string;
  readonly eventType: string;
  readonly timeoutMs: number;
  /** What the payload has to be. */
  readonly schema: Schema | undefined;
}

export function askWaitForEvent(run: Run, wait: EventWait): Promise<unknown> {
  const asked = run.calls.ask("wait", wait.name);
  const promise = run.promiseOf(asked);
  if (!asked.state?.settlement) run.enter(asked, () => beginWait(run, wait, asked));
  return promise;
}

function beginWait(run: Run, wait: EventWait, asked: AskedStep): void {
  const { key, reference, state, isNested } = asked;
  // What was asked for first holds: changed code waits for the type and the instant on record.
  const eventType = state?.eventType ?? wait.eventType;
  const timeoutMs = state?.timeoutMs ?? wait.timeoutMs;
  if (!state) run.stage(encodeEntry({ type: "wait_started", ...reference, eventType, timeoutMs }));
  run.waits.add({
    key,
    isNested,
    eventType,
    lengthMs: timeoutMs,
    dueAt: () => {
      const known = run.timeline.steps.get(key);
      return known && run.timeline.dueAt(known);
    },
    onDue: () => {
      const entry = { type: "wait_timed_out", ...reference, timeoutMs } as const;
      run.stageSettlement(key, encodeEntry(entry));
    },
    onEvent: (event: BufferedEvent) => {
      if (wait.schema) void new EventCheck(run, asked, event).run(wait.schema);
      else settleWait(run, asked, event, { type: "wait_completed" });
    },
  });
  run.requestTurn();
}

/** What came of an event that a wait took. */
type WaitOutcome =
  | { readonly type: "wait_completed"; readonly validated?: Payload }
  | { readonly type: "wait_errored"; readonly refusal: Payload };

function settleWait(
  run: Run,
  { key, reference }: AskedStep,
  { at, seq, type: eventType, payload }: BufferedEvent,
  { type, ...outcome }: WaitOutcome,
): void {
  const entry = { type, ...reference, eventType, receivedAt: at, ...outcome } as const;
  run.stageSettlement(key, encodeEntry(entry, "payload", payload), { consumedEvent: seq });
}

/**
 * The check of an event by the schema of the wait that took it. What comes of it is recorded, so that no
 * replay checks again; an event that is refused is gone, and the wait fails.
 */
class EventCheck {
  readonly #run: Run;
  readonly #asked: AskedStep;
  readonly #event: BufferedEvent;

  constructor(run: Run, asked: AskedStep, event: BufferedEvent) {
    this.#run = run;
    this.#asked = asked;
    this.#event = event;
  }

  async run(schema: Schema): Promise<void> {
    const { validations, requestTurn } = this.#run;
    validations.begin(this.#asked.key, this.#event);
    const outcome = await this.#check(schema);
    if (validations.end(this.#asked.key, this.#event)) {
      settleWait(this.#run, this.#asked, this.#event, outcome);
    }
    requestTurn();
  }

  async #check(schema: Schema): Promise<WaitOutcome> {
    const { payload } = this.#event;
    const { codec } = this.#run.definition;
    try {
      const given = payload === undefined ? undefined : codec.decode(payload);
      const validated = codec.encode(await this.#validate(schema, given));
      if (sizeOf(validated) > PARAMS_SIZE_LIMIT) {
        throw new LimitExceededError("What the schema made of the event", PARAMS_SIZE_LIMIT);
      }
      const isAsSent = validated === (payload ?? codec.encode(undefined));
      return { type: "wait_completed", ...(!isAsSent && { validated }) };
    } catch (error) {
      return { type: "wait_errored", refusal: codec.encodeError(error) };
    }
  }

  async #validate(schema: Schema, value: unknown): Promise<unknown> {
    const { definition, clock, instanceId } = this.#run;
    const of = `workflow "${definition.name}", instance "${instanceId}"`;
    const what = `event "${this.#event.type}" for step "${this.#asked.reference.step}" of ${of}`;
    const subject = { code: "step.invalid_event", what } as const;
    return await validate(schema, value, subject, (ms, callback) => clock.after(ms, callback));
  }
}
