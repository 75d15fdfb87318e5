/** What an engine has to say, for who sits at a terminal. */
import { inspect } from "node:util";
import type { Logger } from "bullmq-workflows";
import type { Terminal } from "../terminal.ts";

/** What needs no one's attention is left out. */
export function toEngineLogger(terminal: Terminal): Logger {
  return (level, message, facts) => {
    if (level !== "warn" && level !== "error") return;
    const rest = facts && Object.keys(facts).length > 0 ? ` ${inspect(facts)}` : "";
    terminal.warn(`${level}: ${message}${rest}`);
  };
}
