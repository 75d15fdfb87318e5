/** The little of the Redis protocol (RESP2) this package speaks itself, to look after its servers. */

const NEWLINE = "\r\n";

/** An error reply. A value, not a throw: being refused is an answer too. */
export class ReplyError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export type Reply = string | number | null | ReplyError | readonly Reply[];

interface Parsed {
  readonly reply: Reply;
  readonly end: number;
}

export function encodeCommand(args: readonly string[]): Buffer {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}${NEWLINE}${arg}${NEWLINE}`);
  return Buffer.from(`*${args.length}${NEWLINE}${parts.join("")}`);
}

/** Reads the reply starting at `start`, or nothing when its bytes have not all arrived. */
export function parseReply(bytes: Buffer, start = 0): Parsed | undefined {
  const lineEnd = bytes.indexOf(NEWLINE, start);
  if (lineEnd === -1) return undefined;
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const end = lineEnd + NEWLINE.length;
  switch (String.fromCodePoint(bytes[start] ?? 0)) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new ReplyError(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$":
      return parseBulk(bytes, end, Number(line));
    case "*":
      return parseArray(bytes, end, Number(line));
    default:
      return { reply: new ReplyError(`not a Redis reply: ${JSON.stringify(line)}`), end };
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + NEWLINE.length;
  if (bytes.length < end) return undefined;
  return { reply: bytes.toString("utf8", start, start + length), end };
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  for (let i = 0; i < length; i++) {
    const item = parseReply(bytes, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}

/** One field of an `INFO` reply. */
export function readInfoField(info: Reply, field: string): string | undefined {
  if (typeof info !== "string") return undefined;
  const line = info.split(NEWLINE).find((candidate) => candidate.startsWith(`${field}:`));
  return line?.slice(field.length + 1);
}
