import { InvalidArgumentError } from "./errors.ts";
import { formatPath } from "./payload-path.ts";

/** What a schema has against a value, and where in it. */
export interface ValidationIssue {
  readonly message: string;
  /** Keys and indices from the value's root; empty for the value as a whole. */
  readonly path: readonly (string | number)[];
}

/** What was to be checked, for messages. */
export interface ValidationSubject {
  readonly code: "params.invalid" | "event.invalid" | "step.invalid_event";
  /** In a sentence: `params of workflow "orders"`. */
  readonly what: string;
}

/** Either what the schema says, or why it said nothing. */
export type ValidationFailure =
  | { readonly issues: readonly ValidationIssue[] }
  | { readonly failure: string };

/** Issues that the message names; `issues` has more of them. */
const NAMED_ISSUES = 10;

/**
 * A value that a schema refused, with all that it has against it; or a schema that failed, then there are
 * no issues. Nothing was created or delivered.
 */
export class ValidationError extends InvalidArgumentError {
  /** At most the first 100. */
  readonly issues: readonly ValidationIssue[];

  static {
    Object.defineProperty(this.prototype, "name", { value: "ValidationError" });
  }

  constructor(
    { code, what }: ValidationSubject,
    reason: ValidationFailure,
    options?: ErrorOptions,
  ) {
    const issues = "issues" in reason ? reason.issues : [];
    const failure = "failure" in reason ? `the schema ${reason.failure}` : listIssues(issues);
    super(code, `(${code}) Invalid ${what}: ${failure}`, options);
    this.issues = issues;
  }
}

function listIssues(issues: readonly ValidationIssue[]): string {
  if (issues.length === 0) return "the schema refused it and did not say why";
  const named = issues.slice(0, NAMED_ISSUES).map(describeIssue);
  const rest = issues.length - named.length;
  return named.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** `$.lines[3].count: must be a number`. */
function describeIssue({ path, message }: ValidationIssue): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}
