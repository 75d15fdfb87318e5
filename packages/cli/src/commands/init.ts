/** `init [folder]`: begins a project. */
import { relative } from "node:path";
import { createProject, ProjectExistsError, TEMPLATES } from "create-bullmq-workflows";
import { command, CommandError } from "../command.ts";
import type { Command } from "../command.ts";
import { choice, optional } from "../flags.ts";

export const init: Command = command({
  name: "init",
  summary: "Begins a project that runs without Redis or Docker",
  details: `Writes a small TypeScript project: a workflow, a program that uses it, a test. What is there already is never
overwritten; if a file of the template is, nothing is written.`,
  args: { folder: optional("where to write it, by default here") },
  flags: {
    template: choice({
      choices: TEMPLATES,
      summary: "plain, or cloudflare for a project that runs on Workers too (default plain)",
    }),
  },
  examples: [
    { line: "init my-workflows", summary: "in a new folder" },
    { line: "init --template cloudflare", summary: "in this folder, for Workers too" },
  ],
  execute: async ({ args, flags, terminal }) => {
    try {
      const { directory, files } = await createProject({
        directory: args.folder ?? ".",
        template: flags.template ?? "plain",
      });
      const path = relative(process.cwd(), directory);
      terminal.say(`Wrote ${files.length} files to ${directory}\n`);
      if (path !== "") terminal.say(`  cd ${/\s/.test(path) ? `"${path}"` : path}`);
      terminal.say("  npm install\n  npm run dev");
    } catch (error) {
      if (error instanceof ProjectExistsError) throw new CommandError(error.message);
      throw error;
    }
  },
});
