import type { Group } from "../command.ts";
import { bench } from "./bench.ts";
import { bulk } from "./bulk/index.ts";
import { completer, completion } from "./completion.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { init } from "./init.ts";
import { logs } from "./logs.ts";
import { profile } from "./profile/index.ts";
import { run } from "./run.ts";
import { search } from "./search.ts";
import { server } from "./server.ts";
import { tail } from "./tail.ts";
import { tokens } from "./tokens/index.ts";
import { why } from "./why.ts";
import { worker } from "./worker.ts";
import { workflows } from "./workflows/index.ts";

/** All commands, in the order in which help lists them. */
export const ROOT: Group = {
  name: "",
  summary: "Durable workflows on Redis and BullMQ, from the command line.",
  commands: [
    init,
    dev,
    run,
    worker,
    server,
    workflows,
    search,
    why,
    logs,
    tail,
    bulk,
    tokens,
    profile,
    doctor,
    bench,
    completion,
    completer(() => ROOT),
  ],
  examples: [
    { line: "dev", summary: "your workflows while you write them, on a Redis of their own" },
    {
      line: `workflows trigger orders '{"item": "tea"}' --url http://localhost:8787`,
      summary: "start an instance there",
    },
    {
      line: "workflows instances describe orders latest --url http://localhost:8787",
      summary: "see how it went",
    },
  ],
};
