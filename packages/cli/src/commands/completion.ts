/** `completion <shell>`, and what the scripts that it prints call. */
import { command } from "../command.ts";
import type { Command, Group } from "../command.ts";
import { complete } from "../completion.ts";
import { COMPLETE, COMPLETION_SCRIPTS, SHELLS } from "../completion-scripts.ts";
import { rest, selection } from "../flags.ts";

export const completion: Command = command({
  name: "completion",
  summary: "Prints what makes a shell complete commands and options",
  args: { shell: selection("the shell", SHELLS) },
  examples: [
    { line: "completion bash >> ~/.bashrc", summary: "bash" },
    { line: 'completion zsh > "${fpath[1]}/_bullmq-workflows"', summary: "zsh" },
    {
      line: "completion fish > ~/.config/fish/completions/bullmq-workflows.fish",
      summary: "fish",
    },
  ],
  execute: async ({ args, terminal }) => {
    terminal.say(COMPLETION_SCRIPTS[args.shell].trimEnd());
  },
});

/** @param root which has this command in it, so it can only be asked for later. */
export function completer(root: () => Group): Command {
  return command({
    name: COMPLETE,
    summary: "Prints what may follow the words, for the scripts of shells",
    isHidden: true,
    args: { words: rest("the words so far, the last of which is to be completed") },
    execute: async ({ args, terminal }) => {
      for (const { word, summary } of complete(root(), args.words)) {
        terminal.say(`${word}\t${summary}`);
      }
    },
  });
}
