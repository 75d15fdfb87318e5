import type { Group } from "../command.ts";
import { bulk } from "./bulk/index.ts";
import { completer, completion } from "./completion.ts";
import { logs } from "./logs.ts";
import { profile } from "./profile/index.ts";
import { queue } from "./queue.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { tail } from "./tail.ts";
import { tokens } from "./tokens/index.ts";
import { why } from "./why.ts";
import { workers } from "./workers.ts";
import { workflows } from "./workflows/index.ts";

/** All commands, in the order in which help lists them. */
export const ROOT: Group = {
  name: "",
  summary: "Durable workflows on Redis and BullMQ, from the command line.",
  commands: [
    run,
    workflows,
    search,
    why,
    logs,
    tail,
    bulk,
    queue,
    workers,
    tokens,
    profile,
    completion,
    completer(() => ROOT),
  ],
  examples: [
    { line: "run my-project", summary: "a Cloudflare Workflows project, on a Redis of its own" },
    { line: `workflows trigger orders '{"item": "tea"}'`, summary: "start an instance" },
    { line: "workflows instances describe orders latest", summary: "see how it went" },
  ],
};
