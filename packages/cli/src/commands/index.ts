import type { Group } from "../command.ts";
import { bench } from "./bench.ts";
import { completer, completion } from "./completion.ts";
import { dev } from "./dev.ts";
import { doctor } from "./doctor.ts";
import { init } from "./init.ts";
import { run } from "./run.ts";
import { server } from "./server.ts";
import { worker } from "./worker.ts";

/** All commands, in the order in which help lists them. */
export const ROOT: Group = {
  name: "",
  summary: "Durable workflows on Redis and BullMQ, from the command line.",
  commands: [init, dev, run, worker, server, doctor, bench, completion, completer(() => ROOT)],
};
