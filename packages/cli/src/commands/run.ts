/** `run <folder>`: a whole Cloudflare project in this process. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { readEnvironment } from "../environment.ts";
import { optional, port, text } from "../flags.ts";
import { OWN_REDIS, PREFIX, PROJECT } from "./running-flags.ts";

export const run: Command = command({
  name: "run",
  summary: "Runs a Cloudflare Workflows project",
  details: `Runs the project in the folder: the workflows of its wrangler.jsonc, wrangler.json or wrangler.toml,
and its fetch handler.`,
  args: { folder: optional("where the project is, by default here") },
  flags: {
    port: port({ summary: "where the fetch handler answers; 0 takes a free port (default 8787)" }),
    host: text({ value: "<name>", summary: "the address it listens on (default localhost)" }),
    ...OWN_REDIS,
    ...PROJECT,
    ...PREFIX,
  },
  examples: [
    { line: "run", summary: "the project in this folder, on a Redis of its own" },
    { line: "run shop --port 0 --redis redis://localhost:6379", summary: "on yours" },
  ],
  execute: async ({ args, flags, terminal }) => {
    const { runHere } = await import("../run-project.ts");
    await runHere(
      {
        directory: resolve(args.folder ?? "."),
        port: flags.port,
        hostname: flags.host,
        redisUrl: flags.redis ?? readEnvironment().redisUrl,
        dataDir: flags.persist,
        environment: flags.env,
        bindingsFile: flags.bindings,
        prefix: flags.prefix,
      },
      terminal,
    );
  },
});
