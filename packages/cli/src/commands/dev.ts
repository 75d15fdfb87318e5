/** `dev [entry]`: everything that it takes to write a workflow, in one command. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { readEnvironment } from "../environment.ts";
import { optional, port, text } from "../flags.ts";
import { OWN_REDIS, PREFIX, PROJECT } from "./running-flags.ts";

export const dev: Command = command({
  name: "dev",
  summary: "Runs your workflows while you write them, and the REST API beside them",
  details: `Starts a Redis-compatible server, your workflows and the REST API, and loads your code again when one of
its files changes. Instances go on where they are. Code that cannot be loaded is shown with its place, and the
version before stays.

The entry is a file that exports workflow classes, or \`register(engine)\`, or an engine of its own; or the
folder of a Cloudflare project, whose fetch handler is then served too. Of a folder it takes src/workflows.ts,
workflows.ts, src/index.ts or index.ts.`,
  args: { entry: optional("a file or a folder, by default this one") },
  flags: {
    port: port({ summary: "where everything answers; 0 takes a free port (default 8787)" }),
    host: text({ value: "<name>", summary: "the address it listens on (default localhost)" }),
    ...OWN_REDIS,
    ...PREFIX,
    namespace: text({
      value: "<name>",
      summary: "whose instances these are; the account_id of the API (default default)",
    }),
    ...PROJECT,
  },
  examples: [
    { line: "dev", summary: "what is in this folder" },
    { line: "dev src/orders.ts --persist .data", summary: "a file; instances survive a restart" },
  ],
  execute: async ({ args, flags, terminal }) => {
    const { develop } = await import("../dev/develop.ts");
    const environment = readEnvironment();
    return await develop(
      {
        entry: resolve(args.entry ?? "."),
        port: flags.port ?? 8787,
        hostname: flags.host ?? "localhost",
        redisUrl: flags.redis ?? environment.redisUrl,
        dataDir: flags.persist,
        prefix: flags.prefix,
        namespace: flags.namespace ?? environment.namespace,
        environment: flags.env,
        bindingsFile: flags.bindings && resolve(flags.bindings),
      },
      terminal,
    );
  },
});
