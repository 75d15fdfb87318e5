/** `server`: the REST API in production. */
import { command } from "../command.ts";
import type { Command } from "../command.ts";
import { port, proxies, text, texts, toggle } from "../flags.ts";
import { demandRedis } from "./demand-redis.ts";
import { GIVEN_REDIS, LOG, PREFIX } from "./running-flags.ts";

export const server: Command = command({
  name: "server",
  summary: "Serves the REST API",
  details: `Serves the REST API that Cloudflare's SDK and this command line talk to. It runs no workflows.

Without API tokens only programs on the same machine are served, so it refuses to listen for others until
there is one: see \`tokens create\`.`,
  flags: {
    ...GIVEN_REDIS,
    ...PREFIX,
    namespace: texts({
      value: "<name>",
      summary: "a namespace that is served, each as an account; may be repeated (default default)",
    }),
    port: port({ summary: "where it answers; 0 takes a free port (default 8080)" }),
    host: text({ value: "<name>", summary: "the address it listens on (default 127.0.0.1)" }),
    basePath: text({ value: "<path>", summary: "what its paths begin with (default /client/v4)" }),
    trustProxy: proxies({
      summary: "what says where calls come from: how many proxies there are, or their addresses",
    }),
    privateWebhooks: toggle({
      summary: "lets webhooks go to networks that are not the public internet, by https",
    }),
    ...LOG,
  },
  examples: [
    { line: "server --redis redis://localhost:6379", summary: "for programs on this machine" },
    { line: "server --host 0.0.0.0 --log json", summary: "for everybody who has a token" },
  ],
  execute: async ({ flags, terminal }) => {
    const { serve } = await import("../server/serve.ts");
    return await serve(
      {
        redisUrl: demandRedis(flags.redis),
        prefix: flags.prefix,
        namespaces: flags.namespace,
        port: flags.port,
        hostname: flags.host,
        basePath: flags.basePath,
        trustProxy: flags.trustProxy,
        allowPrivateWebhooks: flags.privateWebhooks,
        log: { form: flags.log ?? "text", level: flags.logLevel ?? "info" },
      },
      terminal,
    );
  },
});
