import { UsageError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { tokenCommand } from "../../connection/token-command.ts";
import { argument, choice, required, text } from "../../flags.ts";
import { toJson } from "../../text.ts";
import { timeWords } from "../../views/words.ts";

export const create: Command = tokenCommand({
  name: "create",
  summary: "Creates a token and shows it, once",
  args: { name: argument("whose it is, or what for") },
  flags: {
    role: required(
      choice({
        value: "<role>",
        choices: ["view", "operate", "admin"],
        summary: "what it lets do",
      }),
    ),
    namespaces: text({ value: "<names>", summary: "a list with commas, or all (default: one)" }),
    workflows: text({ value: "<names>", summary: "a list with commas, or all (default all)" }),
    expires: text({
      value: "<when>",
      summary: 'a date, or a time such as "90 days" (default never)',
    }),
  },
  examples: [
    { line: "tokens create dashboard --role view", summary: "reads, and no more" },
    {
      line: "tokens create billing --role operate --workflows invoices --expires '90 days'",
      summary: "for one workflow, for a while",
    },
  ],
  execute: async ({ args, flags, tokens, place, terminal, isJson }) => {
    const { namespaces, workflows, expires } = flags;
    const expiresAt = expires === undefined ? undefined : await readExpiry(expires);
    const { token, info } = await explaining(async () => {
      return await tokens.create({
        name: args.name,
        role: flags.role,
        ...(namespaces !== undefined && { namespaces: readScope(namespaces) }),
        ...(workflows !== undefined && { workflows: readScope(workflows) }),
        ...(expiresAt && { expiresAt }),
      });
    });
    if (isJson) return terminal.say(toJson({ token, ...info }));
    // The token alone on standard output, so that it can be put where it is needed.
    terminal.say(token);
    const until = info.expiresAt ? [" until ", timeWords(info.expiresAt.toISOString())] : "";
    terminal.warn([`Token ${info.id} (${info.role}) for ${place}`, until, "."]);
    terminal.warn(
      "It is not shown again. Until there was one, everybody on the machine was let in.",
    );
  },
});

/** What breaks a rule of tokens breaks one of this command line. @throws {@link UsageError} */
async function explaining<T>(create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** @throws {@link UsageError} */
async function readExpiry(text: string): Promise<Date> {
  const { parseDuration } = await import("bullmq-workflows/internal");
  const isDuration = /^\s*\d+(?:\.\d+)?\s*[a-z]+\s*$/i.test(text);
  const at = isDuration ? Date.now() + parseDuration(text) : Date.parse(text);
  if (Number.isFinite(at) && at > Date.now()) return new Date(at);
  throw new UsageError(
    `Expected --expires to be a date to come, or a time such as "90 days", got "${text}".`,
  );
}

function readScope(text: string): readonly string[] | "all" {
  return text === "all" ? text : text.split(",").map((name) => name.trim());
}
