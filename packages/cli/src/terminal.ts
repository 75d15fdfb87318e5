/** Where commands write. */
export interface Terminal {
  /** What was asked for. */
  say(line: string): void;
  /** What is worth knowing beside it. */
  warn(line: string): void;
}

export function openTerminal(): Terminal {
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
  };
}
