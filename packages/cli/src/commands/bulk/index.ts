import type { Group } from "../../command.ts";
import { cancel } from "./cancel.ts";
import { list } from "./list.ts";
import { start } from "./start.ts";

export const bulk: Group = {
  name: "bulk",
  summary: "Pauses, resumes, restarts, terminates, deletes or tells many instances at once",
  commands: [start, list, cancel],
  examples: [
    {
      line: "bulk start restart orders --status errored --dry-run",
      summary: "what would it meet?",
    },
  ],
};
