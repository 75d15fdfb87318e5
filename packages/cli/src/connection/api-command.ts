/** A command that asks the API: it can be told where that is, and to answer with what the API answered. */
import { command, toExitCode } from "../command.ts";
import type {
  Arguments,
  Command,
  CommandCall,
  CommandDefinition,
  Flag,
  Flags,
  ValuesOf,
} from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { toggle } from "../flags.ts";
import { toJson } from "../text.ts";
import type { Text } from "../text.ts";
import type { Api } from "./api.ts";
import { connect } from "./connect.ts";
import { CONNECTION_FLAGS } from "./connection-flags.ts";
import type { Place } from "./place.ts";

export interface ApiCall<F, A> extends CommandCall<F, A> {
  readonly api: Api;
  readonly place: Place;
  readonly isJson: boolean;
  /** Says the result: as it is with `--json`, else in the lines that `describe` makes of it. */
  readonly show: <T>(result: T, describe: (result: T) => readonly Text[]) => void;
}

const JSON_FLAG: { readonly json: Flag<boolean> } = {
  json: toggle({ summary: "say the result as JSON" }),
};

export function apiCommand<
  F extends Flags = Readonly<Record<string, never>>,
  A extends Arguments = Readonly<Record<string, never>>,
>(definition: CommandDefinition<F, A, ApiCall<ValuesOf<F>, ValuesOf<A>>>): Command {
  const { execute, flags } = definition;
  const all = { ...flags, ...JSON_FLAG, ...CONNECTION_FLAGS };
  return command({
    ...definition,
    flags: all,
    execute: async (call) => {
      const { terminal } = call;
      const { json } = call.flags as ValuesOf<typeof JSON_FLAG>;
      const connection = await connect(call.flags, terminal);
      let exitCode: number = EXIT.failed;
      try {
        const returned = await execute({
          ...(call as unknown as CommandCall<ValuesOf<F>, ValuesOf<A>>),
          ...connection,
          isJson: json,
          show: (result, describe) => {
            if (json) terminal.say(toJson(result));
            else for (const line of describe(result)) terminal.say(line);
          },
        });
        exitCode = toExitCode(returned);
      } finally {
        terminal.progress(undefined);
        await connection.close(exitCode === EXIT.interrupted);
      }
      return exitCode;
    },
  });
}
