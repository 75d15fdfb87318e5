/**
 * How a stream looks to observers who do not read it: its beginning when that is text, else how long it is.
 * Cloudflare's form. It is made while the bytes pass, and kept in the history.
 */
import { STREAM_PREVIEW_LENGTH } from "./limits.ts";

/** No character takes more bytes in UTF-8. */
const MAX_CHARACTER_BYTES = 4;

export class StreamPreview {
  readonly #beginning = new Uint8Array(STREAM_PREVIEW_LENGTH * MAX_CHARACTER_BYTES);
  #length = 0;
  #total = 0;

  /** The next bytes of the stream. */
  add(bytes: Uint8Array): void {
    this.#total += bytes.length;
    const missing = bytes.subarray(0, this.#beginning.length - this.#length);
    this.#beginning.set(missing, this.#length);
    this.#length += missing.length;
  }

  /** Of all that was added. */
  toText(): string {
    const isCut = this.#total > this.#length;
    const text = decode(this.#beginning.subarray(0, this.#length), isCut);
    if (text === undefined) return `[ReadableStream (binary): ${this.#total} bytes]`;
    if (text.length <= STREAM_PREVIEW_LENGTH && !isCut) return text;
    return `${cut(text)}[truncated output]`;
  }
}

/** `undefined` when it is no text. One that goes on may end within a character. */
function decode(bytes: Uint8Array, goesOn: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: goesOn });
  } catch {
    // Which byte is wrong is of no interest.
    return undefined;
  }
}

/** Not in the middle of a character that takes two units. */
function cut(text: string): string {
  const last = text.codePointAt(STREAM_PREVIEW_LENGTH - 1) ?? 0;
  return text.slice(0, last > 0xff_ff ? STREAM_PREVIEW_LENGTH - 1 : STREAM_PREVIEW_LENGTH);
}
