/** Asks before something is done that cannot be undone. */
import { CommandError } from "./command.ts";
import type { Flag } from "./command.ts";
import { toggle } from "./flags.ts";
import type { Terminal } from "./terminal.ts";
import type { Text } from "./text.ts";

export const YES_FLAG: { readonly yes: Flag<boolean> } = {
  yes: toggle({ short: "y", summary: "ask nothing" }),
};

/**
 * Where nobody is there to answer, the command line itself is the answer, as it is wrangler's: a script means
 * what it says.
 *
 * @throws {@link CommandError} when the answer is no.
 */
export async function confirm(
  { flags, terminal }: { readonly flags: { readonly yes: boolean }; readonly terminal: Terminal },
  question: Text,
): Promise<void> {
  if (flags.yes || !terminal.isInteractive) return;
  const answer = await terminal.ask([question, " [y/N]"]);
  if (/^\s*y(es)?\s*$/i.test(answer ?? "")) return;
  throw new CommandError("Nothing was done.");
}
