import type { Group } from "../../command.ts";
import { cancel } from "./cancel.ts";
import { list } from "./list.ts";
import { start } from "./start.ts";

export const bulk: Group = {
  name: "bulk",
  summary: "Does one thing to all instances that fit, and says how far it has come",
  commands: [start, list, cancel],
  examples: [
    {
      line: "bulk start restart orders --status errored --dry-run",
      summary: "what would it meet?",
    },
  ],
};
