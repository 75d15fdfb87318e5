/** Every change of status of a workflow's instances, as it happens. */
import { EVENT_MEDIA_TYPES, mediaTypeFor, tellEvents } from "../live/frames.ts";
import { StatusSource, toResetEvent, toStatusEvent } from "../live/status-source.ts";
import { operation } from "../operation.ts";
import { FeedEvent, FeedQuery, WorkflowPath } from "../schemas.ts";

export const followWorkflow = operation({
  id: "followWorkflow",
  summary: "Hear of the instances of a workflow, as their statuses change",
  role: "view",
  path: WorkflowPath,
  query: FeedQuery,
  streams: EVENT_MEDIA_TYPES,
  streamItem: FeedEvent,
  handle: async ({ workflow, query, request, live }) => {
    const { record, feed } = await workflow();
    return await live(async () => {
      const source = new StatusSource(query.status);
      const leave = await feed.join({
        onChange: (change) => source.tell(change, () => toStatusEvent(record.name, change)),
        onGap: () => source.reset(toResetEvent("gap", record.name)),
      });
      source.leaveBy(leave);
      return tellEvents(source, mediaTypeFor(request));
    });
  },
});
