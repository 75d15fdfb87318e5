/**
 * A command about API tokens. They are made at Redis itself: whoever may write there may do anything, and
 * no token that leaks can be used to make others.
 */
import type { Tokens } from "@bullmq-workflows/server";
import { command, UsageError } from "../command.ts";
import type {
  Arguments,
  Command,
  CommandCall,
  CommandDefinition,
  Flags,
  ValuesOf,
} from "../command.ts";
import { toggle } from "../flags.ts";
import { findPlace } from "./connect.ts";
import { CONNECTION_FLAGS } from "./connection-flags.ts";
import { describePlace } from "./place.ts";

interface TokenCall<F, A> extends CommandCall<F, A> {
  readonly tokens: Tokens;
  /** For people: where they are. */
  readonly place: string;
  readonly isJson: boolean;
}

const { redis, prefix, profile, namespace } = CONNECTION_FLAGS;

const COMMON = {
  json: toggle({ summary: "say the result as JSON" }),
  redis,
  prefix,
  profile,
  namespace,
};

export function tokenCommand<
  F extends Flags = Readonly<Record<string, never>>,
  A extends Arguments = Readonly<Record<string, never>>,
>(definition: CommandDefinition<F, A, TokenCall<ValuesOf<F>, ValuesOf<A>>>): Command {
  return command({
    ...definition,
    flags: { ...definition.flags, ...COMMON },
    execute: async (call) => {
      const { json, ...choice } = call.flags as ValuesOf<typeof COMMON>;
      const place = await findPlace(choice);
      if (place.type === "server") {
        throw new UsageError(
          "Tokens are made at Redis itself, not through a server: say where it is with --redis.",
        );
      }
      const { openTokensAt } = await import("./direct.ts");
      const { tokens, close } = await openTokensAt(place);
      try {
        return await definition.execute({
          ...(call as unknown as CommandCall<ValuesOf<F>, ValuesOf<A>>),
          tokens,
          place: describePlace(place),
          isJson: json,
        });
      } finally {
        await close();
      }
    },
  });
}
