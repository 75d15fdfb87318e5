/**
 * Where the two engines differ on purpose, and why. Nothing else may differ; and what is named here has to,
 * so that a reason that no longer holds is noticed.
 */

export interface Expectation {
  readonly why: string;
  /** Names of scenarios, each of which has to show it; `*` for any of them. */
  readonly scenarios: readonly string[] | "*";
  /** Each has to lead to a difference; `*` in it stands for anything. */
  readonly paths: readonly string[];
}

export const EXPECTED: readonly Expectation[] = [
  {
    why: "Production's default delay is 10 seconds; the local engine's is 1 second.",
    scenarios: "*",
    paths: ["*config.retries.delay"],
  },
  {
    why: "The local engine's own worker lacks the compatibility flag that keeps the message.",
    scenarios: ["not retryable: nobody catches it", "not retryable: thrown by run"],
    paths: ["instances[0].error.name", "instances[0].error.message"],
  },
  {
    why: "The same, in the log of attempts.",
    scenarios: [
      "not retryable: caught",
      "not retryable: nobody catches it",
      "not retryable: without a message",
      "not retryable: told by name or by the message's beginning",
    ],
    paths: ["instances[0].steps[*].attempts[0].error.*"],
  },
  {
    why: "A name is a text here; a number is one in digits.",
    scenarios: ["do: a number as the name"],
    paths: ["instances[0].output.step.name", "*.outcome.output.step.name"],
  },
  {
    why: "Counters of names inside a step belong to its attempt, so that the next one finds what is recorded.",
    scenarios: ["nested: the outer step is retried"],
    paths: ["instances[0].output", "instances[0].steps[1]*", "instances[0].steps[2]*"],
  },
  {
    why: "The same: a name inside a step does not count on from the same name outside.",
    scenarios: ["nested: the same names inside and outside"],
    paths: ["instances[0].steps[1].step"],
  },
  {
    why: "A step is put on record with its outcome, or when it has lasted a second: one write per short step. So a step around others has no config in its first event,",
    scenarios: [
      "nested: a step in a step",
      "nested: sleeping in a step",
      "nested: the same names inside and outside",
      "race: in a step of its own",
      "error of a step: caught and thrown again by another step",
    ],
    paths: ["instances[0].steps[*].config*"],
  },
  {
    why: "and a step that had not lasted a second when its instance ended is not on record.",
    scenarios: [
      "parallel: one fails, and nobody catches it",
      "race: in a step of its own",
      "unawaited: run does not wait",
      "terminate: while a step runs",
    ],
    paths: ["instances[0].steps[*]"],
  },
  {
    why: "What is no duration is refused in words; the local engine's texts are accidents of its database.",
    scenarios: ["sleep: what is no duration"],
    paths: ["instances[0].output[*].threw.*", "instances[0].steps[*]"],
  },
  {
    why: "A sleep is known by its name and occurrence; the local engine counts per name and duration.",
    scenarios: ["sleep: durations", "sleep: the same name as other steps"],
    paths: ["instances[0].steps[*].step"],
  },
  {
    why: "The order of keys is the documented one.",
    scenarios: ["wait: an event that comes later"],
    paths: ["instances[0].output[0][*]"],
  },
  {
    why: "The same, and there is no key for a payload that was not sent.",
    scenarios: ["wait: an event without a payload"],
    paths: ["instances[0].output[*]"],
  },
  {
    why: "Production's bounds of timeouts and event types hold here; the local engine checks none.",
    scenarios: ["wait: a timeout of less than a second", "wait: a type with a dot"],
    paths: ["instances[0].output.threw.message", "instances[0].steps[0]"],
  },
  {
    why: "An instance that waits is `waiting`, as in production; the local engine says `running`.",
    scenarios: ["status: of what waits for an event"],
    paths: ["driven.resolved", "instances[0].status"],
  },
  {
    why: "Errors in results keep their names and properties.",
    scenarios: ["step result: an error of an own class"],
    paths: ["instances[0].output.name", "instances[0].output.own", "*.outcome.output.*"],
  },
  {
    why: "URLs are kept.",
    scenarios: ["step result that is refused: a URL"],
    paths: ["instances[0].output[*]*", "instances[0].steps[0].*"],
  },
  {
    why: "URLs are kept.",
    scenarios: ["output that is refused: a URL"],
    paths: ["instances[0].status", "instances[0].output", "instances[0].error"],
  },
  {
    why: "Cycles are kept.",
    scenarios: ["step result that is refused: a circular object"],
    paths: ["instances[0].output[0].*", "instances[0].steps[0].*"],
  },
  {
    why: "Cycles are kept.",
    scenarios: ["output that is refused: a circular object"],
    paths: ["instances[0].status", "instances[0].output", "instances[0].error"],
  },
  {
    why: "Production's limit of 1 MiB holds here; the local engine's is its database's.",
    scenarios: ["step result: more than 1 MiB"],
    paths: ["instances[0].output.*", "instances[0].steps[0].*"],
  },
  {
    why: "Messages have the token in parentheses and its sentence, as production's do.",
    scenarios: ["delete: what has ended"],
    paths: ["driven.resolved[*].threw.message", "instances[0].threw.message"],
  },
  {
    why: "The same.",
    scenarios: [
      "create: ids that are refused",
      "get: ids of no instance",
      "createBatch: lists that are refused",
    ],
    paths: ["driven.resolved[*].threw.message"],
  },
  {
    why: "The same.",
    scenarios: ["deleteBatch: what exists, what repeats, what does not exist"],
    paths: ["instances[0].threw.message"],
  },
  {
    why: "An event to an instance that has ended is refused, as the documentation says; the local engine drops it silently.",
    scenarios: ["sendEvent: what has ended"],
    paths: ["driven.resolved.*"],
  },
  {
    why: "A chunk that is no bytes is refused, as documented; the local runtime makes bytes of a text on the way.",
    scenarios: ["stream: chunks of the wrong kind"],
    paths: ["instances[0].*"],
  },
  {
    why: "A locked stream is refused in the documented words; the local runtime refuses it on the way.",
    scenarios: ["stream: locked"],
    paths: ["instances[0].error.*", "instances[0].steps[0].attempts[0].error.*"],
  },
  {
    why: "How a rollback went is in the status, as documented; the local engine's has no such field.",
    scenarios: [
      "rollback: in reverse order of start, after an uncaught error",
      "rollback: a step that failed is undone too, one that was caught is",
      "rollback: a handler is retried",
      "rollback: a handler that fails stops it",
      "rollback: parallel steps, one after the other",
    ],
    paths: ["instances[0].rollback"],
  },
  {
    why: "The same.",
    scenarios: ["rollback: terminate, with and without"],
    paths: ["instances[1].rollback"],
  },
];
