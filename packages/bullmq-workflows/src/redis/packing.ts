/**
 * What goes between here and the scripts: one MessagePack text each way, which Redis reads and writes itself.
 *
 * As arguments of their own, the hundreds of values of a batch cost more to be written, parsed and answered
 * one by one than all that the script does with them.
 */
import { Packr } from "msgpackr";
import type { Items, Replies } from "./script-batches.ts";

/** Instants and fences have more than 32 bits, and fit a number exactly. */
const packr = new Packr({ useRecords: false, int64AsType: "number" });

/** Numbers go as texts, as Redis stores them: scripts compare them with what they read. */
export function packItems(items: Items): Buffer {
  return packr.pack(items.map((item) => item.map(toText)));
}

export function unpackReplies(packed: unknown): Replies {
  return packr.unpack(packed as Buffer) as Replies;
}

/** How calls and answers of a script are written. */
export interface Packing {
  readonly pack: (items: Items) => Buffer;
  readonly unpack: (packed: unknown) => Replies;
}

export const TEXTS: Packing = { pack: packItems, unpack: unpackReplies };

/**
 * For scripts that take or answer with bytes. Redis's MessagePack has no type for these, only texts that may
 * be anything; the library's has one that Redis does not know.
 */
export const BYTES: Packing = { pack: packBytes, unpack: unpackBytes };

const LONG_TEXT = 0xdb;

function packBytes(items: Items): Buffer {
  const parts = items.flatMap((item) => [listMark(item.length), ...item.map(packValue)]);
  return Buffer.concat([listMark(items.length), ...parts]);
}

function packValue(value: Items[number][number]): Buffer {
  return value instanceof Uint8Array
    ? Buffer.concat([mark(LONG_TEXT, value.length), value])
    : packr.pack(toText(value));
}

function listMark(length: number): Buffer {
  return mark(0xdd, length);
}

function mark(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(5, type);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** An answer to one call: a list of one list, which says that it is a piece, and the piece. */
const CHUNK_REPLY = Buffer.concat([Buffer.of(0x91, 0x92), packr.pack("chunk")]);

/** By the mark of a text: of how many bytes the number is that says how long it is. */
const LENGTH_BYTES: Readonly<Record<number, number>> = { 0xd9: 1, 0xda: 2, [LONG_TEXT]: 4 };

function unpackBytes(packed: unknown): Replies {
  const buffer = packed as Buffer;
  if (!buffer.subarray(0, CHUNK_REPLY.length).equals(CHUNK_REPLY)) return unpackReplies(buffer);
  const textMark = buffer[CHUNK_REPLY.length] ?? 0;
  const start = CHUNK_REPLY.length + 1 + (LENGTH_BYTES[textMark] ?? 0);
  return [["chunk", buffer.subarray(start)]];
}

type Text = string | readonly Text[];

function toText(value: Items[number][number]): Text {
  return typeof value === "object" ? (value as readonly Text[]).map(String) : String(value);
}
