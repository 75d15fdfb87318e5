/** The schedules that a workflow is registered with, checked and with defaults filled in. */
import { createHash } from "node:crypto";
import type { CancelTimer } from "../engine/ports/clock.ts";
import type { ScheduleDeclaration } from "../engine/ports/schedules.ts";
import { isTimezone, normalizeCron, whyInvalidCron } from "../model/cron.ts";
import { InvalidOptionError, LimitExceededError } from "../model/errors.ts";
import { toLabels } from "../model/labels.ts";
import { CRON_LENGTH_LIMIT, PARAMS_SIZE_LIMIT, SCHEDULE_LIMIT } from "../model/limits.ts";
import type { PayloadCodec } from "../model/payload.ts";
import { sizeOf } from "../model/payload-size.ts";
import { toScheduleKey } from "../model/schedule.ts";
import type { Schedule, ScheduleCatchUp, ScheduleOverlap } from "../model/schedule.ts";
import { validate } from "../model/validation.ts";
import type { Schema } from "../model/validation.ts";
import { systemClock } from "../worker/system-clock.ts";
import { checkKeys } from "./option-checks.ts";

/** When instances start by themselves, and how. */
export interface WorkflowSchedule {
  /** Five fields as at Cloudflare: minute, hour, day, month, weekday (1 is Sunday). At most 256 characters. */
  readonly cron: string;
  /** The time zone whose clock it goes by, of the time zone database. @defaultValue "UTC" */
  readonly timezone?: string;
  /**
   * What happens while an earlier instance of this schedule is unfinished: the new one starts all the same
   * (`allow`, as at Cloudflare), is left out (`skip`), or starts when those before it have ended (`queue`).
   * @defaultValue "allow"
   */
  readonly overlap?: ScheduleOverlap;
  /**
   * Which firings are made up for that were due while no worker ran: none that is late by over a minute
   * (`false`), the `latest`, or `all`, at most the last 100. @defaultValue false
   */
  readonly catchUp?: ScheduleCatchUp;
  /** What `run` gets as `event.payload`. @defaultValue `{}` */
  readonly params?: unknown;
}

export type WorkflowSchedules = string | WorkflowSchedule | readonly (string | WorkflowSchedule)[];

const OVERLAPS: readonly unknown[] = ["allow", "skip", "queue"] satisfies ScheduleOverlap[];
const CATCH_UPS: readonly unknown[] = [false, "latest", "all"] satisfies ScheduleCatchUp[];

/** What is the same for all schedules of a workflow. */
export interface ScheduleContext {
  readonly workflow: string;
  readonly retention: Schedule["retention"];
  readonly codec: PayloadCodec;
  /** Fields of params by which instances can be found. */
  readonly searchable: readonly string[];
  /** That of the workflow's params. */
  readonly schema: Schema | undefined;
}

/**
 * A promise only when the schema of the params needs time.
 *
 * @throws {@link InvalidOptionError}, {@link ValidationError}, {@link LimitExceededError},
 *   {@link UnserializableValueError}
 */
export function toDeclaration(
  given: WorkflowSchedules | undefined,
  context: ScheduleContext,
): ScheduleDeclaration | Promise<ScheduleDeclaration> {
  const list: readonly unknown[] =
    given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (list.length > SCHEDULE_LIMIT) {
    throw new InvalidOptionError("schedules", `at most ${SCHEDULE_LIMIT} schedules`, list.length);
  }
  const drafts = list.map((each, index) => {
    return toDraft(Array.isArray(given) ? `schedules[${index}]` : "schedules", each);
  });
  const keys = drafts.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice) throw new InvalidOptionError("schedules", "different from each other", twice);
  const params = drafts.map((draft) => checkParams(draft, context));
  const finish = (checked: readonly unknown[]): ScheduleDeclaration => {
    const schedules = drafts.map((draft, index) => toSchedule(draft, checked[index], context));
    return { digest: digestOf(schedules), schedules };
  };
  return params.some((each) => each instanceof Promise)
    ? Promise.all(params).then(finish)
    : finish(params);
}

/** A schedule whose params have not been looked at. */
interface Draft extends Pick<Schedule, "key" | "cron" | "timezone" | "overlap" | "catchUp"> {
  readonly option: string;
  readonly params: unknown;
}

function toDraft(option: string, given: unknown): Draft {
  if (typeof given === "string") {
    const cron = checkCron(option, given);
    const defaults = { timezone: "UTC", overlap: "allow", catchUp: false, params: {} } as const;
    return { option, key: cron, cron, ...defaults };
  }
  checkKeys(option, given, ["cron", "timezone", "overlap", "catchUp", "params"]);
  const schedule = given as WorkflowSchedule;
  const { timezone = "UTC", overlap = "allow", catchUp = false, params = {} } = schedule;
  const cron = checkCron(`${option}.cron`, schedule.cron);
  if (!isTimezone(timezone)) {
    const rule = "a zone of the time zone database, like `Europe/Berlin`";
    throw new InvalidOptionError(`${option}.timezone`, rule, timezone);
  }
  if (!OVERLAPS.includes(overlap)) {
    throw new InvalidOptionError(`${option}.overlap`, '"allow", "skip" or "queue"', overlap);
  }
  if (!CATCH_UPS.includes(catchUp)) {
    throw new InvalidOptionError(`${option}.catchUp`, 'false, "latest" or "all"', catchUp);
  }
  return { option, key: toScheduleKey(cron, timezone), cron, timezone, overlap, catchUp, params };
}

function checkCron(option: string, given: unknown): string {
  if (typeof given !== "string") throw new InvalidOptionError(option, "a cron expression", given);
  const cron = normalizeCron(given);
  const wrong = whyInvalidCron(cron);
  if (wrong === undefined) return cron;
  const isLong = given.length > CRON_LENGTH_LIMIT;
  throw new InvalidOptionError(
    option,
    wrong,
    isLong ? `${given.slice(0, CRON_LENGTH_LIMIT)}…` : given,
  );
}

/** With what every instance of the schedule would be created. */
function checkParams({ option, params }: Draft, { workflow, schema }: ScheduleContext): unknown {
  if (!schema) return params;
  const what = `${option}.params of workflow "${workflow}"`;
  const after = (delayMs: number, callback: () => void): CancelTimer =>
    systemClock.after(delayMs, callback);
  return validate(schema, params, { code: "params.invalid", what }, after);
}

function toSchedule(draft: Draft, checked: unknown, context: ScheduleContext): Schedule {
  const { retention, codec, searchable } = context;
  const { key, cron, timezone, overlap, catchUp } = draft;
  const params = codec.encode(checked);
  if (sizeOf(params) > PARAMS_SIZE_LIMIT) {
    throw new LimitExceededError(`\`${draft.option}.params\``, PARAMS_SIZE_LIMIT);
  }
  const labels = toLabels([], checked, searchable);
  const schedule = { key, cron, timezone, overlap, catchUp, params, retention };
  return labels.length > 0 ? { ...schedule, labels } : schedule;
}

/** The same in every process for the same schedules, in whatever order they are. */
function digestOf(schedules: readonly Schedule[]): string {
  const texts = schedules.map((schedule) => JSON.stringify(schedule)).toSorted();
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 32);
}
