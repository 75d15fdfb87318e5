/** Where commands write. */
export interface Terminal {
  /** What was asked for. */
  say(line: string): void;
  /** What is worth knowing beside it. */
  warn(line: string): void;
}

export function openTerminal(
  out: NodeJS.WritableStream = process.stdout,
  errors: NodeJS.WritableStream = process.stderr,
): Terminal {
  return {
    say: (line) => void out.write(`${line}\n`),
    warn: (line) => void errors.write(`${line}\n`),
  };
}
