/** Checks params and event payloads with the schemas that the workflow was registered with. */
import type { Clock } from "../engine/ports/clock.ts";
import { validate } from "../model/validation.ts";
import type { Schema } from "../model/validation.ts";
import type { ValidationSubject } from "../model/validation-error.ts";

interface WorkflowSchemas {
  readonly params?: Schema;
  /** By event type. */
  readonly events?: Readonly<Record<string, Schema>>;
}

export interface SchemaChecksParts extends WorkflowSchemas {
  readonly workflow: string;
  readonly clock: Clock;
}

export class SchemaChecks {
  readonly #parts: SchemaChecksParts;

  constructor(parts: SchemaChecksParts) {
    this.#parts = parts;
  }

  get hasParams(): boolean {
    return this.#parts.params !== undefined;
  }

  /**
   * What `run` is to get; `undefined` when there is nothing to check.
   *
   * @param entry which one of a batch.
   * @throws {@link ValidationError}
   */
  params(value: unknown = {}, entry?: number): Promise<unknown> | undefined {
    const { workflow, params } = this.#parts;
    if (!params) return undefined;
    const place = entry === undefined ? "" : ` (entry ${entry} of the batch)`;
    const what = `params of workflow "${workflow}"${place}`;
    return this.#check(params, value, { code: "params.invalid", what });
  }

  /** What is to be delivered; `undefined` when there is nothing to check. @throws {@link ValidationError} */
  event(type: string, payload: unknown): Promise<unknown> | undefined {
    const { workflow, events = {} } = this.#parts;
    const schema = Object.hasOwn(events, type) ? events[type] : undefined;
    if (!schema) return undefined;
    const what = `payload of event "${type}" to workflow "${workflow}"`;
    return this.#check(schema, payload, { code: "event.invalid", what });
  }

  async #check(schema: Schema, value: unknown, subject: ValidationSubject): Promise<unknown> {
    const { clock } = this.#parts;
    return await validate(schema, value, subject, (ms, callback) => clock.after(ms, callback));
  }
}
