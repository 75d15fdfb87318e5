/** The survey of a workflow in memory, where nothing can be a ghost. */
import type { PlaceSurvey, Survey, SurveyRequest } from "../engine/ports/insights.ts";
import { isInPlace } from "./inspection.ts";
import type { MemoryPartition } from "./memory-partition.ts";
import type { Place } from "./places.ts";

export function survey(partition: MemoryPartition, request: SurveyRequest): Survey {
  const { places, instances, concurrencyLimit, feed } = partition;
  const now = partition.now();
  const look = (place: Place): PlaceSurvey => {
    const first = places.first(place);
    const before = now - request.overdueMs;
    return {
      count: places.size(place),
      overdueCount: places.all(place).filter(({ score }) => score < before).length,
      ...(first && { firstAt: first.score }),
    };
  };
  const strays = [...instances.values()].filter((state) => !isInPlace(partition, state));
  return {
    now,
    pending: look("pending"),
    leases: look("leases"),
    timers: look("timers"),
    expiry: look("expiry"),
    backlogCount: places.size("backlog"),
    ...(concurrencyLimit > 0 && { concurrencyLimit }),
    outboxCount: feed.outbox.length,
    ...(feed.losses && { outboxLosses: feed.losses }),
    strayIds: strays.slice(0, request.limit).map(({ created }) => created.id),
    ghostIds: [],
  };
}
