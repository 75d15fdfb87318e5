/** Where commands write, and whom they ask. Nothing is written that a terminal would obey. */
import { createInterface } from "node:readline/promises";
import type { ReadStream, WriteStream } from "node:tty";
import { readEnvironment } from "./environment.ts";
import { cut, toAnsi, toPlain, widthOf } from "./text.ts";
import type { Text } from "./text.ts";

export interface Terminal {
  /** What was asked for: to standard output. */
  say(line: Text): void;
  /** What is worth knowing beside it: to standard error. */
  warn(line: Text): void;
  /** How far something long is, in one line that the next one replaces. Nothing where nobody looks on. */
  progress(line: Text | undefined): void;
  /** Columns to write tables for; infinite where output does not go to a terminal. */
  readonly width: number;
  /** Whether somebody is there to answer. */
  readonly isInteractive: boolean;
  /** Answers with what was typed; `undefined` for the end of input. */
  ask(question: Text): Promise<string | undefined>;
}

/** What of a process a terminal needs. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function openTerminal({ stdin, stdout, stderr }: Streams = process): Terminal {
  const { isColorful } = readEnvironment();
  // Whoever read the output, `head` for one, has had enough: that is no failure.
  for (const stream of [stdout, stderr]) stream.on("error", endAtClosedPipe);
  let progressWidth = 0;
  const clear = (): void => {
    if (progressWidth > 0) stderr.write(`\r${" ".repeat(progressWidth)}\r`);
    progressWidth = 0;
  };
  const write = (stream: NodeJS.WriteStream, line: Text): void => {
    clear();
    stream.write(`${(isColorful ?? hasColors(stream)) ? toAnsi(line) : toPlain(line)}\n`);
  };
  return {
    say: (line) => write(stdout, line),
    warn: (line) => write(stderr, line),
    progress: (line) => {
      clear();
      if (line === undefined || !stderr.isTTY) return;
      const shown = cut(toPlain(line), (stderr.columns || 80) - 1);
      stderr.write(shown);
      progressWidth = widthOf(shown);
    },
    width: stdout.isTTY ? stdout.columns || 80 : Infinity,
    isInteractive: Boolean((stdin as Partial<ReadStream>).isTTY && stderr.isTTY),
    ask: async (question) => {
      clear();
      return await ask(question, stdin, stderr);
    },
  };
}

/** Resolves when everything has left this process. */
export async function flush({ stdout, stderr }: Streams = process): Promise<void> {
  for (const stream of [stdout, stderr]) {
    if (!stream.writable) continue;
    await new Promise<void>((resolve) => void stream.write("", () => resolve()));
  }
}

function hasColors(stream: Partial<WriteStream>): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true;
}

function endAtClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

async function ask(
  question: Text,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string | undefined> {
  const lines = createInterface({ input, output });
  try {
    return await new Promise<string | undefined>((resolve) => {
      lines.once("close", () => resolve(undefined));
      // Ctrl-C while a question stands ends the program as it does at any other time.
      lines.once("SIGINT", () => {
        lines.close();
        process.kill(process.pid, "SIGINT");
      });
      void lines.question(`${toPlain(question)} `).then(resolve, () => resolve(undefined));
    });
  } finally {
    lines.close();
  }
}
