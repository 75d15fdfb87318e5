/** How events are told: as server-sent events, or as lines of JSON. */
import type { Framing, PieceSource } from "./live-answer.ts";
import type { LiveContent } from "./live-answers.ts";

/** Something that is told. Whoever is told the same gets the same object. */
export interface LiveEvent {
  /** Where to go on after it, if that is possible. */
  readonly id?: number;
  readonly type: string;
  /** JSON. */
  readonly data: object;
}

export interface EventSource {
  /** What there is to tell, as soon as there is anything; `undefined` after the last, and once it was closed. */
  next(): Promise<readonly LiveEvent[] | undefined>;
  close(): void;
}

/** The media types of live answers. */
export const EVENT_MEDIA_TYPES = ["text/event-stream", "application/x-ndjson"] as const;

type EventMediaType = (typeof EVENT_MEDIA_TYPES)[number];

/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;

/** Server-sent events, unless lines were asked for. */
export function mediaTypeFor(request: Request): EventMediaType {
  const accept = request.headers.get("accept") ?? "";
  return accept.includes("application/x-ndjson") ? "application/x-ndjson" : "text/event-stream";
}

export function tellEvents(source: EventSource, mediaType: EventMediaType): LiveContent {
  const print = PRINTERS[mediaType];
  const pieces: PieceSource = {
    next: async () => {
      const events = await source.next();
      return events && toBytes(events.map((event) => printOnce(event, mediaType, print)).join(""));
    },
    close: () => source.close(),
  };
  const headers = { "content-type": mediaType };
  return { source: pieces, framing: FRAMINGS[mediaType], headers };
}

type Print = (event: LiveEvent) => string;

const PRINTERS: Readonly<Record<EventMediaType, Print>> = {
  // JSON has no line breaks of its own, so the data is always one line.
  "text/event-stream": ({ id, type, data }) =>
    `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`,
  "application/x-ndjson": ({ data }) => `${JSON.stringify(data)}\n`,
};

/** A change of status may be told to thousands. */
const PRINTED = new WeakMap<LiveEvent, Map<EventMediaType, string>>();

function printOnce(event: LiveEvent, mediaType: EventMediaType, print: Print): string {
  const printed = PRINTED.get(event) ?? new Map<EventMediaType, string>();
  PRINTED.set(event, printed);
  const text = printed.get(mediaType) ?? print(event);
  printed.set(mediaType, text);
  return text;
}

function framingOf(print: Print, first: string | undefined, heartbeat: string): Framing {
  return {
    ...(first !== undefined && { first: toBytes(first) }),
    heartbeat: toBytes(heartbeat),
    end: (reason) => toBytes(print({ type: "end", data: { type: "end", reason } })),
  };
}

const ENCODER = new TextEncoder();

function toBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}

const FRAMINGS: Readonly<Record<EventMediaType, Framing>> = {
  "text/event-stream": framingOf(
    PRINTERS["text/event-stream"],
    `retry: ${RETRY_MS}\n\n`,
    ": still here\n\n",
  ),
  "application/x-ndjson": framingOf(PRINTERS["application/x-ndjson"], undefined, "\n"),
};
