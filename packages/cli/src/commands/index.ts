import type { Group } from "../command.ts";
import { completer, completion } from "./completion.ts";
import { run } from "./run.ts";

/** All commands, in the order in which help lists them. */
export const ROOT: Group = {
  name: "",
  summary: "Durable workflows on Redis and BullMQ, from the command line.",
  commands: [run, completion, completer(() => ROOT)],
};
