/** The command line in a terminal of its own, typed at as a person would. */
import { spawn } from "@lydell/node-pty";
import { expect, onTestFinished } from "vitest";
import { eventually } from "../../../bullmq-workflows/test/support/eventually.ts";
import { cliEnvironment, toNodeArgs } from "./cli.ts";

export interface TerminalSession {
  /** All that the terminal was sent, with what it obeys. */
  readonly raw: string;
  /** Resolves when it shows this. */
  readonly shows: (text: string | RegExp) => Promise<void>;
  readonly type: (keys: string) => void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
}

export const CTRL_C = "\u0003";

export function openSession(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly columns?: number } = {},
): TerminalSession {
  const { env, columns = 100 } = options;
  const child = spawn(process.execPath, toNodeArgs(args), {
    name: "xterm-256color",
    cols: columns,
    rows: 40,
    env: { ...cliEnvironment(env), TERM: "xterm-256color" },
  });
  let raw = "";
  child.onData((data) => (raw += data));
  const ended = new Promise<number>((resolve) => {
    child.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode));
  });
  onTestFinished(() => child.kill("SIGKILL"));
  return {
    get raw() {
      return raw;
    },
    shows: async (text) => {
      await eventually(() => expect(raw).toMatch(text));
    },
    type: (keys) => child.write(keys),
    ended,
  };
}
