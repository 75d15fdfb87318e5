/** The verbs of schedules on Redis. */
import type {
  FireOutcome,
  FireRequest,
  ScheduleDeclaration,
  SchedulesInForce,
  ScheduleStore,
} from "../engine/ports/schedules.ts";
import { SCHEDULED_PRIORITY } from "../model/schedule.ts";
import type { Schedule } from "../model/schedule.ts";
import { decodeRequests } from "./decode.ts";
import type { GuardedScripts } from "./guarded-scripts.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { Reply } from "./script.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisSchedules implements ScheduleStore {
  readonly #scripts: ScriptRunner;
  readonly #guarded: GuardedScripts;

  constructor(runner: ScriptRunner, guarded: GuardedScripts) {
    this.#scripts = runner;
    this.#guarded = guarded;
  }

  async declareSchedules(declaration: ScheduleDeclaration): Promise<SchedulesInForce> {
    const args = encodeDeclaration(declaration);
    return decodeSchedules(await this.#scripts.run(scripts.declareSchedules, args));
  }

  async putSchedules(declaration: ScheduleDeclaration | undefined): Promise<SchedulesInForce> {
    const args = declaration ? encodeDeclaration(declaration) : { digest: "", text: "[]" };
    return decodeSchedules(await this.#scripts.run(scripts.putSchedules, args));
  }

  async fire(request: FireRequest): Promise<FireOutcome> {
    const args = encodeFiring(request);
    const { barrier } = this.#guarded;
    return await this.#guarded.write(scripts.fireSchedule, args, decodeFiring, barrier);
  }

  async inForce(): Promise<SchedulesInForce> {
    return decodeSchedules(await this.#scripts.run(scripts.readSchedules, {}));
  }
}

function encodeDeclaration({ digest, schedules }: ScheduleDeclaration): {
  readonly digest: string;
  readonly keys: readonly string[];
  readonly text: string;
} {
  return { digest, keys: schedules.map(({ key }) => key), text: JSON.stringify(schedules) };
}

type FiringArguments = Omit<FireRequest, "schedule" | "until"> &
  Pick<Schedule, "key" | "cron" | "overlap" | "params"> &
  Schedule["retention"] & {
    readonly horizon: number;
    readonly priority: number;
    readonly labels: readonly string[];
  };

function encodeFiring({ digest, schedule, times, until }: FireRequest): FiringArguments {
  const { key, cron, overlap, params, labels = [], retention } = schedule;
  const priority = SCHEDULED_PRIORITY;
  const facts = { digest, key, cron, overlap, times, horizon: until, params, labels, priority };
  return { ...facts, ...retention };
}

function decodeFiring(reply: readonly Reply[]): FireOutcome {
  if (reply[0] === "changed") return { type: "changed" };
  const [, now, firedUntil, createdCount, skippedCount] = reply.map(Number);
  return {
    type: "fired",
    now: now ?? 0,
    firedUntil: firedUntil ?? 0,
    createdCount: createdCount ?? 0,
    skippedCount: skippedCount ?? 0,
    requests: decodeRequests(reply, 5),
  };
}

function decodeSchedules(reply: readonly Reply[]): SchedulesInForce {
  const [, now, digest, text, declarationCount, hasChanged, ...pairs] = reply;
  const firedUntil = new Map<string, number>();
  for (let at = 0; at < pairs.length; at += 2) {
    firedUntil.set(String(pairs[at]), Number(pairs[at + 1]));
  }
  const schedules = JSON.parse(String(text)) as readonly Schedule[];
  return {
    now: Number(now),
    digest: String(digest),
    isContested: Number(declarationCount) > 1,
    hasChanged: hasChanged === 1,
    states: schedules.map((schedule) => ({
      schedule,
      firedUntil: firedUntil.get(schedule.key) ?? Number(now),
    })),
  };
}
