import { readFile } from "node:fs/promises";
import { CommandError, UsageError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { confirm, YES_FLAG } from "../../confirm.ts";
import type { Api } from "../../connection/api.ts";
import { apiCommand } from "../../connection/api-command.ts";
import { resolveInstance } from "../../connection/calls.ts";
import { EXIT } from "../../exit-codes.ts";
import { argument, rest, text } from "../../flags.ts";
import { parseJson } from "../../json-text.ts";
import type { Terminal } from "../../terminal.ts";
import { styled } from "../../text.ts";
import type { Text } from "../../text.ts";
import { countWords } from "../../views/words.ts";

/** Ids that one call takes. */
const BATCH = 100;

interface Deletion {
  readonly deleted: readonly { readonly id: string }[];
  readonly errors: readonly {
    readonly id: string;
    readonly code: number;
    readonly message: string;
  }[];
}

export const deleteInstances: Command = apiCommand({
  name: "delete",
  summary: "Deletes instances with all that they recorded",
  args: { name: argument("the workflow"), id: rest("the instances") },
  flags: {
    filename: text({ value: "<file>", summary: "a file with a JSON list of ids" }),
    ...YES_FLAG,
  },
  examples: [
    { line: "workflows instances delete orders order-7 order-8", summary: "asks first" },
    { line: "workflows instances delete orders --filename ids.json -y", summary: "many" },
  ],
  execute: async (call) => {
    const { api, args, flags, terminal, show } = call;
    const ids = await resolveIds(api, args.name, await readIds(args.id, flags.filename));
    const which =
      ids.length === 1 ? `the instance "${ids[0]}"` : countWords(ids.length, "instance");
    await confirm(call, `Delete ${which} of "${args.name}" at ${api.place}?`);
    const result = await deleteAll(api, { workflow: args.name, ids }, terminal);
    show(result, () => describe(args.name, result));
    return result.errors.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

/** @throws {@link UsageError}, or {@link CommandError} when the file is none. */
async function readIds(
  given: readonly string[],
  filename: string | undefined,
): Promise<readonly string[]> {
  if (filename === undefined) {
    if (given.length > 0) return given;
    throw new UsageError("Expected ids of instances, or --filename.");
  }
  const text = await readFile(filename, "utf8").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${filename} cannot be read: ${reason}`);
  });
  const ids = parseJson(text, filename);
  const isList = Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string");
  if (!isList) throw new UsageError(`Expected ${filename} to be a list of ids, as JSON.`);
  return [...given, ...ids];
}

async function resolveIds(
  api: Api,
  workflow: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  return await Promise.all(ids.map(async (id) => await resolveInstance(api, workflow, id)));
}

async function deleteAll(
  api: Api,
  { workflow, ids }: { readonly workflow: string; readonly ids: readonly string[] },
  terminal: Terminal,
): Promise<Deletion> {
  const [deleted, errors]: [Deletion["deleted"][number][], Deletion["errors"][number][]] = [[], []];
  for (let at = 0; at < ids.length; at += BATCH) {
    if (ids.length > BATCH) terminal.progress(`Deleting ${at} of ${ids.length} …`);
    const part = await api.call("deleteInstances", {
      path: { workflow_name: workflow },
      body: { instances: ids.slice(at, at + BATCH) },
    });
    deleted.push(...part.deleted);
    errors.push(...part.errors);
  }
  return { deleted, errors };
}

function describe(workflow: string, { deleted, errors }: Deletion): readonly Text[] {
  const ids = deleted.map(({ id }) => `"${id}"`).join(", ");
  const done = `🗑️  Deleted workflow instances from "${workflow}": ${ids}`;
  return [
    ...(deleted.length === 0 ? [] : [done]),
    ...errors.map(({ id, message }) => styled("red", `"${id}" was not deleted: ${message}`)),
  ];
}
