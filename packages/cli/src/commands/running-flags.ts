/** What several of the commands take that run things. Help lists it in the order in which a command has it. */
import type { Flag } from "../command.ts";
import { choice, text } from "../flags.ts";
import { LOG_FORMS, LOG_LEVELS } from "../log/log-writer.ts";
import type { LogForm, LogLevel } from "../log/log-writer.ts";

type Texts<Name extends string> = Readonly<Record<Name, Flag<string | undefined>>>;

/** A Redis that is there, or one that is started. */
export const OWN_REDIS: Texts<"redis" | "persist"> = {
  redis: text({
    value: "<url>",
    summary: "the Redis to use (default: REDIS_URL, else a server of its own is started)",
  }),
  persist: text({
    value: "<folder>",
    summary: "where a server of its own keeps its data (default: in memory only)",
  }),
};

/** A Redis that is there. */
export const GIVEN_REDIS: Texts<"redis"> = {
  redis: text({ value: "<url>", summary: "the Redis to use (default: REDIS_URL)" }),
};

export const PREFIX: Texts<"prefix"> = {
  prefix: text({ summary: "begins every key in Redis (default bw)" }),
};

/** What a Cloudflare project is run with. */
export const PROJECT: Texts<"env" | "bindings"> = {
  env: text({ value: "<name>", summary: "a named environment of a Cloudflare project" }),
  bindings: text({
    value: "<file>",
    summary: "exports `bindings`: what `env` of a Cloudflare project holds beside",
  }),
};

export const LOG: {
  readonly log: Flag<LogForm | undefined>;
  readonly logLevel: Flag<LogLevel | undefined>;
} = {
  log: choice({ choices: LOG_FORMS, summary: "how lines are written (default text)" }),
  logLevel: choice({ choices: LOG_LEVELS, summary: "the least that is written (default info)" }),
};
