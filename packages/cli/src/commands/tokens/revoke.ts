import { CommandError } from "../../command.ts";
import type { Command } from "../../command.ts";
import { confirm, YES_FLAG } from "../../confirm.ts";
import { tokenCommand } from "../../connection/token-command.ts";
import { EXIT } from "../../exit-codes.ts";
import { argument } from "../../flags.ts";
import { toJson } from "../../text.ts";

export const revoke: Command = tokenCommand({
  name: "revoke",
  summary: "Makes a token useless, from the next call on",
  args: { id: argument("the token's id, as `tokens list` has it") },
  flags: YES_FLAG,
  examples: [{ line: "tokens revoke 0123456789abcdef", summary: "asks first" }],
  execute: async (call) => {
    const { args, tokens, place, terminal, isJson } = call;
    // The whole token is not needed, and who has it at hand is understood.
    const id = /^bwt_([0-9a-f]{16})_/.exec(args.id)?.[1] ?? args.id;
    await confirm(call, `Revoke the token ${id} at ${place}?`);
    if (!(await tokens.revoke(id))) {
      const hint = "`bullmq-workflows tokens list` has them all.";
      throw new CommandError(`There is no token "${id}" at ${place}. ${hint}`, EXIT.notFound);
    }
    terminal.say(
      isJson ? toJson({ id, revoked: true }) : `The token ${id} opens nothing any more.`,
    );
  },
});
