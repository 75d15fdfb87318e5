/** What an engine has to say, for who sits at a terminal: a line for each. */
import { inspect } from "node:util";
import type { Logger } from "bullmq-workflows";
import type { Terminal } from "../terminal.ts";
import { styled } from "../text.ts";

type Facts = Readonly<Record<string, unknown>>;

const GRADE = "Redis is of this durability grade";

/** What is said in other words than the engine's. `docs/telemetry.md` has all messages with their facts. */
const WORDS: Readonly<Record<string, (facts: Facts) => string>> = {
  "an instance has errored": ({ workflow, instanceId, error }) =>
    `${String(workflow)}: instance "${String(instanceId)}" errored: ${String(error)}`,
  [GRADE]: ({ grade, promises }) =>
    `Redis is of durability grade ${String(grade)}. ${String(promises)}`,
};

interface EngineLogOptions {
  /** Whether Redis was started for this: what is to be known about it has been said then. */
  readonly isOwnRedis?: boolean;
}

/** What needs no one's attention is left out. */
export function toEngineLogger(
  terminal: Terminal,
  { isOwnRedis = false }: EngineLogOptions = {},
): Logger {
  return (level, message, facts = {}) => {
    if (level !== "warn" && level !== "error") return;
    if (isOwnRedis && message === GRADE) return;
    const rest = Object.keys(facts).length > 0 ? ` ${inspect(facts)}` : "";
    const line = WORDS[message]?.(facts) ?? `${message}${rest}`;
    terminal.warn([styled(level === "error" ? "red" : "yellow", `${level}:`), ` ${line}`]);
  };
}
