import type { Group } from "../../command.ts";
import { add } from "./add.ts";
import { list } from "./list.ts";
import { remove } from "./remove.ts";
import { use } from "./use.ts";

export const profile: Group = {
  name: "profile",
  summary: "Keeps servers, tokens and Redis URLs under names",
  commands: [add, list, use, remove],
  examples: [
    { line: "profile add live --url https://workflows.example.com --token -", summary: "keep one" },
    { line: "profile use live", summary: "what commands ask from now on" },
  ],
};
