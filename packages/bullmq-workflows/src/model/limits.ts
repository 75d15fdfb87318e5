/**
 * Every limit and default that is a number, with its unit and where it comes from.
 *
 * "Cloudflare's limit" is what their paid plan allows (or their default, where it says so): a workflow
 * that stays inside it runs there and here. "Ours" has no counterpart there.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Characters in a workflow's name. Cloudflare's limit. */
export const WORKFLOW_NAME_LENGTH_LIMIT = 64;

/** Characters in the id an instance is created with. Cloudflare's limit. */
export const INSTANCE_ID_LENGTH_LIMIT = 100;

/** Characters in an id by which an instance is looked up; a cron's instance has a longer id. Cloudflare's limit. */
export const ADDRESSABLE_INSTANCE_ID_LENGTH_LIMIT = 271;

/** Characters in an event's type. Cloudflare's limit. */
export const EVENT_TYPE_LENGTH_LIMIT = 100;

/** Characters in a step's name. Cloudflare's limit. */
export const STEP_NAME_LENGTH_LIMIT = 256;

/** Characters in a script's or a class's name. Cloudflare's limit. */
export const CLASS_NAME_LENGTH_LIMIT = 255;

/** Bytes of a step's result that is not a stream. Cloudflare's limit. */
export const STEP_RESULT_SIZE_LIMIT = 1_048_576;

/** Bytes of an instance's params, and of an event's payload. Cloudflare's limit. */
export const PARAMS_SIZE_LIMIT = 1_048_576;

/** Bytes of one chunk of a streamed result. Cloudflare's limit. */
export const STREAM_CHUNK_SIZE_LIMIT = 16_777_216;

/** Bytes of everything one instance keeps, streams included. Cloudflare's limit. */
export const INSTANCE_STATE_SIZE_LIMIT = 1_073_741_824;

/** Levels of nesting in a stored value; deeper ones would exhaust the call stack of some reader. Ours. */
export const PAYLOAD_DEPTH_LIMIT = 1_000;

/** `step.do` calls in one run of an instance. Cloudflare's default. */
export const DEFAULT_STEP_LIMIT = 10_000;

/** What the limit of steps can be raised to. Cloudflare's limit. */
export const MAX_STEP_LIMIT = 25_000;

/** Retries of one step. Cloudflare's limit. */
export const RETRY_LIMIT = 10_000;

/** Retries of a step that says nothing about them. Cloudflare's default. */
export const DEFAULT_RETRY_LIMIT = 5;

/** Milliseconds before a step's first retry. Cloudflare's default. */
export const DEFAULT_RETRY_DELAY_MS: number = 10 * SECOND_MS;

/** Milliseconds a function that computes a retry's delay may take. Cloudflare's limit. */
export const RETRY_DELAY_FUNCTION_TIMEOUT_MS: number = 5 * SECOND_MS;

/** Milliseconds one attempt of a step may take. Cloudflare's default. */
export const DEFAULT_STEP_TIMEOUT_MS: number = 10 * MINUTE_MS;

/** Milliseconds above which a step's timeout is accepted but advised against. Cloudflare's recommendation. */
export const RECOMMENDED_STEP_TIMEOUT_MS: number = 30 * MINUTE_MS;

/** Milliseconds of one sleep. Cloudflare's limit. */
export const SLEEP_LIMIT_MS: number = 365 * DAY_MS;

/** Milliseconds an event is waited for at least. Cloudflare's limit. */
export const MIN_EVENT_TIMEOUT_MS: number = SECOND_MS;

/** Milliseconds an event is waited for at most. Cloudflare's limit. */
export const MAX_EVENT_TIMEOUT_MS: number = 365 * DAY_MS;

/** Milliseconds an event is waited for when nothing is said. Cloudflare's default. */
export const DEFAULT_EVENT_TIMEOUT_MS: number = 24 * HOUR_MS;

/** Milliseconds a finished instance is kept when nothing is said. Cloudflare's default. */
export const DEFAULT_RETENTION_MS: number = 7 * DAY_MS;

/** Milliseconds a finished instance is kept at most. Cloudflare's limit. */
export const MAX_RETENTION_MS: number = 30 * DAY_MS;

/** Instances in one batch call. Cloudflare's limit. */
export const BATCH_LIMIT = 100;

/** Instances that may be queued. Cloudflare's limit. */
export const QUEUED_INSTANCE_LIMIT = 2_000_000;

/** Instances that may run at once, over all workflows. Cloudflare's limit. */
export const RUNNING_INSTANCE_LIMIT = 50_000;

/** Instances created (or restarted) per second, per workflow. Cloudflare's limit. */
export const CREATION_RATE_LIMIT = 100;

/** Cron expressions over all workflows. Cloudflare's limit. */
export const SCHEDULE_LIMIT = 100;

/** Characters in a cron expression. Cloudflare's limit. */
export const CRON_LENGTH_LIMIT = 256;
