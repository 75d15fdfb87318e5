/** What happens to an instance, event by event: what is on record first, then what comes, as it comes. */
import { INSTANCE_EVENT_TYPES } from "bullmq-workflows/internal";
import { z } from "zod";
import { invalidInput } from "../api-error.ts";
import { EVENT_MEDIA_TYPES, mediaTypeFor, tellEvents } from "../live/frames.ts";
import { InstanceSource } from "../live/instance-source.ts";
import { operation } from "../operation.ts";
import { InstancePath, listOf } from "../schemas.ts";

/** How long it takes at most to find out that there is nothing more to tell to somebody who comes back. */
const PEEK_MS = 100;

const Cursor = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const InstanceEvent = z
  .looseObject({
    instanceId: z.string(),
    eventId: z.number(),
    timestamp: z.number(),
    type: z.enum(INSTANCE_EVENT_TYPES),
  })
  .meta({ id: "InstanceEvent" });

export const subscribeInstance = operation({
  id: "subscribeInstance",
  summary: "Hear what happens to an instance, as it happens",
  role: "view",
  path: InstancePath,
  query: z.object({
    cursor: Cursor.optional().describe(
      "The event to go on after; 0, if not said, is before the first.",
    ),
    filter: listOf(z.enum(INSTANCE_EVENT_TYPES))
      .optional()
      .describe("The types to be told of; all if not said. Repeated, or with commas between them."),
  }),
  headers: z.object({
    "last-event-id": z
      .string()
      .optional()
      .describe("The last event that was heard. Counts for more than `cursor`."),
  }),
  streams: EVENT_MEDIA_TYPES,
  streamItem: InstanceEvent,
  otherAnswers: {
    204: { description: "The instance has ended, and all of it was heard.", body: z.never() },
  },
  handle: async ({ workflow, path, query, request, live }) => {
    const { observe } = await workflow();
    const lastId = lastEventIdOf(request);
    const cursor = lastId ?? query.cursor ?? 0;
    return await live(async () => {
      const { filter } = query;
      const subscription = await observe(path.instance_id, { cursor, ...(filter && { filter }) });
      const source = new InstanceSource(subscription);
      // Who comes back to nothing is answered with what keeps a browser from coming back again and again.
      if (lastId !== undefined && (await source.isOver(PEEK_MS))) return undefined;
      return tellEvents(source, mediaTypeFor(request));
    });
  },
});

/** What a browser sends when it comes back; its URL still has the cursor that it began with. */
function lastEventIdOf(request: Request): number | undefined {
  const text = request.headers.get("last-event-id") ?? "";
  if (text === "") return undefined;
  const parsed = Cursor.safeParse(text);
  if (!parsed.success) throw invalidInput("the header `Last-Event-ID` is no event's id");
  return parsed.data;
}
