/** Every change of status in all workflows of a namespace that the caller may see, as it happens. */
import { z } from "zod";
import { includes } from "../access/principal.ts";
import { EVENT_MEDIA_TYPES, mediaTypeFor, tellEvents } from "../live/frames.ts";
import { StatusSource, toResetEvent, toStatusEvent } from "../live/status-source.ts";
import { operation } from "../operation.ts";
import { FeedEvent, FeedQuery } from "../schemas.ts";

export const followNamespace = operation({
  id: "followNamespace",
  summary: "Hear of the instances of all workflows, as their statuses change",
  role: "view",
  path: z.object({}),
  query: FeedQuery,
  streams: EVENT_MEDIA_TYPES,
  streamItem: FeedEvent,
  handle: async ({ feed, principal, query, request, live }) =>
    await live(async () => {
      const source = new StatusSource(query.status);
      const maySee = (workflow: string): boolean => includes(principal.workflows, workflow);
      const leave = await feed.join({
        onChange: (workflow, change) => {
          if (maySee(workflow)) source.tell(change, () => toStatusEvent(workflow, change));
        },
        onGap: (workflow) => {
          if (maySee(workflow)) source.reset(toResetEvent("gap", workflow));
        },
        onNew: (workflow) => {
          if (maySee(workflow)) source.reset(toResetEvent("workflow_added", workflow));
        },
      });
      source.leaveBy(leave);
      return tellEvents(source, mediaTypeFor(request));
    }),
});
