/** Prints lines, and below them one line that is redrawn in place; without a terminal, now and then. */
import type { WriteStream } from "node:tty";

const REPEAT_MS = 4000;
const USUAL_COLUMNS = 80;
const ERASE_LINE = "\r\u001b[2K";

export class Screen {
  readonly #out: WriteStream;
  #progress = "";
  #printedAt = 0;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  say(line: string): void {
    this.#out.write(this.#out.isTTY ? `${ERASE_LINE}${line}\n${this.#progress}` : `${line}\n`);
  }

  progress(line: string): void {
    if (this.#out.isTTY) {
      this.#progress = line.slice(0, (this.#out.columns || USUAL_COLUMNS) - 1);
      this.#out.write(`${ERASE_LINE}${this.#progress}`);
    } else if (Date.now() - this.#printedAt >= REPEAT_MS) {
      this.#printedAt = Date.now();
      this.#out.write(`${line}\n`);
    }
  }

  /** Leaves the last progress line on the screen and goes on below it. */
  endProgress(): void {
    if (this.#progress !== "") this.#out.write("\n");
    this.#progress = "";
  }
}
