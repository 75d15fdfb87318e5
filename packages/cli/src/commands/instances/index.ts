import type { Group } from "../../command.ts";
import { deleteInstances } from "./delete.ts";
import { describe } from "./describe.ts";
import { list } from "./list.ts";
import { pause } from "./pause.ts";
import { restart } from "./restart.ts";
import { resume } from "./resume.ts";
import { sendEvent } from "./send-event.ts";
import { terminateAll } from "./terminate-all.ts";
import { terminate } from "./terminate.ts";

export const instances: Group = {
  name: "instances",
  summary: "Lists, describes and commands the instances of a workflow",
  commands: [
    list,
    describe,
    pause,
    resume,
    restart,
    terminate,
    terminateAll,
    sendEvent,
    deleteInstances,
  ],
  examples: [
    { line: "workflows instances list orders --status errored", summary: "which have failed" },
    { line: "workflows instances describe orders latest", summary: "how the last one went" },
  ],
};
