import { WorkflowEngineError } from "./errors.ts";

interface UnserializableOptions extends ErrorOptions {
  readonly offender?: unknown;
}

/** Thrown when a value cannot be stored so that it would come back as it went in. */
export class UnserializableValueError extends WorkflowEngineError {
  /** Where in the value, from its root `$`: `$.lines[3].callback`. */
  readonly path: string;
  /** What is wrong there, as the end of a sentence: `is a function`. */
  readonly reason: string;

  readonly #offender: unknown;

  static {
    Object.defineProperty(this.prototype, "name", { value: "UnserializableValueError" });
  }

  constructor(path: string, reason: string, options: UnserializableOptions = {}) {
    const { offender, ...errorOptions } = options;
    super("payload.unserializable", `Cannot store this value: ${path} ${reason}`, errorOptions);
    this.#offender = offender;
    this.path = path;
    this.reason = reason;
  }

  /** What stands at the path; not part of what is stored of this error. */
  get offender(): unknown {
    return this.#offender;
  }
}
