import type { Payload } from "./payload.ts";

const encoder = new TextEncoder();

/** Bytes a payload takes in the store. */
export function sizeOf(payload: Payload): number {
  // No character takes more than three bytes in UTF-8 per UTF-16 unit: most need no encoding to know.
  return payload.length * 3 < 65_536 ? payload.length : encoder.encode(payload).length;
}
