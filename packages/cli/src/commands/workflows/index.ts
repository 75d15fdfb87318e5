import type { Group } from "../../command.ts";
import { instances } from "../instances/index.ts";
import { deleteWorkflow } from "./delete.ts";
import { describe } from "./describe.ts";
import { list } from "./list.ts";
import { queue } from "./queue.ts";
import { trigger } from "./trigger.ts";
import { workers } from "./workers.ts";

export const workflows: Group = {
  name: "workflows",
  summary: "Lists, describes, triggers and deletes workflows, and all about their instances",
  commands: [list, describe, trigger, deleteWorkflow, instances, queue, workers],
  examples: [
    { line: "workflows list", summary: "which there are" },
    { line: "workflows instances describe orders latest", summary: "how the last one went" },
  ],
};
