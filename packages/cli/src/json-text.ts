/** JSON that was typed on a command line. */
import { UsageError } from "./command.ts";

/** @throws {@link UsageError} saying where it stops being JSON. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `Expected ${name} to be JSON: ${reason}. A text needs double quotes within the shell's: '"so"'.`,
    );
  }
}
