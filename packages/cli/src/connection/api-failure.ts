/** What the API refuses, in words: what, which, and what to do about it. */
import type { ApiMessage } from "@bullmq-workflows/client";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { DEFAULT_URL } from "./choose-place.ts";

export interface Refusal {
  /** Of HTTP. */
  readonly status: number;
  readonly errors: readonly ApiMessage[];
  /** What the call was about: `workflow_name`, `instance_id`. */
  readonly path: Readonly<Record<string, string>>;
  readonly place: string;
  /** What the server says in its log alone. */
  readonly cause: unknown;
}

export function explain(refusal: Refusal): CommandError {
  const { status, errors, place, cause } = refusal;
  const [error] = errors;
  if (!error) return explainOther(place, status);
  const known = KNOWN[error.code]?.(refusal, error.message);
  const text = known ?? `${place} refused it: ${error.message} (code ${error.code})`;
  return new CommandError(text, exitCodeOf(status), { cause });
}

/** What answered is something else, such as a proxy. */
export function explainOther(place: string, status?: number): CommandError {
  const which = status === undefined ? "" : ` (HTTP ${status})`;
  return new CommandError(
    `What answers at ${place} is no server of BullMQ Workflows${which}. Check the URL.`,
    status === undefined ? EXIT.failed : exitCodeOf(status),
  );
}

const SAY_WHERE = "Say where with --url, --redis or --profile, or in BULLMQ_WORKFLOWS_URL.";

export function explainUnreachable(
  error: unknown,
  place: string,
  advice: string = SAY_WHERE,
): CommandError {
  const reason = reasonOf(error);
  // Who has said nothing may have begun with `dev`.
  const hint = place.startsWith(`${DEFAULT_URL},`)
    ? " `dev` and `run` are at --url http://localhost:8787."
    : "";
  return new CommandError(
    `${place} cannot be reached: ${reason}. Is it running? ${advice}${hint}`,
    EXIT.unavailable,
    { cause: error },
  );
}

const ID_RULE =
  "An id is made of up to 100 letters, digits, `_` and `-`, the first of which is no `-`.";

/** What is told in other words than the server's, by its code. */
const KNOWN: Readonly<Record<number, (refusal: Refusal, message: string) => string>> = {
  7003: ({ place }) =>
    `There is nothing for this at ${place}. Is the namespace right, and is it of this release?`,
  10_000: ({ place, status }, message) => {
    const token = "Give a token with --token, or keep one with `bullmq-workflows profile add`";
    const advice = status === 401 ? token : "A token with more rights is needed";
    return `${place} does not let you: ${message.replace("Authentication error: ", "")}. ${advice}.`;
  },
  10_001: ({ place, status, cause }) => {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    const advice = status === 503 ? "It may work in a moment" : "Its log says more";
    return `${place} could not do it${reason}${reason.endsWith(".") ? "" : "."} ${advice}.`;
  },
  10_002: (_, message) => {
    const [, code, text = ""] =
      /^(?:\(([\w.]+)\) )?(.*)$/s.exec(message.replace("workflows.api.error.body: ", "")) ?? [];
    const rule = code === "instance.invalid_id" ? ` ${ID_RULE}` : "";
    return `It was refused: ${text}.${rule}${code === undefined ? "" : ` (${code})`}`;
  },
  10_200: ({ path, place }) =>
    `There is no workflow "${path["workflow_name"]}" at ${place}. \`bullmq-workflows workflows list\` has them all.`,
  10_400: ({ path }) =>
    `There is no instance "${path["instance_id"]}" of the workflow "${path["workflow_name"]}".`,
  10_401: ({ path }) => `The instance "${path["instance_id"]}" has ended: it cannot be terminated.`,
  10_402: (_, message) => `It cannot be restarted: ${message}`,
  10_405: ({ path }) =>
    `There is an instance with this id of the workflow "${path["workflow_name"]}" already.`,
  10_406: ({ path }) =>
    `The instance "${path["instance_id"]}" is not running: it takes no events, and can be neither paused nor resumed.`,
  10_410: ({ path }) =>
    `There is no bulk action "${path["bulk_id"]}" of the workflow "${path["workflow_name"]}".`,
};

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.refused;
  if (status === 404) return EXIT.notFound;
  if (status === 429 || status === 502 || status === 503 || status === 504) return EXIT.unavailable;
  return EXIT.failed;
}

/** What `fetch` says is that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}
