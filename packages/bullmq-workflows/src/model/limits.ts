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

/** Bytes of a step's result that is not a stream. Cloudflare's limit. */
export const STEP_RESULT_SIZE_LIMIT = 1_048_576;

/** Bytes of one chunk that a step's stream yields. Cloudflare's limit. */
export const STREAM_INPUT_CHUNK_LIMIT = 16_777_216;

/**
 * Bytes of a stream that are stored as one piece. Cloudflare's 256 KiB, less 16 for what Redis keeps beside
 * them: with these it would take 320 KiB from its allocator.
 */
export const STREAM_CHUNK_SIZE: number = 262_144 - 16;

/** Bytes of all streams of one instance. Cloudflare's limit, which there counts all that is stored of it. */
export const DEFAULT_STATE_SIZE_LIMIT = 1_073_741_824;

/** Characters of a stream that observers see without reading it. Cloudflare's limit. */
export const STREAM_PREVIEW_LENGTH = 1_024;

/** Bytes of an instance's params, and of an event's payload. Cloudflare's limit. */
export const PARAMS_SIZE_LIMIT = 1_048_576;

/** Levels of nesting in a stored value; deeper ones would exhaust the call stack of some reader. Ours. */
export const PAYLOAD_DEPTH_LIMIT = 1_000;

/** `step.do` calls in one run of an instance. Cloudflare's default. */
export const DEFAULT_STEP_LIMIT = 10_000;

/** Retries of one step. Cloudflare's limit. */
export const RETRY_LIMIT = 10_000;

/** Milliseconds before a step's first retry. Cloudflare's default. */
export const DEFAULT_RETRY_DELAY_MS: number = 10 * SECOND_MS;

/** Milliseconds a function that computes a retry's delay may take. Cloudflare's limit. */
export const RETRY_DELAY_FUNCTION_TIMEOUT_MS: number = 5 * SECOND_MS;

/** Milliseconds of one sleep. Cloudflare's limit. */
export const SLEEP_LIMIT_MS: number = 365 * DAY_MS;

/** Milliseconds an event is waited for at least. Cloudflare's limit. */
export const MIN_EVENT_TIMEOUT_MS: number = SECOND_MS;

/** Milliseconds an event is waited for at most. Cloudflare's limit. */
export const MAX_EVENT_TIMEOUT_MS: number = 365 * DAY_MS;

/** Milliseconds an event is waited for when nothing is said. Cloudflare's default. */
export const DEFAULT_EVENT_TIMEOUT_MS: number = 24 * HOUR_MS;

/** Bytes of a result that all who listen are told. Ours: one that is larger is read by who waits for it. */
export const TOLD_RESULT_SIZE_LIMIT = 1_024;

/** Milliseconds a finished instance is kept when nothing is said. Cloudflare's default. */
export const DEFAULT_RETENTION_MS: number = 7 * DAY_MS;

/** Instances in one batch call. Cloudflare's limit. */
export const BATCH_LIMIT = 100;

/** Tags of one instance. Ours. */
export const TAG_LIMIT = 10;

/** Characters in a tag. Ours. */
export const TAG_LENGTH_LIMIT = 64;

/** Fields of its params by which the instances of a workflow can be found. Ours. */
export const SEARCHABLE_LIMIT = 10;

/** Characters in the path of such a field. Ours. */
export const SEARCHABLE_PATH_LENGTH_LIMIT = 100;

/** Characters in the value of such a field; instances are not found by longer ones. Ours. */
export const SEARCHABLE_VALUE_LENGTH_LIMIT = 200;

/** Instances that are looked at for one page, so that Redis is not held up. Ours. */
export const EXAMINED_LIMIT = 1_000;

/** Characters in a cron expression. Cloudflare's limit. */
export const CRON_LENGTH_LIMIT = 256;

/** Schedules of one workflow. Cloudflare's limit, which there is for a whole account. */
export const SCHEDULE_LIMIT = 100;

/** Missed firings of a schedule that are made up for at once. Ours. */
export const CATCH_UP_LIMIT = 100;

/** Milliseconds a schema may take to check a value. Ours. */
export const VALIDATION_TIMEOUT_MS: number = 5 * SECOND_MS;
