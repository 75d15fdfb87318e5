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

type Text = string | readonly Text[];

function toText(value: Items[number][number]): Text {
  return typeof value === "object" ? value.map(String) : String(value);
}
