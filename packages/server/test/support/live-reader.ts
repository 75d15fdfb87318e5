/** Reads a live answer as a client would: server-sent events, or lines of JSON. */
import { onTestFinished } from "vitest";

type Data = Readonly<Record<string, unknown>>;

export interface HeardEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Data;
  /** A comment, or a field that is none of those. */
  readonly other?: string;
}

export interface LiveReader {
  readonly status: number;
  readonly headers: Headers;
  /** The next event; `undefined` when it is over. Comments are left out. */
  readonly next: () => Promise<HeardEvent | undefined>;
  /** All up to the first one that is wanted, which is the last. */
  readonly until: (isWanted: (event: HeardEvent) => boolean) => Promise<readonly HeardEvent[]>;
  readonly rest: () => Promise<readonly HeardEvent[]>;
  /** The next piece as it comes, comments and all. */
  readonly text: () => Promise<string | undefined>;
  readonly leave: () => void;
}

export async function listenTo(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<LiveReader> {
  const controller = new AbortController();
  const leave = (): void => controller.abort();
  onTestFinished(leave);
  const response = await fetch(url, { headers, signal: controller.signal });
  const isLines = response.headers.get("content-type") === "application/x-ndjson";
  const parse = isLines ? parseLine : parseEvent;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = "";
  const text = async (): Promise<string | undefined> => {
    const piece = await reader?.read();
    return piece?.done === false ? piece.value : undefined;
  };
  const next = async (): Promise<HeardEvent | undefined> => {
    const separator = isLines ? "\n" : "\n\n";
    for (;;) {
      const end = buffered.indexOf(separator);
      if (end < 0) {
        const more = await text();
        if (more === undefined) return undefined;
        buffered += more;
        continue;
      }
      const block = buffered.slice(0, end);
      buffered = buffered.slice(end + separator.length);
      const event = parse(block);
      if (event.data) return event;
    }
  };
  const until: LiveReader["until"] = async (isWanted) => {
    const heard: HeardEvent[] = [];
    for (let event = await next(); event; event = await next()) {
      heard.push(event);
      if (isWanted(event)) return heard;
    }
    throw new Error(`It ended without what was wanted: ${JSON.stringify(heard)}`);
  };
  const rest = async (): Promise<readonly HeardEvent[]> => {
    const heard: HeardEvent[] = [];
    for (let event = await next(); event; event = await next()) heard.push(event);
    return heard;
  };
  return { status: response.status, headers: response.headers, next, until, rest, text, leave };
}

export function typesOf(events: readonly HeardEvent[]): readonly unknown[] {
  return events.map(({ data }) => data?.["type"]);
}

function parseEvent(block: string): HeardEvent {
  const fields = block
    .split("\n")
    .map((line) => /^([a-z]*): ?(.*)$/.exec(line) ?? ["", "other", line]);
  const named = Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value]));
  const { data, ...rest } = named;
  return { ...rest, ...(data !== undefined && { data: JSON.parse(data) as Data }) };
}

function parseLine(line: string): HeardEvent {
  return line === "" ? {} : { data: JSON.parse(line) as Data };
}
