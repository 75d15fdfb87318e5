/** `doctor`: is this Redis fit for workflows, and are the workflows on it well. */
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { choice, text, texts, toggle } from "../flags.ts";
import { toJson } from "../text.ts";
import { demandRedis } from "./demand-redis.ts";
import { PREFIX } from "./running-flags.ts";

export const doctor: Command = command({
  name: "doctor",
  summary: "Examines Redis and the workflows on it, and says what to do",
  details: `Looks at versions, durability, memory, eviction, latency, clocks and replicas, and at every workflow for what is
stuck, overdue or lost. It changes nothing, and what it costs does not grow with the number of instances.

Exits with 0 when all is well, 1 when there is a problem (with --strict also for a warning), 5 when Redis
cannot be reached: a deployment can wait for it.`,
  flags: {
    redis: text({ value: "<url>", summary: "the Redis to examine (default: REDIS_URL)" }),
    ...PREFIX,
    namespace: texts({
      value: "<name>",
      summary: "whose workflows are looked at; may be repeated (default default)",
    }),
    minimum: choice({
      choices: ["A", "B", "C", "D", "F"],
      summary: "the durability grade below which it is a problem (default C)",
    }),
    strict: toggle({ summary: "takes warnings for problems" }),
    json: toggle({ summary: "writes JSON" }),
  },
  examples: [
    { line: "doctor --redis redis://localhost:6379", summary: "for people" },
    { line: "doctor --minimum B --strict --json", summary: "before a deployment" },
  ],
  execute: async ({ flags, terminal }) => {
    const { examine } = await import("../doctor/examine.ts");
    const examination = await examine(
      {
        redisUrl: demandRedis(flags.redis),
        prefix: flags.prefix ?? "bw",
        namespaces: flags.namespace.length > 0 ? flags.namespace : ["default"],
        minimum: flags.minimum ?? "C",
      },
      (what) => terminal.progress(what),
    );
    if (flags.json) terminal.say(toJson(examination));
    else {
      const { reportOn } = await import("../doctor/report.ts");
      for (const line of reportOn(examination)) terminal.say(line);
    }
    const isIll = flags.strict ? ["warning", "problem"] : ["problem"];
    return isIll.includes(examination.level) ? EXIT.failed : EXIT.ok;
  },
});
