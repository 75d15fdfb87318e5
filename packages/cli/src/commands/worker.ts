/** `worker <entry>`: runs workflows in production. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { readEnvironment } from "../environment.ts";
import { argument, choice, duration, integer, port, text } from "../flags.ts";
import { demandRedis } from "./demand-redis.ts";
import { GIVEN_REDIS, LOG, PREFIX, PROJECT } from "./running-flags.ts";

export const worker: Command = command({
  name: "worker",
  summary: "Runs workflows in production",
  details: `Runs the workflows of a module, or of a Cloudflare project without its fetch handler, until SIGTERM or SIGINT:
then it takes nothing new, lets running steps end and gives back what is unfinished. A second signal ends it at
once. Any number of workers may run side by side.`,
  args: { entry: argument("a file that exports workflows, or the folder of a Cloudflare project") },
  flags: {
    ...GIVEN_REDIS,
    ...PREFIX,
    namespace: text({ value: "<name>", summary: "whose instances it runs (default default)" }),
    concurrency: integer({ min: 1, summary: "instances at once, per workflow (default 100)" }),
    minimum: choice({
      choices: ["A", "B", "C", "D", "F"],
      summary: "the durability grade of Redis below which it does not start",
    }),
    grace: duration({
      summary: "how long running steps may go on after a signal (default: as long as they take)",
    }),
    healthPort: port({ summary: "answers /healthz and /readyz there; 0 takes a free port" }),
    healthHost: text({ value: "<name>", summary: "the address of that port (default 127.0.0.1)" }),
    ...LOG,
    ...PROJECT,
  },
  examples: [
    { line: "worker src/workflows.ts --redis redis://redis:6379", summary: "a module" },
    { line: "worker dist/workflows.js --health-port 8081 --log json", summary: "in a container" },
  ],
  execute: async ({ args, flags, terminal }) => {
    const { work } = await import("../worker/work.ts");
    const environment = readEnvironment();
    return await work(
      {
        entry: resolve(args.entry),
        redisUrl: demandRedis(flags.redis),
        prefix: flags.prefix,
        namespace: flags.namespace ?? environment.namespace,
        concurrency: flags.concurrency,
        minimum: flags.minimum,
        environment: flags.env,
        bindingsFile: flags.bindings,
        healthPort: flags.healthPort,
        healthHost: flags.healthHost ?? "127.0.0.1",
        graceMs: flags.grace,
        log: { form: flags.log ?? "text", level: flags.logLevel ?? "info" },
      },
      terminal,
    );
  },
});
