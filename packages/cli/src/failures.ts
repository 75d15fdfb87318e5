/** Turns what a command threw into what people read, and an exit code. */
import { CommandError, UsageError } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { PROGRAM } from "./help.ts";
import { styled } from "./text.ts";
import type { Text } from "./text.ts";

interface Failure {
  readonly message: Text;
  readonly exitCode: number;
}

/** @param path the names of the command that failed. */
export function describeFailure(error: unknown, path: readonly string[]): Failure {
  if (error instanceof UsageError) {
    const help = [PROGRAM, ...path, "--help"].join(" ");
    return { message: [red(error.message), `\n${help} says more.`], exitCode: EXIT.usage };
  }
  if (error instanceof CommandError)
    return { message: red(error.message), exitCode: error.exitCode };
  if (isCoded(error)) return describeCoded(error);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: red(text), exitCode: EXIT.failed };
}

function red(text: string): Text {
  return styled("red", text);
}

interface CodedError extends Error {
  readonly code: string;
}

/** An error of the library, or of one that stands on it: people can act on these without a stack. */
function isCoded(error: unknown): error is CodedError {
  if (!(error instanceof Error)) return false;
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && /^[a-z_]+\.[a-z_]+$/.test(code);
}

const EXIT_OF: Readonly<Record<string, number>> = {
  "store.unavailable": EXIT.unavailable,
  "server.unreachable": EXIT.unavailable,
  "instance.not_found": EXIT.notFound,
};

function describeCoded(error: CodedError): Failure {
  // What the project itself threw is for its author to find.
  const isTheirs = error.code === "project.load_failed" && error.cause instanceof Error;
  const stack = isTheirs ? `\n${(error.cause as Error).stack ?? ""}` : "";
  return {
    message: [red(`${error.message} (${error.code})`), stack],
    exitCode: EXIT_OF[error.code] ?? EXIT.failed,
  };
}
