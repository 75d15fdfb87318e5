/** Hears of things as they happen, over connections that may break. */
import { setTimeout as wait } from "node:timers/promises";
import type { CallOptions } from "@bullmq-workflows/client";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { readLines } from "./lines.ts";

/** Something that happened. Further fields are those of its type. */
export interface Happening {
  readonly type: string;
  readonly eventId?: number;
  readonly [field: string]: unknown;
}

export type Open = (cursor: number | undefined, options: CallOptions) => Promise<Response>;

export interface Following {
  /** Begins to listen, after the event with this id where there is one. */
  readonly open: Open;
  /** Whether events have ids to go on after, and come to an end. Feeds have neither. */
  readonly hasEnd: boolean;
  readonly signal: AbortSignal;
  readonly onHappening: (happening: Happening) => void;
  readonly onBroken: () => void;
}

const LINES = { accept: "application/x-ndjson" } as const;

const FIRST_DELAY_MS = 500;

const LAST_DELAY_MS = 10_000;

/** Resolves after the last thing that can happen, or when the signal is aborted. */
export async function follow(following: Following): Promise<void> {
  const { signal, hasEnd, onBroken } = following;
  const place: Place = { cursor: undefined, isOpened: false };
  for (let delay = FIRST_DELAY_MS; !signal.aborted; delay = Math.min(2 * delay, LAST_DELAY_MS)) {
    const { cursor } = place;
    const outcome = await listen(following, place);
    if (signal.aborted || (outcome === "over" && hasEnd)) return;
    if (place.cursor !== cursor) delay = FIRST_DELAY_MS;
    onBroken();
    await wait(delay, undefined, { signal }).catch(() => undefined);
  }
}

interface Place {
  /** The event to go on after. */
  cursor: number | undefined;
  isOpened: boolean;
}

/** @throws {@link CommandError} when it is refused, or could not be opened in the first place. */
async function listen(following: Following, place: Place): Promise<"over" | "broken"> {
  const { open, signal, onHappening } = following;
  try {
    const response = await open(place.cursor, { headers: LINES, signal });
    place.isOpened = true;
    for await (const happening of readLines<Happening>(response, signal)) {
      if (happening.type === "end") return readEnd(happening);
      place.cursor = happening.eventId ?? place.cursor;
      onHappening(happening);
    }
    return "over";
  } catch (error) {
    if (signal.aborted) return "broken";
    const isRefusal = error instanceof CommandError && error.exitCode !== EXIT.unavailable;
    if (isRefusal || !place.isOpened) throw error;
    return "broken";
  }
}

/** Whether the server has told all, or says goodbye to this connection alone. @throws {@link CommandError} */
function readEnd({ reason }: Happening): "over" | "broken" {
  if (reason === "lost") {
    throw new CommandError("The instance is gone: Redis has lost it.", EXIT.notFound);
  }
  return reason === "finished" ? "over" : "broken";
}
