/** The verbs that tell where instances are, on Redis. */
import type {
  InsightStore,
  QueueState,
  Survey,
  SurveyRequest,
  Whereabouts,
  WhereaboutsPlace,
} from "../engine/ports/insights.ts";
import type { InstanceStatus } from "../model/status.ts";
import { decodeSurvey } from "./decode-survey.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { Reply } from "./script.ts";
import * as scripts from "./scripts.generated.ts";

export class RedisInsights implements InsightStore {
  readonly #scripts: ScriptRunner;

  constructor(runner: ScriptRunner) {
    this.#scripts = runner;
  }

  async whereabouts(instanceId: string): Promise<Whereabouts | undefined> {
    const reply = await this.#scripts.run(scripts.locateInstance, { id: instanceId });
    return reply[0] === "missing" ? undefined : decodeWhereabouts(reply);
  }

  async queue(): Promise<QueueState> {
    return decodeQueue(await this.#scripts.run(scripts.readQueue, {}));
  }

  async survey(request: SurveyRequest): Promise<Survey> {
    return decodeSurvey(await this.#scripts.run(scripts.surveyWorkflow, request));
  }
}

function decodeWhereabouts(reply: readonly Reply[]): Whereabouts {
  const [, now, status, createdAt, place, placedAt, ahead, limit, taken, ...more] = reply;
  const [wakeUp, fence, worker, startedAt, endedAt, pausedAt, delayedUntil, awaits, heldBy] = more;
  const where = place as WhereaboutsPlace;
  const isInLine = where === "pending" || where === "backlog";
  // The score of a backlog is no instant, that of those that are held is a time of their schedule.
  const isInstant = where !== "backlog" && where !== "held";
  return {
    status: status as InstanceStatus,
    now: Number(now),
    createdAt: Number(createdAt),
    place: where,
    ahead: Number(ahead),
    limit: Number(limit),
    taken: Number(taken),
    awaits: status === "waiting" && awaits ? String(awaits).split("\n") : [],
    ...(isInstant && instant("placedAt", placedAt)),
    ...(isInLine && { queuedSince: toInstant(wakeUp) }),
    ...(where === "leases" && { claimedAt: toInstant(fence), worker: String(worker) }),
    ...instant("startedAt", startedAt),
    ...instant("endedAt", endedAt),
    ...(status === "paused" && instant("pausedAt", pausedAt)),
    ...(!startedAt && instant("delayedUntil", delayedUntil)),
    ...(heldBy && { heldBy: String(heldBy) }),
  };
}

function decodeQueue(reply: readonly Reply[]): QueueState {
  const [now = 0, limit = 0, active = 0, pending = 0, ...more] = reply.slice(1, 8).map(Number);
  const [backlog = 0, delayed = 0, held = 0] = more;
  const oldest = reply[8];
  const lines = { now, limit, active, pending, backlog, delayed, held };
  return oldest ? { ...lines, oldestSince: toInstant(oldest) } : lines;
}

function instant<Name extends string>(
  name: Name,
  value: Reply | undefined,
): { readonly [Key in Name]?: number } {
  return (value ? { [name]: Number(value) } : {}) as { readonly [Key in Name]?: number };
}

/** A number that was drawn is not far from the clock, in microseconds, as it was then. */
function toInstant(drawn: Reply | undefined): number {
  return Math.floor(Number(drawn) / 1_000);
}
