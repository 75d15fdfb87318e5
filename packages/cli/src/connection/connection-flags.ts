/** The options by which every command that asks a server or Redis is told where to go. */
import type { Flag } from "../command.ts";
import { text } from "../flags.ts";

const section = "Where to";

export type ConnectionFlags = Readonly<
  Record<
    "url" | "token" | "redis" | "prefix" | "profile" | "namespace" | "account",
    Flag<string | undefined>
  >
>;

export const CONNECTION_FLAGS: ConnectionFlags = {
  url: text({ section, value: "<url>", summary: "a server (or BULLMQ_WORKFLOWS_URL)" }),
  token: text({
    section,
    value: "<token>",
    summary: "for --url; - reads it from standard input (or BULLMQ_WORKFLOWS_TOKEN)",
  }),
  redis: text({ section, value: "<url>", summary: "straight at Redis, with no server" }),
  prefix: text({ section, summary: "what begins every key in Redis (default bw)" }),
  profile: text({ section, value: "<name>", summary: "a place that `profile add` has kept" }),
  namespace: text({
    section,
    value: "<name>",
    summary: "whose instances (default: the place's own, or default)",
  }),
  account: text({ section, value: "<name>", summary: "the same, as Cloudflare calls it" }),
};

/** What was given to them. */
export type ConnectionChoice = { readonly [Name in keyof ConnectionFlags]?: string | undefined };
