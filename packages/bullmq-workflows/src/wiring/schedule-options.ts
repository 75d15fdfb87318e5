/** The schedules that a workflow is registered with, checked and with defaults filled in. */
import { createHash } from "node:crypto";
import type { ScheduleDeclaration } from "../engine/schedule-ports.ts";
import { isTimezone, normalizeCron, whyInvalidCron } from "../model/cron.ts";
import { InvalidOptionError, LimitExceededError } from "../model/errors.ts";
import { CRON_LENGTH_LIMIT, PARAMS_SIZE_LIMIT, SCHEDULE_LIMIT } from "../model/limits.ts";
import { encodePayload } from "../model/payload.ts";
import type { Payload } from "../model/payload.ts";
import { sizeOf } from "../model/payload-size.ts";
import { toScheduleKey } from "../model/schedule.ts";
import type { Schedule, ScheduleCatchUp, ScheduleOverlap } from "../model/schedule.ts";
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

/** @throws {@link InvalidOptionError}, {@link LimitExceededError}, {@link UnserializableValueError} */
export function toDeclaration(
  given: WorkflowSchedules | undefined,
  retention: Schedule["retention"],
): ScheduleDeclaration {
  const list: readonly unknown[] =
    given === undefined ? [] : Array.isArray(given) ? given : [given];
  if (list.length > SCHEDULE_LIMIT) {
    throw new InvalidOptionError("schedules", `at most ${SCHEDULE_LIMIT} schedules`, list.length);
  }
  const schedules = list.map((each, index) => {
    const option = Array.isArray(given) ? `schedules[${index}]` : "schedules";
    return toSchedule(option, each, retention);
  });
  const twice = schedules.find(
    ({ key }, index) => schedules.findIndex((s) => s.key === key) < index,
  );
  if (twice) throw new InvalidOptionError("schedules", "different from each other", twice.key);
  return { digest: digestOf(schedules), schedules };
}

function toSchedule(option: string, given: unknown, retention: Schedule["retention"]): Schedule {
  if (typeof given === "string") return toSchedule(option, { cron: given }, retention);
  checkKeys(option, given, ["cron", "timezone", "overlap", "catchUp", "params"]);
  const {
    timezone = "UTC",
    overlap = "allow",
    catchUp = false,
    ...rest
  } = given as WorkflowSchedule;
  const cron = checkCron(typeof given === "object" ? `${option}.cron` : option, rest.cron);
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
  const params = checkParams(`\`${option}.params\``, rest.params);
  const key = toScheduleKey(cron, timezone);
  return { key, cron, timezone, overlap, catchUp, params, retention };
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

function checkParams(what: string, params: unknown = {}): Payload {
  const encoded = encodePayload(params);
  if (sizeOf(encoded) > PARAMS_SIZE_LIMIT) throw new LimitExceededError(what, PARAMS_SIZE_LIMIT);
  return encoded;
}

/** The same in every process for the same schedules, in whatever order they are. */
function digestOf(schedules: readonly Schedule[]): string {
  const texts = schedules.map((schedule) => JSON.stringify(schedule)).toSorted();
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 32);
}
