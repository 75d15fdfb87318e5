import { WorkflowEngineError } from "./errors.ts";

/** Thrown when a value cannot be stored so that it would come back as it went in. */
export class UnserializableValueError extends WorkflowEngineError {
  /** Where in the value, from its root `$`: `$.lines[3].callback`. */
  readonly path: string;
  /** What is wrong there, as the end of a sentence: `is a function`. */
  readonly reason: string;

  static {
    Object.defineProperty(this.prototype, "name", { value: "UnserializableValueError" });
  }

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super("payload.unserializable", `Cannot store this value: ${path} ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}
