/** `npm create bullmq-workflows [folder]`. */
import { relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { createProject, ProjectExistsError } from "./create-project.ts";
import { isTemplate, TEMPLATES } from "./templates.ts";
import type { Template } from "./templates.ts";

const HELP = `Usage: npm create bullmq-workflows [folder] -- [options]

Begins a project that runs with \`npm install\` and \`npm run dev\`, without Redis or Docker.

  folder                 where to write it (default my-workflows; asked for in a terminal)
  --template <name>      plain, or cloudflare for one that also runs on Workers (default plain)
  -h, --help             shows this`;

const DEFAULT_FOLDER = "my-workflows";

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { template: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) return say(HELP);
    if (positionals.length > 1) return fail(`Expected one folder, got ${positionals.join(", ")}`);
    const { template = "plain" } = values;
    if (!isTemplate(template)) {
      return fail(`There is no template "${template}": there are ${TEMPLATES.join(" and ")}`);
    }
    return await create(positionals[0] ?? (await askForFolder()), template);
  } catch (error) {
    if (error instanceof ProjectExistsError) return fail(error.message);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS")) return fail(`${message}\n\n${HELP}`);
    throw error;
  }
}

async function create(folder: string, template: Template): Promise<number> {
  const { directory, files } = await createProject({ directory: folder, template });
  const path = relative(process.cwd(), directory);
  const enter = path === "" ? "" : `  cd ${/\s/.test(path) ? `"${path}"` : path}\n`;
  return say(
    `Wrote ${files.length} files to ${directory}\n\n${enter}  npm install\n  npm run dev\n\n` +
      "README.md says what to try then.",
  );
}

/** Only where somebody is there to answer. */
async function askForFolder(): Promise<string> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return DEFAULT_FOLDER;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await lines.question(`Folder for the project (${DEFAULT_FOLDER}): `);
    return answer.trim() === "" ? DEFAULT_FOLDER : answer.trim();
  } finally {
    lines.close();
  }
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
