/** `bench`: what workflows cost on somebody's own Redis. */
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { integer, text, toggle } from "../flags.ts";
import { toJson } from "../text.ts";

export const bench: Command = command({
  name: "bench",
  summary: "Measures what workflows cost on your Redis, beside raw BullMQ jobs",
  details: `Runs workflows of a few steps that do nothing, and as many raw BullMQ jobs, and compares throughput, latency and
CPU time. Every key that it writes begins with a prefix of that run's own, and is removed at the end. It takes
a Redis only when it is named by --redis, and refuses one that evicts or is almost full; otherwise it starts
a server of its own.`,
  flags: {
    redis: text({ value: "<url>", summary: "the Redis to load (default: a server of its own)" }),
    instances: integer({ min: 10, max: 1_000_000, summary: "workflows to run (default 2000)" }),
    steps: integer({ min: 1, max: 1_000, summary: "steps of each (default 3)" }),
    concurrency: integer({ min: 1, max: 10_000, summary: "at once (default 100)" }),
    json: toggle({ summary: "writes JSON" }),
  },
  examples: [{ line: "bench --redis redis://localhost:6379", summary: "on your Redis" }],
  execute: async ({ flags, terminal }) => {
    const { benchOn } = await import("../bench/bench-on.ts");
    const result = await benchOn(
      flags.redis,
      {
        instances: flags.instances ?? 2_000,
        steps: flags.steps ?? 3,
        concurrency: flags.concurrency ?? 100,
      },
      terminal,
    );
    if (flags.json) return terminal.say(toJson(result));
    const { reportOn } = await import("../bench/report.ts");
    for (const line of reportOn(result, terminal.width)) terminal.say(line);
  },
});
